"""Answers as datasets and responses write them."""

import re

from potstill.text.normalise import normalise

_FINAL = re.compile(r"(?:^|\n)####[ \t]+(\S[^\n]*?)\s*\Z")
_BOX = "\\boxed"
_BETWEEN_BOXES = re.compile(
    r"(?:[\s$,;，；、]|\\q?quad(?![A-Za-z])|\\text\{|\}|(?:and|or)\b|或者?|[和与及]){0,20}"
    r"(?:[A-Za-z](?:_\w)?\s?=\s?)?"
)
_BRACES = re.compile(r"\\.|[{}]", re.S)

_WORDING = re.compile(r"\\(?:text|textbf|mathrm|mbox)\{([^{}]*)\}")
_IGNORED = re.compile(r"\$|\\[()\[\]]|\\(?:left|right)(?![a-z])|[.。]$")
_THOUSANDS = re.compile(r"(?<![\d.,(\[{])\d{1,3}(?:,\d{3})+(?![\d,])")
_DECIMALS = re.compile(r"(?<![\d.])\d+\.\d*(?![\d.])")
_LOOSE = re.compile(r"(?<!\d) | (?!\d)")
_FRACTION = re.compile(r"\\[dt]frac(?![a-z])")


def final_reference(text: str) -> str:
    """Return what stands behind `#### ` on the last line, else `text` itself.

    GSM8K's answers are a worked solution whose last line is `#### ` and the result
    (github.com/openai/grade-school-math). The result is kept as written, commas included.
    """
    match = _FINAL.search(text)
    return match[1] if match else text


def boxed(text: str) -> str | None:
    r"""Return what the last `\boxed{…}` of a text holds, or None where there is none.

    Boxes that stand side by side (`\boxed{1} and \boxed{2}`) are one answer, with commas between.
    """
    found: list[str] = []
    limit = len(text)
    start = text.rfind(_BOX)
    while start >= 0 and (box := _braces(text, start + len(_BOX), limit)):
        content, end = box
        if found and not _BETWEEN_BOXES.fullmatch(text, end, limit):
            break
        found.append(content.strip())
        limit = start
        start = text.rfind(_BOX, 0, start)
    return ", ".join(dict.fromkeys(reversed(found))) if found and any(found) else None


def plain_answer(text: str) -> str:
    r"""Return an answer in one spelling, to tell whether two answers are written alike.

    Case, spaces, `$`, `\boxed`, `\text`, `\dfrac`, a period at the end, commas of thousands and
    zeros behind decimals (`1.50`) are evened out. No arithmetic is done: 1/2 and 0.5 stay apart.
    """
    if text.isdecimal():
        return text
    plain = normalise(boxed(text) or text)
    plain = _FRACTION.sub(r"\\frac", _WORDING.sub(r"\1", plain))
    plain = normalise(_IGNORED.sub("", plain)).replace("{,}", ",")
    plain = _THOUSANDS.sub(lambda match: match[0].replace(",", ""), plain)
    plain = _DECIMALS.sub(lambda match: match[0].rstrip("0").rstrip("."), plain)
    return _LOOSE.sub("", plain)


def _braces(text: str, start: int, limit: int) -> tuple[str, int] | None:
    """Return what stands in the braces that open at `start`, and where they end."""
    while start < limit and text[start] == " ":
        start += 1
    depth = 0
    for match in _BRACES.finditer(text, start, limit):
        if match[0] == "{":
            depth += 1
        elif match[0] == "}":
            depth -= 1
            if depth == 0:
                return text[start + 1 : match.start()], match.end()
        if depth == 0:
            break
    return None
