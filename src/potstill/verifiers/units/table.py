"""The spellings of all units, ready to be looked up."""

from functools import cache
from typing import NamedTuple

from potstill.verifiers.units.names import IRREGULAR, PREFIXES, SPELLED, Spelled


class Known(NamedTuple):
    """A unit that is known."""

    name: str
    known_as: str


class Table(NamedTuple):
    """What each spelling stands for."""

    signs: dict[str, Known]
    """Abbreviations, whose case counts."""
    words: dict[str, Known]
    """English words in lower case, in singular and plural."""
    han: dict[str, Known]
    names: dict[str, Known]
    """By the name in `definitions.py`."""


@cache
def table() -> Table:
    """Return the table, with the units that prefixes make."""
    found = Table({}, {}, {}, {})
    for spelled in SPELLED:
        _add(found, spelled, Known(spelled.name, spelled.known_as))
        for prefix in spelled.prefixes.split():
            _add(found, *_prefixed(spelled, prefix))
    return found


def _prefixed(spelled: Spelled, prefix: str) -> tuple[Spelled, Known]:
    word, han = PREFIXES[prefix]
    known = Known(f"{prefix}{spelled.name}", f"{word}{spelled.known_as}")
    signs = {f"{p}{s}" for p in ("μµu" if prefix == "μ" else prefix) for s in spelled.signs.split()}
    words = " ".join(f"{word}{w}" for w in spelled.words.split())
    names = " ".join(f"{han}{name}" for name in spelled.han.split())
    return Spelled(known.name, known.known_as, " ".join(sorted(signs)), words, names), known


def _add(table: Table, spelled: Spelled, known: Known) -> None:
    table.names.setdefault(spelled.known_as, known)
    for sign in spelled.signs.split():
        table.signs.setdefault(sign, known)
    for word in spelled.words.split():
        for form in (word, _plural(word)):
            table.words.setdefault(form.lower().replace("_", " "), known)
    for name in spelled.han.split():
        table.han.setdefault(name, known)


def _plural(word: str) -> str:
    """Return the plural: degrees Celsius, feet, kilograms."""
    if word.startswith("degree_"):
        return word.replace("degree", "degrees")
    if "_of_arc" in word:
        return word.replace("_of", "s_of")
    return IRREGULAR.get(word, f"{word}s")
