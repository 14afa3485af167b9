r"""What a unit is written with, in LaTeX or plain: words, signs and powers, without fonts."""

import re
from typing import NamedTuple

_FONT = r"\\(?:text(?:bf|it|rm|sf|normal|up|tt)?|math(?:rm|bf|it|sf|normal)|mbox|operatorname|unit)"
_INNER = r"(?:[^{}]|\{[^{}]*\})*"
_TOKEN = re.compile(
    rf"""
      (?P<space>(?:[ \t~]|\\[,;:!\ ]|\\q?quad(?![A-Za-z]))+)
    | (?P<frac>\\[dt]?frac\s*\{{(?P<above>{_INNER})\}}\s*\{{(?P<below>{_INNER})\}})
    | (?P<open>{_FONT}\s*\{{|\{{\s*\\(?:rm|bf)(?![A-Za-z])|\{{)
    | (?P<switch>\\(?:rm|bf)(?![A-Za-z]))
    | (?P<close>\}})
    | (?P<degree>\^\s*(?:\{{\s*\\circ\s*\}}|\\circ(?![A-Za-z]))|[°º]|\\degree(?![A-Za-z]))
    | (?P<power>\^\s*(?:\{{\s*(?P<braced>-?[0-9])\s*\}}|(?P<bare>-?[0-9])(?![0-9]))
        |(?P<raised>⁻?[¹²³])|\*\*(?P<starred>[0-9]))
    | (?P<per>/|每)
    | (?P<dot>\\cdot(?![A-Za-z])|[·⋅•]|\*(?!\*))
    | (?P<left>\()
    | (?P<right>\))
    | (?P<han>[\u4e00-\u9fff]+?(?=每|[^\u4e00-\u9fff]|$))
    | (?P<word>(?:US|HK)\\?\$|k?\\Omega(?![A-Za-z])|[A-Za-z\u00b5\u03bcΩΩÅℓ]+(?:-[a-z]+)?\.?
        |\\?[%$‰€£¥￥₹₽¢]|[℃℉′″]|''?|")
    """,
    re.VERBOSE,
)
_SUPERSCRIPTS = {"¹": "1", "²": "2", "³": "3", "⁻": "-"}
_MOST = 24
"""Most tokens of one unit."""


class Token(NamedTuple):
    """One word, sign or power."""

    kind: str
    text: str
    start: int
    end: int
    """Where it ends, with the brackets of fonts that close behind it."""
    as_text: bool
    """Whether it is set in a font for text."""
    spaced: bool
    """Whether there is a space before it."""
    whole: bool
    """Whether no bracket is open behind it."""


def tokens(text: str, *, as_text: bool = False) -> list[Token]:
    """Return the tokens from the beginning of a text up to what can't be part of a unit."""
    found: list[Token] = []
    fonts: list[bool] = [as_text]
    end, spaced = 0, False
    while len(found) < _MOST and (match := _TOKEN.match(text, end)):
        kind, end = match.lastgroup or "", match.end()
        if kind == "space":
            spaced = True
        elif kind == "switch":
            fonts[-1] = True
        elif kind == "open":
            fonts.append(fonts[-1] or "\\" in match[0])
        elif kind == "close":
            if len(fonts) == 1:
                break
            fonts.pop()
            if found:
                found[-1] = found[-1]._replace(end=end, whole=len(fonts) == 1)
        else:
            whole = len(fonts) == 1
            token = Token(kind, _text(match, kind), match.start(), end, fonts[-1], spaced, whole)
            found.append(token)
            spaced = False
    return found


def _text(match: re.Match[str], kind: str) -> str:
    if kind == "power":
        figure = match["braced"] or match["bare"] or match["starred"] or match["raised"]
        return "".join(_SUPERSCRIPTS.get(character, character) for character in figure)
    if kind == "degree":
        return "°"
    return match[0].replace("\\Omega", "Ω").replace("\\", "") if kind == "word" else match[0]


def fraction(text: str) -> tuple[str, str]:
    r"""Return what stands above and below in a token `\frac{…}{…}`."""
    match = _TOKEN.fullmatch(text)
    assert match is not None
    return match["above"], match["below"]
