"""Numbers in words where they stand in a longer text."""

import re
from fractions import Fraction
from functools import lru_cache

from potstill.verifiers.expressions.nodes import Number
from potstill.verifiers.numerals.english import (
    FIRST,
    SCALES,
    WORDS,
    after_figures,
    number,
)
from potstill.verifiers.numerals.han import HAN, NUMBER, VALUE, chinese

_STARTS = frozenset(
    "负負半零〇一二两三四五六七八九十百千万廿卅壹贰貳兩叁參肆伍陆陸柒捌玖拾佰仟萬"
    "0123456789aefhmnostzAEFHMNOSTZ"
)
"""Characters that a number in words may begin with, or in figures with words behind them."""
_WINDOW = 160
"""Characters that are looked at."""
_PERCENT = re.compile(rf"百分之(负?{VALUE})")
_HALF = re.compile(
    r"一?半(?=个|小时|天|年|日|月|米|公里|斤|公斤|千克|升|吨|杯|瓶|箱|圈|[^\u4e00-\u9fff]|$)"
)
_AND_A_HALF = re.compile(r"个半(?=小时|月|钟头|星期|[^\u4e00-\u9fff]|$)")
_INEXACT = re.compile("[几多余]|来[个岁]")
_ORDINAL = frozenset("第期周拜初")
"""What makes an ordinal or a day of the week of the number behind it."""
_WORD = re.compile(
    "[一二三四五六七八九十两](?:角[形函锥柱板]|边形|面体|面角|棱|次[函方不项曲]|象限|元[一二三]?次)"
    "|一[样定共些致般直起切旦律带下一]|[三四五六七八九十]边|十分(?!之|钟)|千里|万一|百合|两者"
    "|[一二三四五六七八九十]月"
)
"""Words and terms that begin like a number."""
_KILO = re.compile("[克米瓦卡伏帕焦赫牛欧安]")
_MEGA = re.compile("[瓦赫帕焦欧字比位]")
_FIGURES = re.compile(r"([0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(\.[0-9]+)?")
_GAP = r"(?:[ ~]|\\[,;: ])*"
_SCALE = re.compile(
    rf"{_GAP}-?(?:({'|'.join(SCALES)})|\\(?:text|mathrm)\s*\{{{_GAP}({'|'.join(SCALES)})\s*\}})"
    r"(?![A-Za-z])",
    re.IGNORECASE,
)
_AND_PART = re.compile(
    r" and ((?:a|one)[ -](?:half|third|quarter)|(?:two|three) (?:thirds|quarters))"
)
_NEXT = re.compile(r"(?:\s+|\s?-\s?)?([A-Za-z]+)")
_LEFT_OPEN = frozenset({"and", "a", "an"})


def match(text: str, start: int) -> tuple[Number, int] | None:
    """Return the number in words that starts at a place, and where it ends.

    Words are Han or English, or figures with 万, 亿, million, dozen, "and a half" behind them;
    figures alone are left to the caller. The longest number that can be read counts. There is none
    in words that only begin like one (三角形, 一样, 星期三, one-way, half past), and none that is
    only about so large (十几, 一百多). 百分之五 is the number 5/100: see `percent`.
    """
    if start >= len(text) or text[start] not in _STARTS:
        return None
    if start and (text[start - 1] in _ORDINAL or _joined(text[start - 1], text[start])):
        return None
    found = _match(text[start : start + _WINDOW])
    return (found[0], start + found[1]) if found else None


def percent(text: str, start: int) -> tuple[Number, int] | None:
    """Return the figure of a percentage in Chinese that starts at a place: 5 for 百分之五.

    Whoever keeps percent as a unit calls this before `match`.
    """
    if not text.startswith("百分之", start):
        return None
    found = _PERCENT.match(text, start, start + _WINDOW)
    value = chinese(found[1]) if found else None
    if found is None or value is None or _INEXACT.match(text, found.end()):
        return None
    return Number(value, _places(found[1])), found.end()


