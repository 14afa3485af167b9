"""One spelling for texts that mean the same, for comparison only."""

import re
import unicodedata

_MARKED = re.compile("([⁰¹²³⁴-⁹⁺⁻]+)|([₀-₉]+)|(?<=[0-9])(?=[¼-¾⅐-⅞])")
_SIGNS = str.maketrans(
    {dash: "-" for dash in "‐‑‒–—―−"}
    | {quote: "'" for quote in "‘’‚‛′"}
    | {quote: '"' for quote in "“”„‟"}
    | dict.fromkeys("\u00ad\u200b\u200c\u200d\u2060\ufe0f\ufeff")
)
_THIN = re.compile(r"(?<!\\)\\[,;:!>]")
_WIDE = re.compile(r"(?<!\\)\\(?:q?quad(?![a-z])|\s)|~")
_NO_SPACE = r"\u3000-\u303f\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff{}()\[\]^_=+*/<>|&$%±×÷\-"
_SPACE = re.compile(rf"(?<=[{_NO_SPACE}]) | (?=[{_NO_SPACE}\\])")


def normalise(text: str) -> str:
    r"""Return `text` in the one spelling that comparisons use.

    Case, Unicode compatibility forms (NFKC), kinds of dash and quote, and invisible characters are
    evened out. White space counts only between words: a run of it becomes one space, and none
    stays next to a bracket, a sign, a LaTeX command or a Han character. LaTeX's thin spaces
    (`\,` `\:` `\;` `\!` `\>`) vanish, so that `10,\!000` is `10,000`; its wide ones (`\quad`,
    `\ `, `~`) are spaces. Superscripts and fractions keep their meaning, which plain NFKC would
    lose: `2³` becomes `2^3`, not `23`. Normalising twice changes nothing.
    """
    if text.isascii() and "\\" not in text and "~" not in text:
        return _close(text.lower())
    while (folded := _close(_fold(text))) != text:
        text = folded
    return text


def _close(text: str) -> str:
    return _SPACE.sub("", " ".join(text.split()))


def _fold(text: str) -> str:
    if not text.isascii():
        text = unicodedata.normalize("NFKC", _MARKED.sub(_mark, text))
    text = text.casefold().translate(_SIGNS)
    return _WIDE.sub(" ", _THIN.sub("", text))


def _mark(match: re.Match[str]) -> str:
    return ("^" if match[1] else "_" if match[2] else " ") + match[0]
