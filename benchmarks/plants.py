"""What is planted: copies of a text that are equal, nearly equal or other problems.

Each function takes the text to copy, the row's own text and a source of chance, and returns the
planted text with the Jaccard similarity of both texts' shingles.
"""

import random
import re
from collections.abc import Callable

from peers.dedup.common import jaccard, shingles

KINDS = ("plain", "repeat", "conflict", "near", "number", "item", "embedded")
"""What a row can be; see `synthetic.py`."""

_FULL_WIDTH = str.maketrans({chr(c): chr(c + 0xFEE0) for c in range(ord("0"), ord("9") + 1)})
_WORD = re.compile(r"(?<!\\)\b[A-Za-z]{2,}\b|[\u4e00-\u9fff]")


def _respelled(text: str, rng: random.Random) -> str:
    """Return a text that is equal but for its spelling."""
    ways: list[Callable[[str], str]] = [
        str,
        str.upper,
        lambda t: f"  {t.replace(' ', '  ')}\n",
        lambda t: t.translate(_FULL_WIDTH) if "\\" not in t else t,
        lambda t: re.sub(r"([=<>+]|\\times)", r" \1 ", t),
    ]
    return rng.choice(ways)(text)


def _reworded(text: str, rng: random.Random) -> str:
    """Return a text with some of its words replaced by words that are in no other."""
    places = [match.span() for match in _WORD.finditer(text)]
    all_shingles, wanted = len(shingles(text)), rng.uniform(0.5, 1.0)
    # A word stands in two shingles: k of them leave (n - 2k) of n + 2k.
    count = max(1, round(all_shingles * (1 - wanted) / (2 * (1 + wanted))))
    for start, end in sorted(rng.sample(places, min(count, len(places))), reverse=True):
        text = text[:start] + _new_word(text[start:end], rng) + text[end:]
    return text


def _new_word(word: str, rng: random.Random) -> str:
    if word.isascii():
        return "v" + "".join(rng.choices("cfghjpqw", k=9))
    return chr(rng.randrange(0x3400, 0x4DB0))


def _renumbered(text: str, rng: random.Random) -> str:
    place = rng.choice([*re.finditer(r"\d+", text)])
    number = rng.randrange(1000, 10**9)  # no other row of this base gets the same one
    return f"{text[: place.start()]}{number}{text[place.end() :]}"


def near(base: str, own: str, rng: random.Random) -> tuple[str, float]:
    """Return the text with some words replaced by words that no other text has."""
    text = _reworded(base, rng)
    return text, jaccard(shingles(base), shingles(text))


def number(base: str, own: str, rng: random.Random) -> tuple[str, float]:
    """Return the text with another number."""
    text = _renumbered(base, rng)
    return text, jaccard(shingles(base), shingles(text))


def repeat(base: str, own: str, rng: random.Random) -> tuple[str, float]:
    """Return the text in another spelling."""
    return _respelled(base, rng), 1.0


def embedded(base: str, own: str, rng: random.Random) -> tuple[str, float]:
    """Return the text in another spelling behind the row's own text."""
    text = f"{own} {_respelled(base, rng)}"
    return text, jaccard(shingles(base), shingles(text))


PLANTS: dict[str, Callable[[str, str, random.Random], tuple[str, float]]] = {
    "repeat": repeat,
    "conflict": repeat,
    "near": near,
    "number": number,
    "item": repeat,
    "embedded": embedded,
}
"""How a row of each kind is made."""