def _joined(before: str, first: str) -> bool:
    if first.isascii() and first.isalpha():
        return before.isascii() and (before.isalnum() or before in "\\_-")
    return first.isdigit() and (before.isdigit() or before in ".,_")


@lru_cache(maxsize=4096)
def _match(text: str) -> tuple[Number, int] | None:
    if not text[0].isascii():
        return _han(text)
    return _figures(text) if text[0].isdigit() else _english(text)


def _han(text: str) -> tuple[Number, int] | None:
    if half := _HALF.match(text):
        return Number(Fraction(1, 2)), half.end()
    if _WORD.match(text) or not (run := NUMBER.match(text)):
        return None
    end = run.end()
    if _INEXACT.match(text, end):
        return None
    if text[end - 1] == "千" and end > 1 and _KILO.match(text, end):
        end -= 1
    value = chinese(text[:end])
    if value is None and text[end - 1] == "两":  # a unit of mass, as in 三两
        end -= 1
        value = chinese(text[:end])
    return None if value is None else _with_half(text, value, end)


def _with_half(text: str, value: Fraction, end: int) -> tuple[Number, int]:
    half = _AND_A_HALF.match(text, end) if value.denominator == 1 else None
    if half:
        return Number(value + Fraction(1, 2)), half.end()
    return Number(value, _places(text[:end])), end


def _places(text: str) -> int | None:
    """Return how many decimals are written, where these are all that follows the point."""
    for point in () if "分之" in text else ".点點":
        after = text.partition(point)[2]
        if after:
            return len(after) if not set(after) & set("十百千万亿兆萬億") else None
    return None


def _figures(text: str) -> tuple[Number, int] | None:
    figures = _FIGURES.match(text)
    if figures is None or figures.end() == len(text):
        return None
    end, behind = figures.end(), text[figures.end()]
    if behind in HAN or text.startswith("分之", end) or behind == "又":
        return _figures_and_han(text, figures)
    if behind not in " ~\\-hmbtdHMBTD":
        return None
    value = Fraction(figures[1].replace(",", "") + (figures[2] or ""))
    if scale := _SCALE.match(text, end):
        return Number(value * SCALES[(scale[1] or scale[2]).lower()]), scale.end()
    if (part := _AND_PART.match(text, end)) and not figures[2]:
        sum_ = after_figures(value, ("and", *re.split("[ -]", part[1])))
        return (Number(sum_), part.end()) if sum_ else None
    return None


def _figures_and_han(text: str, figures: re.Match[str]) -> tuple[Number, int] | None:
    text = figures[0].replace(",", "") + text[figures.end() :]
    if (run := NUMBER.match(text)) is None:
        return None
    end = run.end()
    if _INEXACT.match(text, end):
        return None
    if (text[end - 1] == "千" and _KILO.match(text, end)) or (
        text[end - 1] == "兆" and _MEGA.match(text, end)
    ):
        end -= 1
    commas = figures[0].count(",")
    value = chinese(text[:end]) if end + commas > figures.end() else None
    return (Number(value), end + commas) if value is not None else None


def _english(text: str) -> tuple[Number, int] | None:
    words: list[str] = []
    ends: list[int] = []
    end = 0
    while (found := _NEXT.match(text, end)) and (word := found[1].lower()) in WORDS:
        if not words and word not in FIRST:
            return None
        words.append(word)
        ends.append(end := found.end())
    for count in range(len(words), 0, -1):
        value = number(words[:count])
        if value is not None and _may_end(text, words[count:], ends[count - 1]):
            return Number(value), ends[count - 1]
    return None


def _may_end(text: str, rest: list[str], end: int) -> bool:
    """Return whether a number may end here: no other number and no word is joined to it."""
    if rest and (rest[0] not in _LEFT_OPEN or text[end] == "-"):
        return False
    behind = text[end : end + 6]
    joined = behind[:1] == "-" and behind[1:2].isalpha()
    return not joined and not behind[:1].isalnum() and not behind.startswith((" past", " o'cl"))
