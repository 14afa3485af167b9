"""The answer of a response that marks none: the whole of it, or what it comes to at its end."""

import re
from collections.abc import Iterator

from potstill.verifiers.answers.answer import Answer
from potstill.verifiers.answers.clauses import FORMULA, NUMBER, inside, side, stated
from potstill.verifiers.plain import plain, prose

_TAIL = 4_000
"""Characters at the end of a response in which an unmarked answer is looked for."""
_LINE = 100
"""Longest response in characters that may be nothing but an answer."""
_EXPRESSION = 2_000
"""Longest one that may be nothing but a formula."""
_QUANTITY = re.compile(
    r"[-+]?\s?[$€£¥]?\s?[0-9][0-9,.]*(?:/[0-9]+)?\s?(?:[^\s0-9.,;]+\s?){0,3}[.]?"
)
_LABEL = re.compile(
    r"\b(?:step|equation|eqn?\.?|case|part|figure|fig\.?|theorem|lemma|method|question|problem|example|"
    r"table|section|chapter|condition|option|footnote)s?\s*[(#]?\s*[0-9]+(?:\.[0-9]+)*[):.]?"
    r"|(?:第\s*[0-9]+\s*[步题问章节个空种次条组]?|(?:步骤|方法|情况|问题|例|图|表|式|方程|题|解法)\s*[(]?\s*[0-9]+)\s*[):.、：]?"
    r"|^[ \t>*#]*(?:[0-9]{1,2}[.)、]|\([0-9]{1,2}\))[ \t]*(?=[^\s0-9])|\[[0-9]{1,2}\]|[①-⑳]",
    re.IGNORECASE | re.MULTILINE,
)
_REMARK = re.compile(
    r"[\s*_>(]*(?:note\b|i\s+hope|hope\s+th|let\s+me\s+know|feel\s+free|if\s+you\s+have|this\s+(?:completes|"
    r"concludes)|(?:let(?:'s|\s+us)\s+)?(?:check|verif)|for\s+reference|希望|注意?[:：]|备注|检查|验证|检验|"
    r"如有|以上[就是为])",
    re.IGNORECASE,
)
_ASIDE = re.compile(r"[(（][^()（）\n]*(?:[A-Za-z]{2}|[\u3400-\u9fff]|%)[^()（）\n]*[)）]")
_SHARE = re.compile(
    r",\s+(?:which\s+(?:is|was|makes|represents)|or|about|representing)\s+[^,.]{0,30}?[0-9.]+\s?\\?%.*",
    re.S,
)
_BOLD = re.compile(r"\*\*([^*\n]{1,200})\*\*|`([^`\n]{1,100})`")
_ENDS = re.compile(r"(?<=[。！？；\n])|(?<=[.!?])\s+(?=[A-Z$\\*(\u3400-\u9fff\ufffc])")
_HELD = "\ufffc"
"""Stands for a formula while sentences are told apart."""
_ROWS = re.compile(r"\\\\(?:\[[^\]]*\])?")
_MATRIX = re.compile(r"\\begin\{(?:[pbvBV]?matrix|cases|array)")
_GRID = re.compile(r"\\(?:begin|end)\{[a-z]+\*?\}|&|\\\\")
_ALONE = re.compile(r"\\?[A-Za-z]+")
_DIGIT_WORDS = (
    "zero|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|"
    "sixteen|seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|"
    "hundred|thousand|million|dozen|half|third|thirds|quarters?"
)
_SPELT = re.compile(
    rf"\b(?:{_DIGIT_WORDS})(?:(?:\s+and)?[\s-]+(?:{_DIGIT_WORDS}))*\b(?!\s+of\s+(?:the|them|these|those))",
    re.IGNORECASE,
)
_HAN = "零〇一二两三四五六七八九十百千万亿半"
_HAN_NUMBER = re.compile(
    rf"(?:[是为有得共剩需要用了]|等于)\s*(负?[{_HAN}]+(?:分之[{_HAN}]+|点[{_HAN}]+)?)"
)
_CONCLUDES = re.compile(r"(?:so|therefore|thus|hence|in\s+conclusion)\b|所以|因此|故|综上", re.I)
_TOLD = re.compile(
    r"(?:^|\s)(?:is|are|was|were|be|called|named|:)\s+(?!not\b)([^:]{1,100})$"
    r"|(?:(?<!不)[是为叫]|等于|[:：])\s*([^是为：:，,]{1,60})$"
)
_YES_NO = re.compile(
    r"(?:(?:so|therefore|thus|hence|in\s+conclusion),?\s+)?(yes|no|true|false)\b|(是的|不是|正确|错误|不对|对|错|是|否)"
    r"(?=[,，。.;；!]|$)",
    re.IGNORECASE,
)


