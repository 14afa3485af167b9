r"""The final answer in the text of a response.

An answer is explicit where the text marks it as such: `\boxed{…}`, `<answer>…</answer>`, a last
line that starts with `####`, "the answer is …", "Answer: …", "答案是…", "故选…".
"""

import re
from typing import NamedTuple

from potstill.text.answers import boxed
from potstill.verifiers.plain import prose

_HASHES = re.compile(r"(?:^|\n)####[ \t]*(\S[^\n]*?)\s*\Z")
_PHRASE = re.compile(
    r"\b(?:the|final|correct|right|my|our)\s+(?:(?:final|correct|right)\s+)?answer\b"
    r"(?:[^.:=\n]{0,60}?\bis\b(?!\s+(?:not|wrong|incorrect)\b)\s*[:：]?|\s*\**\s*[:：=])"
    r"|^\W{0,4}(?:final\s+)?answer\W{0,3}[:：]"
    r"|答案\s*(?:应该|应当|应)?(?:[是为]\s*[:：]?|[:：])",
    re.IGNORECASE | re.MULTILINE,
)
_CHOSEN = re.compile(
    r"(?<!不)(?:选择?|(?:correct|right|best)\s+(?:option|choice)\s+is)\s*[:：]?\s*"
    r"\$?\s*(?:\\\w+\{|\(|（)?"
    r"\s*([A-J](?:[\s,、]{0,3}[A-J]){0,5})(?![A-Za-z])"
)
_CLAUSE = re.compile(
    r"[\s*]*(\$\$.{1,500}?\$\$|\\\[.{1,500}?\\\]|.{1,500}?(?=[.]\s|[.]?$|[。；\n]))", re.S
)
_FORMULA = re.compile(
    r"\$\$([^$]{1,500})\$\$|\$([^$\n]{1,500})\$|\\\(([^\n]{1,500}?)\\\)|\\\[(.{1,500}?)\\\]", re.S
)
_NUMBER = re.compile(
    r"(?<![A-Za-z0-9.^_\\{])(?:(?<![)\]}])-)?"
    r"(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]+)?(?:\s?/\s?[0-9]+)?"
    r"(?:\s?\\?%|\s(?:hundred|thousand|million|billion|dozen)\b|[万亿百]+|千(?![克米瓦卡]))?"
)
_EQUALS = re.compile(r"(?<![<>!])=")
_TAIL = 4_000
"""Characters at the end of a response in which an unmarked answer is looked for."""
_SEVERAL = re.compile(r"[0-9]|\b(?:and|or|either)\b|[或和]")


class Answer(NamedTuple):
    """An answer as it stands in a response."""

    text: str
    """The answer, without what marks it."""
    by: str
    """What marks it: `boxed`, `tag`, `hashes`, `phrase`, or for one that nothing marks
    `last_formula` or `last_number`."""


def final_answer(text: str) -> Answer | None:
    r"""Return the explicit final answer of a response, or None where nothing marks one.

    An answer tag comes before boxes, these before `####`, and that before phrases; of each kind
    the last counts. Boxes that stand side by side (`\boxed{1} and \boxed{2}`) are one answer.
    """
    end = text.rfind("</answer>")
    start = text.rfind("<answer>", 0, max(end, 0))
    if start < 0:
        return _marked(text)
    inside = text[start + len("<answer>") : end].strip()
    if marked := _marked(inside):
        return marked
    return Answer(inside, "tag") if inside and "\n" not in inside else None


def last_value(text: str) -> Answer | None:
    """Return the last formula or number of a text, whichever ends last, for want of a better sign.

    Of a formula such as `x = 3 + 4 = 7` it is what follows the last `=`.
    """
    text = text[-_TAIL:]
    found = list(_NUMBER.finditer(text))
    formulas = [match for match in _FORMULA.finditer(text) if not prose(_inside(match))]
    if formulas and (not found or found[-1].end() <= formulas[-1].end()):
        value = _EQUALS.split(_inside(formulas[-1]))[-1].strip()
        if value:
            return Answer(value, "last_formula")
    return Answer(found[-1][0].strip(), "last_number") if found else None


def numbers(text: str) -> list[str]:
    """Return the numbers that stand alone in a text, as written."""
    return [match[0].strip() for match in _NUMBER.finditer(text)]


def _marked(text: str) -> Answer | None:
    if (inside := boxed(text)) is not None:
        return Answer(inside, "boxed")
    if hashes := _HASHES.search(text):
        return Answer(hashes[1], "hashes")
    for match in reversed(list(_PHRASE.finditer(text))):
        if (clause := _CLAUSE.match(text, match.end())) and (found := _tidy(clause[1])):
            return Answer(found, "phrase")
    chosen = _CHOSEN.findall(text)
    return Answer(chosen[-1], "phrase") if chosen else None


def _tidy(clause: str) -> str:
    """Return the answer in the rest of a sentence: its only formula, or the whole of it."""
    clause = clause.strip(" \t\n*`!,:：，")
    formulas = list(_FORMULA.finditer(clause))
    if not formulas:
        return clause
    before, after = clause[: formulas[0].start()], clause[formulas[-1].end() :]
    if len(formulas) > 1 or _SEVERAL.search(before + after):
        return clause.replace("$", "").strip()
    unit = after if len(after.split()) <= 3 else ""
    return (_inside(formulas[0]) + unit).strip()


def _inside(formula: re.Match[str]) -> str:
    return next(group for group in formula.groups() if group is not None).strip()
