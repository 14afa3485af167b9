"""Two answers compared: as text, as a date, as trees, as words, and at last by Math-Verify."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from potstill.verifiers import moments, symbolic, words
from potstill.verifiers.comparing.compare import compare as compare_trees
from potstill.verifiers.comparing.rules import Rules
from potstill.verifiers.expressions.nodes import Items, Node, Quantity, Relation, Words
from potstill.verifiers.expressions.parse import read
from potstill.verifiers.finding import Finding, different, equal, undecided
from potstill.verifiers.phrasings import rewritten
from potstill.verifiers.plain import is_words as are_words
from potstill.verifiers.plain import plain, prose, same_text

EXACT = Rules()
"""Nothing but equality passes."""
_TIGHT = re.compile(
    r"([0-9}])([mgstLhN](?![A-Za-z(])|[kcdm][gmL](?![A-Za-z(])|m[²³])(?=\s*[23²³^]|\s*$)",
    re.MULTILINE,
)
"""A letter right behind a figure: a unit where the reference has one, else a variable."""
_LONGEST = 2_000
"""Longest answer in characters that Math-Verify is asked about: its reading takes long on more."""
_WORDS = 12
"""Most words of a reference that is no mathematics."""
_CODE = re.compile(r"[A-Za-z][A-Za-z0-9+-]{1,15}")
"""A formula of chemistry, a part number: H2O, NaCl. Only the same text is equal to it."""
_CHARACTERS = 60
"""Most characters of one: Chinese has no spaces between words."""


class _Texts(NamedTuple):
    """Two answers without what dresses them up, and the problem."""

    reference: str
    answer: str
    problem: str


def compare(reference: str, answer: str, rules: Rules = EXACT, *, problem: str = "") -> Finding:
    """Compare an answer with the reference, both taken out of what stands around them.

    Args:
        reference: The right answer.
        answer: The one that is judged.
        rules: What passes beyond equality.
        problem: The prompt where it is known: of two names in it, one is the wrong one.

    The first way that decides counts: the same text; dates and times of day; the trees of both,
    in each of their readings; words; and where trees could tell nothing, Math-Verify with the
    guards of `symbolic.py`. Undecided are `reference_unparseable`, `answer_unparseable`,
    `text_differs`, `units_differ`, `too_large` and `not_proven`.

    It may take long or much memory on hostile answers: call it in a process that can be killed.
    """
    expected, found = _plain(reference), _plain(answer)
    if expected and same_text(expected, found):
        return equal("text")
    if decided := _moments(expected, found):
        return decided
    here, there = _readings(expected), read(found)
    if here and there and _TIGHT.search(expected + "\n" + found):
        here, there = _as_units(expected, here, there), _as_units(found, there, here)
    texts = _Texts(expected, found, problem)
    if here and there:
        finding = _by_trees(here, there, rules, texts)
        return _clocks(texts) or finding if finding.outcome == "undecided" else finding
    return _by_words(texts, bool(here))


def unusable(reference: str) -> str | None:
    """Return what is wrong with a reference, or None where answers can be compared with it.

    A usable one is a date, a tree that is equal to itself, or a few words.
    """
    text = _plain(reference)
    if moments.read(text):
        return None
    readings = _readings(text)
    if readings and not isinstance(readings[0], Words):
        if compare_trees(readings[0], readings[0]).outcome == "pass":
            return None
        return "it isn't equal to itself by any rule"
    if words.truth(text) is not None:
        return None
    if not any(map(str.isalnum, text)):
        return "it says nothing"
    if not readings and not are_words(text) and not _CODE.fullmatch(text):
        return "it can't be read as mathematics, a date or words"
    if len(text.split()) > _WORDS or len(text) > _CHARACTERS:
        return f"it is prose: at most {_WORDS} words can be compared"
    return None


def is_words(reference: str) -> bool:
    """Return whether a reference is words, such as a name, rather than mathematics."""
    text = _plain(reference)
    if moments.read(text):
        return False
    readings = _readings(text)
    return isinstance(readings[0], Words) if readings else are_words(text)


def is_readable(answer: str) -> bool:
    """Return whether an answer is a date, or mathematics from its start to its end."""
    text = _plain(answer)
    readings = read(text)
    if readings and not _says_words(readings[0]):
        return True
    return moments.read(text) is not None


def _says_words(node: Node) -> bool:
    items = node.items if isinstance(node, Items) else (node,)
    return any(isinstance(item, Words) for item in items)


def _plain(text: str) -> str:
    return rewritten(plain(text))


@lru_cache(maxsize=1024)
def _readings(reference: str) -> tuple[Node, ...]:
    return read(reference)


def _clocks(texts: _Texts) -> Finding | None:
    here, there = map(moments.times_of_clock, texts[:2])
    return moments.compare(here, there) if here and there else None


def _as_units(text: str, readings: tuple[Node, ...], other: tuple[Node, ...]) -> tuple[Node, ...]:
    """Return a text's readings with its last letter as a unit, where the other side has one."""
    if not isinstance(other[0], Quantity) or isinstance(readings[0], Quantity):
        return readings
    return read(_TIGHT.sub(r"\1 \2", text)) or readings


