"""The answer at the end of a sentence that says more than the answer."""

import re
from collections.abc import Callable

_LONGEST = 400
"""Longest sentence in characters that is looked through."""
_MOST = 16
"""Most places that are tried."""
_MONTH = (
    "January|February|March|April|May|June|July|August|September|October|November|December|"
    "Sunday|Monday|Tuesday|Wednesday|Thursday|Friday|Saturday"
)
_WORDED = (
    "negative|minus|zero|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|"
    "fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|"
    "eighty|ninety|half|noon|midnight|all|no"
)
_START = re.compile(
    r"(?<![A-Za-z0-9.^_\\])(?:"
    r"[-+±]?[$€£¥]?(?:[0-9]|\.[0-9])|[-+±]?\\|\$|[({\[|√π∅|-]"
    rf"|(?:{_MONTH})\b|(?i:(?:an?\s+)?(?:{_WORDED}|quarter|third|fifth|dozen))\b"
    r"|[A-Za-z](?:_\w|_\{\w+\})?(?:\([A-Za-z]\))?\s*(?:[=<>≤≥≠∈]|\\[lg]eq?|\\in\b|\\neq?))"
    r"|(?<![0-9零〇一二两三四五六七八九十百千万亿点又分之])"
    r"[负零〇一二两三四五六七八九十百千半第]"
    r"|[上下中]午|凌晨|晚上|早上|每|全体|任意|无数|周[一二三四五六日天]|星期",
)
_BEHIND = re.compile(
    r"\s+(?:in\s+(?:total|all)|altogether|in\s+the\s+end|left(?:\s+over)?|remaining|respectively|"
    r"as\s+(?:required|desired))\s*\Z|(?:了|左右|吧|呢|啊)\Z"
)
_JOINS = re.compile(
    r"[0-9)}\]$%°]\s*[,，、;；/]\s*\Z|\b(?:and|or|of|by|than|at\s+least|at\s+most)\s*\Z|[和或与及不]\Z"
)
"""What before a value means that the value is a part of something, or no value by itself."""


_HEDGE = re.compile(r"\b(?:or|either|maybe|perhaps|possibly)\b|[或]|可能|也许|还是", re.IGNORECASE)


_CONCLUSION = re.compile(
    r"(?:所以|因此|从而|于是|综上(?:所述)?|即|故|解得|求得|可得|得到?|答[:：]|则)[,，:：]?\s*"
    r"|(?:^|(?<=[\s,;.]))(?:so|hence|thus|therefore|that\s+is|we\s+(?:get|have|obtain)|giving|which\s+"
    r"gives)\b[,:]?\s*",
    re.IGNORECASE,
)
_REMARK = re.compile(
    r"\s*[(（](?:=|≈|\$\s*[=\\]|about|approx|约|或|即|i\.e)[^()（）]*[)）]\s*\Z", re.IGNORECASE
)


def conclusion(sentence: str) -> str:
    """Return what follows the last "so" of a sentence, 故 or 所以; without one, the sentence."""
    text = _REMARK.sub("", sentence.strip().rstrip(".。!！"))
    for mark in reversed(list(_CONCLUSION.finditer(text))):
        if found := text[mark.end() :].strip(" ,，:：*"):
            return found
    return text


def derived(text: str) -> str | None:
    """Return the last of several equations about different things: a = 2, b = 3, ab = 6.

    None where a text has one, or several about the same thing, which are all of its values.
    """
    items = re.split(r"[,，;；]", text)
    sides = [item.split("=")[0].strip(" $") for item in items if "=" in item]
    names = {re.sub(r"_?\{?[0-9]\}?$", "", side) for side in sides}
    if len(items) < 2 or len(sides) < len(items) or len(names) < len(sides):
        return None
    return items[-1].strip()


def is_hedged(sentence: str, value: str) -> bool:
    """Return whether a sentence offers something else besides the value at its end."""
    return _HEDGE.search(sentence.removesuffix(value)) is not None


def tail(sentence: str, is_answer: Callable[[str], bool]) -> str | None:
    """Return the longest end of a sentence that is an answer by itself; None where none is.

    Of 答：一共种了四十八棵树 it is 四十八棵树, of "It falls on March 15, 2024." the date. What
    begins behind a comma or an "or" is a part of something else.

    Args:
        sentence: One sentence, or the last ones of a text; its last 400 characters count.
        is_answer: Whether a text can be read whole.
    """
    text = _REMARK.sub("", sentence[-_LONGEST:].strip().rstrip(".。 ")).rstrip(".。!！,，;； ")
    text = _BEHIND.sub("", text)
    for start in list(_START.finditer(text))[-_MOST:]:
        found = text[start.start() :]
        if _JOINS.search(text, 0, start.start()) or not _is_whole(found):
            continue
        first, *_, last = (*re.split("[,，]", found), "") if "," not in found else found.split(",")
        if "=" in last and "=" not in first:  # 3 of 6 ways, P = 1/2
            continue
        if is_answer(found):
            return found
    return None


def _is_whole(text: str) -> bool:
    """Return whether a text says something, and doesn't begin with what ends a formula."""
    dollars = text.count("$")
    return (
        text.count("{") == text.count("}")
        and any(map(str.isalnum, text[1:] or text))
        and (dollars % 2 == 0 or (dollars == 1 and text[:1] == "$" and text[1:2].isdigit()))
    )
