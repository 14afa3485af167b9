r"""From characters to tokens: one spelling for each sign, whatever the dialect.

Fonts, sizes and spaces are gone from the tokens; inside `\text{…}` runs of letters are words. A
number is one token, whatever separates its thousands.
"""

import re
from collections.abc import Callable
from fractions import Fraction
from unicodedata import numeric

from potstill.verifiers import numerals
from potstill.verifiers.expressions import figures, runs
from potstill.verifiers.expressions.figures import Commas
from potstill.verifiers.expressions.nodes import Number
from potstill.verifiers.expressions.spellings import (
    COMMANDS,
    FUNCTIONS,
    SIGNS,
    STRUCTURES,
    Spelling,
)
from potstill.verifiers.expressions.tokens import PIECE, VECTORS, WORDY, Token, Unreadable
from potstill.verifiers.expressions.vocabulary import COMPARISONS

_MOST = 3_000
"""Most tokens of an answer."""
_ESCAPED: dict[str, Spelling] = {
    "\\{": ("\\{", "\\{"),
    "\\}": ("\\}", "\\}"),
    "\\%": ("%", "%"),
    "\\$": ("$", "$"),
    "\\|": ("|", "||"),
    "\\&": ("joint", "and"),
}
_NOT: dict[str, str] = {"=": "!=", "\\in": "notin"}
_RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾ⁿⁱ", "0123456789+-()ni")
_LOWERED = str.maketrans("₀₁₂₃₄₅₆₇₈₉₊₋₍₎ₙᵢₖ", "0123456789+-()nik")
_RAISED_PIECE = re.compile(r"[0-9]+|.")
_A_DOZEN = re.compile(r"a\s+(?:dozen|half|quarter|third|hundred|thousand|million|billion)\b")
_COMPARISON = re.compile(
    r"(?:is\s+)?(greater(?=\s+than)|more(?=\s+than)|larger(?=\s+than)|less(?=\s+than)|"
    r"fewer(?=\s+than)|smaller(?=\s+than)|at\s+least|at\s+most|no\s+(?:more|less)(?=\s+than)|"
    r"not\s+equal(?=\s+to))(?:\s+(?:than|to))?(\s+or\s+equal\s+to)?(?![A-Za-z])",
    re.IGNORECASE,
)
_SCALED = re.compile(r"[万亿千百十兆分又半]|[ ~-]+(?:\\text\{)?\s*[a-zA-Z]|\\[,; ]")
_TAKES = frozenset(["command", "function", "^", "_", "}"])
"""Kinds of tokens behind which braces hold an argument; elsewhere they may be a set's."""
_JOINT = re.compile("(or|and)(?=[A-Zxyz](?![a-z]))")
"""A joint without a space behind it."""
_ENDS_VALUE = frozenset("0123456789)]}")
_OPENS, _CLOSES = frozenset("([") | {"\\{"}, frozenset(")]") | {"\\}"}


