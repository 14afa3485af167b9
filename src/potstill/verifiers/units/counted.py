"""Counting words behind a number: apples, students, ways; 个, 棵树, 种方法."""

import re

from potstill.verifiers.units.combining import Part
from potstill.verifiers.units.names import ALTERNATIVES, COUNTERS, HAN_STOPS, STOPS, TAILS

_MOST_WORDS = 7
_MOST_HAN = 8
_WORDS = "[A-Za-z][A-Za-z'-]+(?: [A-Za-z'-]+)*"
_PHRASE = re.compile(
    rf"[ ~]+(?P<plain>{_WORDS})(?=\.?\s*(?:$|[,;:)\]}}。，；]|(?:and|or)\s+[-0-9$\\]))"
    r"|\s*\\(?:text(?:bf|it|rm)?|mathrm|mbox)\s*\{[\s~]*"
    rf"(?P<text>{_WORDS})[\s.]*\}}(?![A-Za-z_^(])"
)
_IRREGULAR = {"people": "person", "persons": "person", "men": "man", "women": "woman"} | {
    "children": "child",
    "mice": "mouse",
    "geese": "goose",
    "teeth": "tooth",
    "knives": "knife",
    "leaves": "leaf",
    "loaves": "loaf",
    "shelves": "shelf",
    "wolves": "wolf",
    "vertices": "vertex",
    "人": "person",
}
_INEXACT = frozenset("多少几余还")
_SENTENCE = re.compile(r"需要|一共|共有|等于|[一二三四五六七八九十百千]+[个天只元人]")
_NO_UNIT = re.compile(
    r"次[方幂根项函]|[阶号楼岁]|进[制位]|位数|边形|面体|角形|分之|元[一二三]?次|点"
)


def english(text: str) -> tuple[Part, int] | None:
    """Return the counting word at the beginning of a text, and where its phrase ends.

    The phrase goes up to the end of the text or a comma: `students in total`. Without a font for
    text it begins after a space.
    """
    if (match := _PHRASE.match(text)) is None:
        return None
    words = (match["plain"] or match["text"]).lower().split()
    if len(words) > _MOST_WORDS or len(words[0]) < (2 if match["text"] else 3):
        return None
    cut = next((i for i, word in enumerate(words) if i and word in TAILS), len(words))
    if words not in (["times"], ["time"]) and any(word in STOPS for word in words[:cut]):
        return None
    if any(word in ALTERNATIVES for word in words[cut:]):
        return None
    return Part(_counted([*words[: cut - 1], singular(words[cut - 1])])), match.end()


def _counted(words: list[str]) -> str:
    return "" if len(words) == 1 and words[0] in COUNTERS else " ".join(words)


def han(run: str) -> tuple[Part, int] | None:
    """Return the counting word at the beginning of a run of Han, and where it ends.

    A run that goes on with a verb or another number is a sentence: 两队合作需要六天.
    """
    if _SENTENCE.search(run):
        return None
    stop = next((i for i, character in enumerate(run) if character in HAN_STOPS), len(run))
    word = run[:stop]
    if not word or len(word) > _MOST_HAN or _NO_UNIT.match(word):
        return None
    noun = word[1:] if word[0] in COUNTERS else word
    if noun[:1] in _INEXACT:
        return None
    return Part(_IRREGULAR.get(noun, noun)), stop


def singular(word: str) -> str:
    """Return the singular of an English noun, as far as its spelling tells."""
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if len(word) > 4 and word.endswith(("ies", "ie")):
        return f"{word[: word.rindex('ie')]}y"  # also of cookie, which cookies can't tell from
    if word.endswith(("ses", "xes", "ches", "shes", "zes")):
        return word[:-2]
    if len(word) > 3 and word[-1] == "s" and word[-2] not in "sui'":
        return word[:-1]
    return word
