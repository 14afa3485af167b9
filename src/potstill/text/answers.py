"""Answers as datasets and responses write them."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from potstill.text.normalise import normalise

_FINAL = re.compile(r"(?:^|\n)####[ \t]+(\S[^\n]*?)\s*\Z")
_BOX = re.compile(r"\\(?:boxed|fbox|framebox|answer)(?![A-Za-z])")
_OPTIONS = re.compile(r"\s*(?:\[[^\]{}]{0,20}\]\s*){0,2}")
_BARE = re.compile(r"-?[0-9]+(?:[.,/][0-9]+)*|\\[dt]?frac\s*(?:\{[^{}]*\}){2}|[A-Za-z](?![A-Za-z])")
_PLACEHOLDER = re.compile(
    r"[\s.…?_]*|\\[lc]?dots"
    r"|(?:\\text\{)?\s*[\[<(]?(?:your |the )?(?:final )?answer(?: here)?[\])>]?\s*\}?",
    re.IGNORECASE,
)
_BETWEEN_BOXES = re.compile(
    r"(?:[\s$,;，；、]|\\q?quad(?![A-Za-z])|\\text\{|\}|(?:and|or)\b|或者?|[和与及]){0,20}"
    r"(?:[A-Za-z](?:_\w)?\s?=\s?)?"
)
_BRACES = re.compile(r"\\.|[{}$\n]", re.S)
_CLOSERS = frozenset({"$", "\\)", "\\]"})

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


class Box(NamedTuple):
    """One box of a text."""

    text: str
    """What it holds, without white space around it."""
    start: int
    """Where its command begins."""
    end: int
    """Where what stands behind it begins."""


def boxes(text: str) -> Iterator[Box]:
    r"""Yield the boxes of a text, the last one first.

    Boxes are `\boxed{…}`, `\fbox{…}`, `\framebox{…}`, `\answer{…}` and `\boxed 5`. Of nested ones
    the innermost is yielded. A box that the end of the text cuts off is none, nor is one that holds
    nothing or a placeholder (`\boxed{…}`); where only a brace is missing, the box ends with its
    formula.
    """
    limit = len(text)
    for command in reversed(list(_BOX.finditer(text))):
        found = _contents(text, command.end(), limit, bare=command[0] == "\\boxed")
        limit = command.start()
        if found and not _PLACEHOLDER.fullmatch(found[0]):
            yield Box(found[0].strip(), limit, found[1])


def boxed(text: str) -> str | None:
    r"""Return what the last box of a text holds, or None where there is none.

    Boxes that stand side by side (`\boxed{1} and \boxed{2}`) are one answer, with commas between.
    """
    found: list[str] = []
    limit = len(text)
    for box in boxes(text):
        if found and not _BETWEEN_BOXES.fullmatch(text, box.end, limit):
            break
        found.append(box.text)
        limit = box.start
    return ", ".join(dict.fromkeys(reversed(found))) if found else None


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


def _contents(text: str, at: int, limit: int, *, bare: bool) -> tuple[str, int] | None:
    """Return what a box holds whose command ends at `at`, and where the box ends."""
    options = _OPTIONS.match(text, at, limit)
    at = options.end() if options else at
    if text.startswith("{", at):
        return _braces(text, at, limit)
    token = _BARE.match(text, at, limit) if bare else None
    return (token[0], token.end()) if token else None


def _braces(text: str, start: int, limit: int) -> tuple[str, int] | None:
    """Return what stands in the braces that open at `start`, and where they end."""
    depth, closer = 0, -1
    for match in _BRACES.finditer(text, start, limit):
        if match[0] == "{":
            depth += 1
        elif match[0] == "}":
            depth -= 1
            if depth == 0:
                return text[start + 1 : match.start()], match.end()
        elif closer < 0 and (match[0] in _CLOSERS or match[0] == "\n"):
            closer = match.start()
    lost = 0 <= closer < limit and text[closer] != "\n"  # the formula ends, so nothing was cut
    return (text[start + 1 : closer], closer) if lost else None