def unmarked(text: str, *, words: bool = False) -> Answer | None:
    """Return what may be the answer of a text that marks none.

    Args:
        text: The answering part of a response.
        words: Whether words are expected, such as a name, rather than mathematics.
    """
    text = text.strip()
    if found := _whole(text, words):
        return found
    if words:
        return _last_words(text) or last_value(text)
    found = last_value(text)
    return found or (Answer(text, "whole") if 0 < len(text) <= 30 else None)


def last_value(text: str) -> Answer | None:
    """Return the value that a text comes to: of its last sentence that has one.

    In a sentence it is what stands in bold, else the last formula or number, whichever ends last;
    of a formula such as `x = 3 + 4 = 7` what follows the last `=`. The numbers of steps, equations
    and list items are none, nor are remarks at the end and in brackets.
    """
    sentences = list(_sentences(text[-_TAIL:]))
    last = [one for one in sentences if not _REMARK.match(one)] or sentences
    for sentence in reversed(last):
        if found := _value(sentence):
            return found
    for sentence in reversed(last[-2:]):
        if found := _spelt(sentence):
            return found
    return None


def numbers(text: str) -> list[str]:
    """Return the numbers that stand alone in a text, as written."""
    return [match[0].strip() for match in NUMBER.finditer(text)]


def _whole(text: str, words: bool) -> Answer | None:
    if not text or len(text) > _EXPRESSION:
        return None
    if (formula := FORMULA.fullmatch(text)) and not prose(inside(formula)):
        return Answer(side(_last_row(inside(formula))), "whole")
    if "\n" in text and not _MATRIX.match(text):
        return None
    bare = plain(text)
    if len(text) <= _LINE and (_QUANTITY.fullmatch(bare) or words and _alone(text)):
        return stated(text, "whole")
    if prose(bare):
        return None
    found = stated(text, "whole") if len(text) <= _LINE else None
    return found or Answer(side(text), "whole")


def _alone(text: str) -> bool:
    """Return whether a line is one sentence that doesn't conclude something."""
    return not _CONCLUDES.match(text) and len(list(_sentences(text))) == 1


def _sentences(text: str) -> Iterator[str]:
    """Yield the sentences of a text, formulas in one piece, the numbers of labels blanked out."""
    formulas = (match[0] for match in FORMULA.finditer(text.replace(_HELD, " ")))
    masked = FORMULA.sub(_HELD, text.replace(_HELD, " "))
    masked = _LABEL.sub(lambda match: " " * len(match[0]), masked)
    for sentence in _ENDS.split(masked):
        if sentence.strip():
            yield re.sub(_HELD, lambda _: next(formulas), sentence).strip()


def _value(sentence: str) -> Answer | None:
    bold = [
        one for match in _BOLD.finditer(sentence) if (one := _plain_value(match[1] or match[2]))
    ]
    if bold:
        return Answer(bold[-1].text, "bold")
    bare = _SHARE.sub("", _ASIDE.sub(" ", sentence))
    return _plain_value(bare) or _plain_value(sentence)


def _plain_value(sentence: str) -> Answer | None:
    found = list(NUMBER.finditer(sentence))
    formulas = [match for match in FORMULA.finditer(sentence) if not prose(plain(inside(match)))]
    telling = [match for match in formulas if not _ALONE.fullmatch(inside(match))]
    if telling and (not found or found[-1].end() <= telling[-1].end()):
        value = side(_last_row(inside(telling[-1])))
        if value and "=" in value and not re.search("[<>,;]", value):
            value = value.rpartition("=")[2].strip() or value
        return Answer(value.strip(" .,;"), "last_formula") if value.strip(" .,;") else None
    return Answer(found[-1][0].strip(), "last_number") if found else None


def _last_row(formula: str) -> str:
    """Return the last row of a derivation in several; a matrix stays whole."""
    if "\\\\" not in formula or _MATRIX.search(formula):
        return formula
    rows = [row for row in _ROWS.split(formula) if _GRID.sub("", row).strip()]
    return _GRID.sub("", rows[-1]).strip() if rows else formula


def _spelt(sentence: str) -> Answer | None:
    """Return the last number in words; `one of them` is none."""
    if found := list(_HAN_NUMBER.finditer(sentence)):
        return Answer(found[-1][1], "last_number")
    spelt = list(_SPELT.finditer(sentence))
    return Answer(spelt[-1][0], "last_number") if spelt else None


def _last_words(text: str) -> Answer | None:
    """Return a yes or no at the start of the last sentence or text, or what that sentence tells."""
    sentences = list(_sentences(text[-_TAIL:]))
    if not sentences:
        return None
    for sentence in (sentences[-1], text[:200].lstrip("*# ")):
        if found := _YES_NO.match(sentence.strip()):
            return Answer(found[1] or found[2], "last_words")
    if bold := _BOLD.findall(sentences[-1]):
        return Answer(bold[-1][0] or bold[-1][1], "last_words")
    told = _TOLD.search(sentences[-1].rstrip(" .。!"))
    return stated(told[1] or told[2], "last_words") if told else None
