r"""Answers in everyday words or school notation, rewritten as the mathematics that they say."""

import re

_UNIT = r"[A-Za-z\u3400-\u9fff²³]+"
_SPAN = "小时|分钟|时|分|秒|天|周|月|年"
_PART = (
    r"(?:an?\s+|one\s+|two\s+|three\s+|four\s+)?"
    r"(?:half|halves|thirds?|quarters?|fourths?|fifths?|tenths?|[0-9]+/[0-9]+)"
)

_PIECES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), written)
    for pattern, written in (
        (r"零下\s*(?=[0-9零一二三四五六七八九十])", "-"),
        (r"正负\s*(?=[0-9\\(A-Za-z])", "±"),
        (rf"每({_SPAN})\s*([0-9][0-9.]*)\s*(?=({_UNIT})\Z)({_UNIT})", r"\2\4/\1"),
        (r"(?<=[\u3400-\u9fffA-Za-z]{2})!+\Z", ""),
        (
            r",?\s*(?:\(|（)?\s*(?:for|where|with)\s+(?=.*\b(?:constants?|integers?|reals?)\b)"
            r"[^=<>]*\Z",
            "",
        ),
        (r"\s*[(（]\s*\$?[a-z]\$?\s*(?:为|是)(?:任意)?(?:整数|实数|常数)\s*[)）]\Z", ""),
        (r"[,，]?\s*[(（]\s*[a-z]\s*\\in\s*\\math\w+\s*\{?[NZR]\}?[^()（）]*[)）]\Z", ""),
    )
)
"""What is rewritten wherever it stands: 零下5℃, 正负2, 每小时60千米, (n ∈ N*) behind a formula."""

_WHOLES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), written)
    for pattern, written in (
        (rf"({_PART})\s+of\s+an?\s+({_UNIT})", r"\1 \2"),
        (r"([0-9]+)\s+and\s+an?\s+(half|quarter|third)\s+([a-z]+)", r"\1 and a \2 \3"),
        (r"商(?:是|为)?\s*([0-9]+)\s*[,，、]?\s*余数?(?:是|为)?\s*([0-9]+)", r"(\1,\2)"),
        (r"([0-9]+)\s*(?:…+|\.{3,6}|\\c?dots|\\ldots)\s*余?\s*([0-9]+)", r"(\1,\2)"),
        (r"([0-9]+)\s*(?:,\s*)?(?:R|r|remainder)\s*([0-9]+)", r"(\1,\2)"),
        (
            r"(?:all\s+)?real\s+numbers?\s+except\s+(?:for\s+)?(?:[a-z]\s*=\s*)?([-0-9./\\{}a-z]+)",
            r"\\mathbb{R} \\setminus \\{\1\\}",
        ),
        (r"([0-9]+)\s+to\s+([0-9]+)(?:\s+to\s+([0-9]+))?", r"\1:\2:\3"),
    )
)
"""What is rewritten where it is the whole answer: a quarter of a kilogram, 商12余3, 12……3."""

_HAN_LABEL = re.compile(
    r"(?:^|([,，;；、]))\s*(?:此时|[\u4e00-\u9fff]{2,12}(?:为|是|等于|=))\s*(?=[-+±\\$(\[{0-9A-Za-z∅√π])"
)
"""The name of a value in front of it; values with names are parted as answers to questions."""
_LABEL = re.compile(r"\(([1-9])\)\s*[:：]?\s*")


def rewritten(text: str) -> str:
    """Return a plain answer with such phrases as mathematics; any other answer as it is.

    A division with remainder becomes the pair of quotient and remainder, and answers to numbered
    parts, (1)6(2)8, become 6; 8.
    """
    for pattern, written in _PIECES:
        text = pattern.sub(written, text)
    text = _HAN_LABEL.sub(lambda match: ";" if match[1] else "", text)
    for pattern, written in _WHOLES:
        if match := pattern.fullmatch(text):
            return match.expand(written).rstrip(":")
    return _parts(text) or text


def _parts(text: str) -> str:
    """Return answers to parts that are numbered from 1 on, with semicolons between."""
    labels = list(_LABEL.finditer(text))
    numbers = [int(label[1]) for label in labels]
    if len(labels) < 2 or labels[0].start() or numbers != list(range(1, len(labels) + 1)):
        return ""
    ends = [label.start() for label in labels[1:]] + [len(text)]
    found = [
        text[label.end() : end].strip(" ,;，；、") for label, end in zip(labels, ends, strict=True)
    ]
    return "; ".join(found) if all(found) else ""
