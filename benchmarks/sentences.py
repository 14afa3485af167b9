r"""Word problems by number, English and Chinese, as far from each other as texts can be.

A text is made of sentences whose slots hold made-up words and numbers. The words of row `n` are a
code word of a Reed-Solomon code: with the three digits d0, d1, d2 of a scrambled `n` in base 997,
slot i holds word (d0 + d1·i + d2·i²) mod 997. A polynomial of degree two has two roots at most, so
two rows have the same word in two slots at most, whatever their numbers. Any row can be made alone,
and a million of them in a few seconds: numpy and Arrow see no single row.
"""

import re
from collections.abc import Sequence
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

Numbers = NDArray[np.int64]

_WORDS = 997
"""Words of each kind; a prime, as the code needs."""
MOST_ROWS = _WORDS**3
"""Rows that differ."""
_SLOTS = 8
"""Most slots of a sentence."""
_CHINESE = 0.3
"""Share of Chinese rows."""

_OPENINGS = (
    "<name> brings <n> <thing> from <place> to <place>.",
    "At <place>, <name> sells <thing> to <name> for $<n> a box.",
    "<n> boxes of <how> <thing> reach <place>, where <name> counts <n> of them.",
    "<name> and <name> share <n> <thing> while <place> sleeps.",
    r"In <place> a <how> rope of $\frac{<n>}{<n>}$ metres holds <thing>.",
    "For <n> days <name> paints <thing> near <place> with <how> brushes.",
    r"Let $f(x) = <n>x^2 + <n>x$ be the price of <how> <thing> in <place>.",
    "<place> owes <name> <n> <how> <thing> since <n> weeks.",
)
_MIDDLES = (
    "Then <name> gives <how> <thing> to <name>, and loses <n> on the way.",
    "Every <thing> from <place> weighs <n> grams, but <name> packs <n> kilos.",
    "Because <place> is <how>, <name> returns <n> <thing> by train.",
    "<name>, who likes <how> <thing>, buys <n> of them from <name>.",
    r"A <how> machine turns $<n> \times <n>$ <thing> into <thing> for <place>.",
    "Each <how> box holds <n> <thing>; <name> opens <n>.",
    "On the road to <place>, <n> <thing> fall; <name> finds <n>.",
    r"The ratio of <thing> to <how> <thing> is $<n>:<n>$ for <name>.",
)
_QUESTIONS = (
    "How many <thing> does <name> still have in <place>?",
    "What share of <how> <thing> remains with <name>?",
    "After <n> days, how many <thing> has <place>?",
    r"Find $x$ if <name> wants $x - <n>$ <how> <thing>.",
    "Which sum must <name> pay <place> for <thing>?",
    "By how much do <thing> in <place> outnumber <how> <thing>?",
)
_SHORT = (
    "<name> keeps <n> <thing> in <place>.",
    "From <place> come <n> <how> <thing>.",
    r"Let $<n>x = <n>$ for <thing> of <name>.",
    "<n> <thing> cost <name> $<n> there.",
    "<place> has <n> <thing> of <name>.",
    "With <how> <thing>, <name> fills <n> jars.",
)
_SHORT_QUESTIONS = (
    "How many <thing> can <name> bring <place>?",
    "Which <how> <thing> leave <place> for <name>?",
    r"Is $x^2 > <n>$ if <thing> suit <name>?",
    "When will <name> sell <n> <how> <thing>?",
)
_CHINESE_OPENINGS = (
    "<name>从<place>带来<n>箱<thing>。",
    "<place>的<name>每天卖出<n>个<how>色<thing>。",
    "一条长$<n>$米的<how>绳穿过<place>，挂着<thing>。",
    "<name>与<name>在<place>合买<n>斤<thing>。",
    r"设$f(x)=<n>x^2+<n>$为<place>的<thing>价格。",
)
_CHINESE_MIDDLES = (
    "后来<name>送给<name><n>个<thing>，又丢了<n>个。",
    "因为<place>太<how>，<name>退回<n>件<thing>。",
    r"每个<thing>重$\frac{<n>}{<n>}$克，<place>共收<how>货。",
    "其中<how>的<thing>占<n>份，<name>拿走<n>份。",
    "去<place>的路上，<name>又买了<n>盒<how>色<thing>。",
)
_CHINESE_QUESTIONS = (
    "问<name>在<place>还剩多少<thing>？",
    "<place>的<thing>比<how>的<thing>多几个？",
    "求$x$，若<name>要$x-<n>$个<thing>。",
    "那么<name>该付<place>多少元买<thing>？",
)
_CHINESE_SHORT = (
    "<name>在<place>有<n>个<thing>，",
    "<place>运来<n>箱<how>色<thing>，",
    "若$<n>x=<n>$是<name>的<thing>数，",
    "<name>用<n>元买<how>的<thing>，",
)

_MIDDLES_OF = {"medium": 2, "long": 14}
"""Sentences between the first and the last one: about 235 and 1,000 characters in English."""
LENGTHS = ("short", *_MIDDLES_OF)