class Lexer:
    """Splits one text into tokens."""

    def __init__(self, text: str, commas: Commas) -> None:
        """Prepare to split a text, with commas between figures taken in one way."""
        self.text = text
        self.commas: Commas = commas
        self.ambiguous: set[Commas] = set()
        """Other ways to take commas that have been met."""
        self.tokens: list[Token] = []
        self._braces: list[str] = []
        """The font of each open brace, empty for a group."""
        self._outside: list[int] = []
        """How many brackets were open before each of them."""
        self._words = 0
        """How many of them are fonts of words."""
        self._inside = 0
        """How many brackets are open."""
        self._spaced = False
        self._vector = False

    def run(self) -> list[Token]:
        """Return all tokens, with one of kind `stop` behind.

        Raises:
            Unreadable: There are too many, or a character has no meaning.
        """
        text, at = self.text, 0
        while found := PIECE.match(text, at):
            at = _RULES[found.lastgroup or ""](self, found) or found.end()
            if len(self.tokens) > _MOST:
                raise Unreadable
        self._add(("stop", ""), at, at)
        return self.tokens

    def _add(self, spelling: Spelling, start: int, end: int, number: Number | None = None) -> None:
        self.tokens.append(Token(*spelling, start, end, self._spaced, number))
        self._spaced = False

    def skip(self, found: re.Match[str]) -> None:
        """Pass over what only sets the text."""
        self._spaced = self._spaced or found.lastgroup == "space"

    def figure(self, found: re.Match[str]) -> int:
        """Add a number in figures, and words like "million" behind them."""
        start = found.start()
        read = figures.match(self.text, start, self.commas, inside=self._inside > 0)
        if read is None:
            raise Unreadable
        self.ambiguous.update(read.ambiguous)
        number, end = read.number, read.end
        if _SCALED.match(self.text, end):
            longer = numerals.match(self.text, start)
            if longer and longer[1] > end:
                number, end = longer
        self._add(("number", self.text[start:end]), start, end, number)
        return end

    def letters(self, found: re.Match[str]) -> int | None:
        """Add a run of ASCII letters: a numeral, functions, words or single letters."""
        start, run = found.start(), found[0]
        if (len(run) > 2 or (run == "a" and _A_DOZEN.match(self.text, start))) and (
            numeral := numerals.match(self.text, start)
        ):
            self._add(("number", run), start, numeral[1], numeral[0])
            return numeral[1]
        if (joint := _JOINT.match(run)) and self.text[start - 1 : start] in _ENDS_VALUE:
            self._add(("joint", joint[0]), start, start + joint.end())
            return start + joint.end()
        if comparison := _COMPARISON.match(self.text, start):
            spelling = COMPARISONS[" ".join(comparison[1].lower().split())]
            if comparison[2]:
                spelling = (spelling[0], spelling[1] + "=")
            self._add(spelling, *comparison.span())
            return comparison.end()
        named = bool(self._braces) and self._braces[-1] in ("operatorname", "mathrm")
        for part in runs.letters(run, words=self._words > 0, named=named):
            spelling = part.spelling
            if self._vector and spelling[0] == "letter":
                spelling = ("symbol", spelling[1])
            self._add(spelling, start + part.start, start + part.end)
        self._vector = self._vector and bool(self._braces) and self._braces[-1] in VECTORS
        return None

    def han(self, found: re.Match[str]) -> int | None:
        """Add a run of Chinese characters up to the next numeral, or that numeral."""
        start, end = found.span()
        for at in range(start, end):
            percent = numerals.percent(self.text, at)
            if numeral := percent or numerals.match(self.text, at):
                self._add_han(start, at)
                self._add(("number", self.text[at : numeral[1]]), at, numeral[1], numeral[0])
                if percent:
                    self._add(("%", "%"), numeral[1], numeral[1])
                return numeral[1]
        self._add_han(start, end)
        return None

    def _add_han(self, start: int, end: int) -> None:
        for part in runs.han(self.text, start, end):
            self._add(part.spelling, part.start, part.end)

    def sign(self, found: re.Match[str]) -> None:
        """Add a sign, or note where braces and brackets open and close."""
        sign = found[0]
        if sign == "{":
            self._braces.append("")
            self._outside.append(self._inside)
            self._inside = int(not self.tokens or self.tokens[-1].kind not in _TAKES)
        elif sign == "}":
            font = self._braces.pop() if self._braces else None
            self._inside = self._outside.pop() if self._outside else 0
            self._words -= font in WORDY
            self._vector = False
            if font or font is None:
                return
        self._count(sign)
        self._add(SIGNS.get(sign, ("bad", sign)), *found.span())

    def escaped(self, found: re.Match[str]) -> None:
        """Add a sign that needs a backslash."""
        self._count(found[0])
        self._add(_ESCAPED.get(found[0], ("bad", found[0])), *found.span())

    def _count(self, sign: str) -> None:
        if sign in _OPENS:
            self._inside += 1
        elif sign in _CLOSES:
            self._inside -= 1

    def font(self, found: re.Match[str]) -> None:
        """Note a font, which reaches to the end of its braces."""
        name = found["name"]
        self._vector = name in VECTORS
        if found["brace"]:
            self._braces.append(name)
            self._outside.append(self._inside)
            self._words += name in WORDY

    def command(self, found: re.Match[str]) -> None:
        """Add a LaTeX command: a sign, a letter, a function, or one with a rule of its own."""
        name = found[0][1:]
        start, end = found.span()
        self._count(found[0])
        spelling = _command(name)
        if (
            name not in STRUCTURES
            and spelling[0] == "command"
            and (shorter := _command(name[:-1]))[0] != "command"
        ):
            self._add(shorter, start, end - 1)  # `\\pix`, where a space is missing
            spelling, start = ("letter", name[-1]), end - 1
        self._add(spelling, start, end)

    def money(self, found: re.Match[str]) -> int:
        """Add the sign of a currency with letters before it: `US$`."""
        end = self.text.index("$", found.end()) + 1
        self._add(("$", "$"), found.start(), end)
        return end

    def bar(self, found: re.Match[str]) -> None:
        r"""Add a bar that tells its side: `\left|`, `\lvert`."""
        side = "open" if found[0].startswith(("\\left", "\\l")) else "close"
        self._add(("|", side), *found.span())

    def script(self, found: re.Match[str]) -> None:
        """Add raised or lowered characters as an exponent or index in braces."""
        raised = found.lastgroup == "raised"
        inner = found[0].translate(_RAISED if raised else _LOWERED)
        start, end = found.span()
        self._add(("^", "^") if raised else ("_", "_"), start, start)
        self._add(("{", "{"), start, start)
        for piece in _RAISED_PIECE.findall(inner):
            if piece.isdecimal():
                number = figures.match(piece, 0, "items", inside=False)
                self._add(("number", piece), start, end, number.number if number else None)
            else:
                self._add(SIGNS.get(piece, ("letter", piece)), start, end)
        self._add(("}", "}"), start, end)

    def part(self, found: re.Match[str]) -> None:
        """Add a fraction that is one character, as the fraction it is short for."""
        value = Fraction(numeric(found[0])).limit_denominator(10)
        at = found.span()
        self._add(("command", "frac"), *at)
        for part in (value.numerator, value.denominator):
            self._add(("{", "{"), *at)
            self._add(("number", str(part)), *at, Number(Fraction(part)))
            self._add(("}", "}"), *at)

    def environment(self, found: re.Match[str]) -> None:
        r"""Add the begin or the end of an environment, or nothing where `equation` only sets it."""
        if found["which"] not in ("equation", "math", "displaymath", "center"):
            self._add((found["place"], found["which"]), *found.span())

    def named(self, found: re.Match[str]) -> None:
        """Add what one regular expression has found whole."""
        kind = found.lastgroup or ""
        text = found[kind].strip("{ }")
        if kind == "negated":
            spelling = ("relation", _NOT[text]) if text in _NOT else ("bad", text)
        else:
            spelling = (kind, text)
        self._add(spelling, *found.span())


def _command(name: str) -> Spelling:
    function = FUNCTIONS.get(name)
    return COMMANDS.get(name) or (("function", function) if function else ("command", name))


_RULES: dict[str, Callable[[Lexer, re.Match[str]], int | None]] = {
    "space": Lexer.skip,
    "size": Lexer.skip,
    "dropped": Lexer.skip,
    "figure": Lexer.figure,
    "letters": Lexer.letters,
    "han": Lexer.han,
    "sign": Lexer.sign,
    "escaped": Lexer.escaped,
    "font": Lexer.font,
    "command": Lexer.command,
    "bar": Lexer.bar,
    "raised": Lexer.script,
    "lowered": Lexer.script,
    "part": Lexer.part,
    "money": Lexer.money,
    "which": Lexer.environment,
    "field": Lexer.named,
    "negated": Lexer.named,
    "row": Lexer.named,
    "quad": Lexer.named,
}
