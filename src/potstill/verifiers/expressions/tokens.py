"""What a text is split into, and how the pieces are found."""

import re
from typing import NamedTuple

from potstill.verifiers.expressions.nodes import Number


class Token(NamedTuple):
    """A sign, number, letter, word or command."""

    kind: str
    """A sign's kind is the sign itself; see `spellings`."""
    text: str
    start: int
    end: int
    spaced: bool = False
    """Whether there is space before it."""
    number: Number | None = None


class Unreadable(Exception):
    """A text is no answer that this grammar knows."""


_SIZES = (
    "displaystyle|textstyle|scriptstyle|limits|nolimits|left|right|middle|[bB]igg?[lrm]?|rm|bf|it|"
    "sf|tt|cal|mathstrut|strut|noindent|centering|large|Large|small|tiny|normalsize|hfill|"
    "ensuremath|nonumber|notag|hline|thinspace|negthinspace|enspace|leavevmode|bfseries|mathop|"
    "mathrel|mathbin|mathord|mathopen|mathclose|relax|par|newline|upright"
)
_WORDY = "text|textbf|textit|textrm|textsf|texttt|textnormal|textup|mbox|hbox|fbox|emph"
_VECTORS = "mathbf|boldsymbol|bm|pmb|vec|hat|widehat|overrightarrow|overline|overleftarrow"
_FONTS = (
    f"{_WORDY}|mathbf|boldsymbol|bm|pmb|vec|hat|widehat|overrightarrow|overleftarrow|mathrm|mathit|"
    "mathsf|mathtt|mathcal|mathscr|mathfrak|operatorname|boxed|underline|mathnormal|underbrace|"
    "overbrace|cancel|fcolorbox"
)
PIECE = re.compile(
    rf"""
    (?P<space>(?:\s|\\[,;:!>\s]|~|(?<=\\left)\.|(?<=\\right)\.|[\u200b-\u200d\u2060\ufeff\u00ad])+)
  | (?P<figure>[0-9]|\.(?=[0-9]))
  | (?P<money>(?:US|HK)(?=\\?\$))
  | (?P<letters>[A-Za-z]+)
  | (?P<row>\\\\\s*(?:\[\s*-?[0-9.]+\s*(?:pt|em|ex|cm|mm)\s*\])?)
  | (?P<bar>\\(?:left|right)\s*(?:\\\||\||\\[lr]?[vV]ert(?![A-Za-z]))|\\[lr][vV]ert(?![A-Za-z]))
  | (?P<size>\\(?:{_SIZES})(?![A-Za-z]))
  | (?P<dropped>\\(?:hspace|vspace|color|label|tag|[hv]?phantom|textcolor)\*?\s*
        (?:\{{[^{{}}]*\}}|[^\\{{}}]))
  | (?P<font>\\(?P<name>{_FONTS})(?![A-Za-z])\*?\s*(?P<brace>\{{)?)
  | \\(?P<place>begin|end)\s*\{{\s*(?P<which>[A-Za-z]+)\*?\s*\}}
        (?:(?<=array\}})\s*\{{[lcr|@\s]*\}})?
  | \\(?:mathbb|Bbb|mathds)\s*(?P<field>\{{\s*[A-Z]\s*\}}|[A-Z])
  | \\not\s*(?P<negated>=|\\in(?![a-z])|\\equiv|\\subset(?:eq)?)
  | (?P<raised>[⁰¹²³⁴-⁹⁺⁻⁽⁾ⁿⁱ]+)
  | (?P<lowered>[₀-₉₊₋₍₎ₙᵢₖ]+)
  | (?P<quad>\\q?quad)
  | (?P<command>\\[A-Za-z]+)
  | (?P<escaped>\\.)
  | (?P<han>[\u3400-\u9fff]+)
  | (?P<part>[¼-¾⅐-⅞])
  | (?P<sign>\.\.\.|=/=|<>|\*\*|!!|!=|<=|>=|=<|=>|==|:=|->|~=|&&|//|.)
    """,
    re.VERBOSE | re.DOTALL,
)
"""Each piece of a text; the name of its last group is that of the rule for it in `lexer`."""
WORDY = frozenset(_WORDY.split("|"))
"""Fonts in which letters that stand together are a word."""
VECTORS = frozenset(_VECTORS.split("|"))
"""Fonts and accents of vectors, in which i is no imaginary unit."""
