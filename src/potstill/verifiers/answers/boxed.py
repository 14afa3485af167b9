r"""The answer in the boxes of a response.

The last box counts, with those that belong to it: side by side, in one sentence, or the parts of
one question. Between a box and its correction stands more than that.
"""

import re

from potstill.text.answers import Box, boxes
from potstill.verifiers.answers.answer import Answer
from potstill.verifiers.answers.clauses import alternatives, side

_MOST = 20
"""Most boxes that are looked at, from the last one."""
_DRESSING = re.compile(
    r"(?:[\s$,;，；、.。*&]|\\\\|\\[()\[\],;]|\\q?quad(?![A-Za-z])|\\(?:text|mathrm)\{|\}|"
    r"(?:and|or|And|Or)\b|或者?|[和与及且]){0,30}"
)
_BESIDE = re.compile(
    r"[\s$,;，；、*]*(?:\\[()\[\]])?[\s$,;，；、]*(?:\\q?quad(?![A-Za-z])|\\text\{|\}|(?:and|or)\b|\\[()]|"
    r"或者?|[和与及]|[\s$,;，；、]){0,20}(?P<name>(?:\\?[A-Za-z]+(?:_(?:\w|\{\w*\}))?\s*=\s*)?)\$?"
)
_PART = re.compile(
    r"(?:^|[\s$*,;，；。.#>-])(?:[(（](?:[a-h]|[ivx]{1,4}|[1-9一二三四五六])[)）]|[a-h]\)|"
    r"(?:part|Part)\s*[(（]?[A-Ha-h1-9ivx]{1,3}[)）]?|第[一二三四五六1-9][问题空小])"
)
_JOINS = re.compile(r"\b(?:and|or)\b|[,;，；、和与及或]")
_SENTENCE = re.compile(r"[.!?][$*)\\\]]*\s+[A-Z]|[。！？]|\n\s*\n")
_TURNS = re.compile(
    r"\b(?:wait|no|not|but|actually|check(?:ing|s)?|correct(?:ion|ed)?|rather|instead|however|then|so|"
    r"thus|hence|therefore|giv(?:es|ing)|impl(?:y|ies)|means|verify|hmm|oops|sorry|mistake|because|"
    r"since|simplif\w+|which|becomes|equals|using|substitut\w+|get|obtain|we\s+have)\b|"
    r"\\(?:implies|Rightarrow|Longrightarrow|to|therefore|approx)(?![A-Za-z])|[⇒→∴≈]|^[\s$)]*=|"
    r"不对|不是|更正|错|应|所以|因此|故|则|即|于是|从而|可得|得到|检查|验证|代入",
    re.IGNORECASE,
)
_NAME = re.compile(r"(?<![A-Za-z\\])(\\?[A-Za-z]+(?:_(?:\w|\{\w*\}))?)\s*=\s*[$\s]*\Z")
_BEHIND = re.compile(
    r"\s*(?:\$|\\\))?\s*(\\?%|°|\^\s*\{?\s*\\circ\s*\}?|_\{?[0-9]{1,2}\}?(?![0-9])|(?:percent|pct)\b"
    r"|\\(?:text|mathrm|mbox|textnormal)\{\s*(?!(?:and|or|for|if|is|as|to|in|when|where)\b)"
    r"[A-Za-z]+(?:/[A-Za-z]+)?\.?\s*\}(?:\s*\^\s*\{?[23]\}?)?)"
)


def last_boxed(text: str) -> tuple[Answer, int] | None:
    """Return the answer that the last boxes hold, and where they end; None where no box is."""
    found: list[Box] = []
    for box in boxes(text):
        found.append(box)
        if len(found) == _MOST:
            break
    if not found:
        return None
    found.reverse()
    first = len(found) - 1
    while first > 0 and _together(text[found[first - 1].end : found[first].start]):
        first -= 1
    return _answer(text, found[first:], found), found[-1].end


def _together(between: str) -> bool:
    """Return whether two boxes with this text between them are parts of one answer."""
    if len(between) > 200:
        return False
    if _BESIDE.fullmatch(between):
        return True
    if _TURNS.search(between):
        return False
    if _PART.search(between):
        return True
    return len(between) <= 120 and bool(_JOINS.search(between)) and not _SENTENCE.search(between)


def _answer(text: str, last: list[Box], every: list[Box]) -> Answer:
    parts = tuple(dict.fromkeys(box.text for box in every))
    if len(last) == 1:
        box = last[0]
        behind = _BEHIND.match(text, box.end)
        written = side(box.text) + _unit(behind)
        offered = alternatives(box.text)
        return Answer(written, "boxed", offered or (parts if len(parts) > 1 else ()), bool(offered))
    names = [_name(text, box) for box in last]
    different = all(names) and len(set(names)) == len(names)
    written = [
        f"{name} = {box.text}" if different and "=" not in box.text else box.text
        for name, box in zip(names, last, strict=True)
    ]
    pairs = zip(last, last[1:], strict=False)
    either = any(re.search(r"\bor\b|或", text[a.end : b.start]) for a, b in pairs)
    return Answer(", ".join(dict.fromkeys(written)), "boxed", parts, either)


def _unit(behind: re.Match[str] | None) -> str:
    if behind is None:
        return ""
    return f" {behind[1]}" if behind[1][0].isalpha() else behind[1]


def _name(text: str, box: Box) -> str:
    r"""Return what a box is said to equal: the `x` of `x = \boxed{1}`."""
    named = _NAME.search(text, max(0, box.start - 40), box.start)
    return named[1] if named else ""