def _moments(expected: str, found: str) -> Finding | None:
    here, there = moments.read(expected), moments.read(found)
    here = here or (there and moments.times_of_clock(expected))
    there = there or (here and moments.times_of_clock(found))
    return moments.compare(here, there) if here and there else None


def _by_trees(
    here: tuple[Node, ...], there: tuple[Node, ...], rules: Rules, texts: _Texts
) -> Finding:
    if isinstance(here[0], Words) or isinstance(there[0], Words):
        return _by_words(texts, readable=not isinstance(here[0], Words))
    findings = list(_findings(here, there, rules))
    if findings[-1].outcome == "pass":
        return findings[-1]
    if findings[0].reason != "not_proven" or _is_ordered(here[0]):
        return findings[0]
    told = _by_library(texts, findings[0])
    one_sided = isinstance(here[0], Relation) != isinstance(there[0], Relation)
    return findings[0] if one_sided and told.outcome == "pass" else told  # x + y = 5 is not 5


def _is_ordered(node: Node) -> bool:
    """Return whether the order of items may count, which Math-Verify doesn't mind."""
    return isinstance(node, Items) and (node.rows or _says_words(node))


def _findings(here: tuple[Node, ...], there: tuple[Node, ...], rules: Rules) -> Iterator[Finding]:
    """Yield what each pair of readings gives, the likeliest first, up to one that passes."""
    for expected in here:
        for found in there:
            finding = compare_trees(expected, found, rules)
            yield finding
            if finding.outcome == "pass":
                return


def _by_words(texts: _Texts, readable: bool) -> Finding:
    finding = words.compare(texts.reference, texts.answer, problem=texts.problem or None)
    if finding.outcome == "undecided" and (decided := _without_value(texts)):
        return decided
    if finding.outcome != "undecided" or not readable:
        return finding
    if prose(texts.answer) or prose(texts.reference):
        return undecided("answer_unparseable", finding.by)
    return _by_library(texts, undecided("answer_unparseable"))


def _without_value(texts: _Texts) -> Finding | None:
    """Compare where one side says that there is no value, or that there are many."""
    says = [words.no_value(text) for text in texts[:2]]
    if all(says):
        return equal("kind") if says[0] == says[1] else different("kind")
    if not any(says):
        return None
    value = texts[says.index(None)]
    return different("kind") if is_readable(value) else None


def _by_library(texts: _Texts, otherwise: Finding) -> Finding:
    if max(len(texts.reference), len(texts.answer)) > _LONGEST:
        return otherwise
    finding = symbolic.compare(texts.reference, texts.answer)
    return otherwise if finding.outcome == "undecided" else finding._replace(by="math_verify")