_SYLLABLES = [c + v for c in "bdklmnrstz" for v in "aeiou"][:32]
_ENDINGS = {"name": "", "thing": "ns", "place": "ton", "how": "ish"}
_CHARACTERS = "山水云石林风月星河海田木火金玉花草竹松梅兰荷雪雨虹霞峰谷泉溪湖岛"
_CHINESE_ENDINGS = {"name": "生", "thing": "子", "place": "城", "how": "彩"}


def mix(numbers: Numbers, salt: int) -> NDArray[np.uint64]:
    """Return 64 evenly spread bits for each number (splitmix64, Steele, Lea and Flood 2014)."""
    salted = (salt * 0x9E3779B97F4A7C15) & (2**64 - 1)
    z = numbers.astype(np.uint64) + np.uint64(salted)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


def share(numbers: Numbers, salt: int) -> NDArray[np.float64]:
    """Return an evenly spread number in [0, 1) for each number."""
    return (mix(numbers, salt) >> np.uint64(11)) / 2.0**53


def texts(numbers: Numbers, length: str, seed: int = 0) -> pa.StringArray:
    """Return the problems of these rows.

    Args:
        numbers: Each below `MOST_ROWS`.
        length: One of `LENGTHS`.
        seed: Other seeds make other texts of the same numbers.
    """
    chinese = share(numbers, _salt(seed, 0)) < _CHINESE
    return scattered([_of_language(numbers, chinese, z, length, seed) for z in (False, True)])


def answers(numbers: Numbers, seed: int = 0) -> pa.StringArray:
    """Return a reference answer for each row."""
    return pc.cast(pa.array(2 + (mix(numbers, _salt(seed, 1)) % 99_998).astype(np.int64)), "string")


def scattered(groups: Sequence[tuple[Numbers, pa.StringArray]]) -> pa.StringArray:
    """Return one array from some of its values with their places."""
    places = np.concatenate([where for where, _ in groups])
    order = np.empty(len(places), dtype=np.int64)
    order[places] = np.arange(len(places))
    return pa.concat_arrays([values for _, values in groups]).take(pa.array(order))


def _salt(seed: int, use: int) -> int:
    return seed * 1000 + use


def _of_language(
    numbers: Numbers, chinese: NDArray[np.bool_], wanted: bool, length: str, seed: int
) -> tuple[Numbers, pa.StringArray]:
    rows = np.flatnonzero(chinese == wanted)
    columns = [
        _sentences(numbers[rows], pool, position, wanted, seed)
        for position, pool in enumerate(_pools(length, wanted))
    ]
    return rows, pc.binary_join_element_wise(*columns, "" if wanted else " ")


def _pools(length: str, chinese: bool) -> list[Sequence[str]]:
    if length == "short":
        return [_CHINESE_SHORT, _CHINESE_QUESTIONS] if chinese else [_SHORT, _SHORT_QUESTIONS]
    middles = _MIDDLES_OF[length]
    if chinese:
        return [_CHINESE_OPENINGS, *[_CHINESE_MIDDLES] * (2 * middles), _CHINESE_QUESTIONS]
    return [_OPENINGS, *[_MIDDLES] * middles, _QUESTIONS]


def _sentences(
    numbers: Numbers, pool: Sequence[str], position: int, chinese: bool, seed: int
) -> pa.StringArray:
    """Return one sentence of the pool for each row."""
    chosen = (mix(numbers, _salt(seed, 10 + position)) % len(pool)).astype(np.int64)
    groups: list[tuple[Numbers, pa.StringArray]] = []
    for which, sentence in enumerate(pool):
        rows = np.flatnonzero(chosen == which)
        groups.append((rows, _filled(numbers[rows], sentence, position, chinese, seed)))
    return scattered(groups)


def _filled(
    numbers: Numbers, sentence: str, position: int, chinese: bool, seed: int
) -> pa.StringArray:
    pieces: list[pa.Scalar | pa.StringArray] = []
    slot = position * _SLOTS
    for i, piece in enumerate(re.split(r"<(\w+)>", sentence)):
        if i % 2 == 0:
            pieces.append(pa.scalar(piece))
            continue
        slot += 1
        if piece == "n":
            values = 2 + (mix(numbers, _salt(seed, 200 + slot)) % 998).astype(np.int64)
            pieces.append(pc.cast(pa.array(values), "string"))
        else:
            pieces.append(_vocabulary(piece, chinese).take(pa.array(_code(numbers, slot, seed))))
    if not len(numbers):
        return pa.array([], "string")
    return pc.binary_join_element_wise(*pieces, "")


def _code(numbers: Numbers, slot: int, seed: int) -> Numbers:
    scrambled = (numbers * 618_033_989 + (seed + 1) * 271_828_183) % MOST_ROWS
    d0, d1, d2 = scrambled % _WORDS, scrambled // _WORDS % _WORDS, scrambled // _WORDS**2
    return (d0 + d1 * slot + d2 * slot**2) % _WORDS


@cache
def _vocabulary(kind: str, chinese: bool) -> pa.StringArray:
    parts = _CHARACTERS if chinese else _SYLLABLES
    ending = (_CHINESE_ENDINGS if chinese else _ENDINGS)[kind]
    pairs = [parts[i // len(parts)] + parts[i % len(parts)] + ending for i in range(_WORDS)]
    return pa.array([p.capitalize() if kind in ("name", "place") else p for p in pairs])
