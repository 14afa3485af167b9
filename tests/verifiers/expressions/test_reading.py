r"""Any tree that is printed is read back, and any text at all is read without raising."""

from fractions import Fraction

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from potstill.verifiers.expressions.nodes import (
    Call,
    Constant,
    Group,
    Items,
    Negative,
    Node,
    Number,
    Power,
    Product,
    Quotient,
    Relation,
    SetOf,
    Sum,
    Symbol,
)
from potstill.verifiers.expressions.parse import read
from potstill.verifiers.expressions.spellings import COMMANDS, STRUCTURES
from potstill.verifiers.expressions.vocabulary import HAN

numbers = st.one_of(
    st.integers(0, 10**6).map(lambda value: Number(Fraction(value))),
    st.integers(0, 10**6).map(lambda value: Number(Fraction(value, 100), 2)),
)
symbols = st.sampled_from([*"abcmnrstxyz", "alpha", "theta", "x_1", "a_12", "A"]).map(Symbol)
constants = st.sampled_from(["pi", "e", "i"]).map(Constant)
leaves = st.one_of(numbers, symbols, constants)
functions = st.sampled_from(["sin", "cos", "ln", "sqrt", "abs", "floor", "arctan"])


def _larger(inner):
    several = st.lists(inner, min_size=2, max_size=4).map(tuple)
    return st.one_of(
        several.map(Sum),
        several.map(Product),
        inner.map(Negative),
        st.tuples(inner, inner).map(lambda pair: Quotient(*pair)),
        st.tuples(inner, inner).map(lambda pair: Power(*pair)),
        st.tuples(functions, inner).map(lambda pair: Call(pair[0], (pair[1],))),
        st.tuples(inner, inner).map(lambda pair: Call("binomial", pair)),
    )


expressions = st.recursive(leaves, _larger, max_leaves=12)
answers = st.one_of(
    expressions,
    st.lists(expressions, min_size=2, max_size=4).map(lambda x: Items(tuple(x), ",")),
    st.lists(expressions, min_size=2, max_size=4).map(lambda x: Items(tuple(x), "or")),
    st.lists(expressions, min_size=2, max_size=4).map(lambda x: Group(tuple(x), "(", "]")),
    st.lists(expressions, max_size=4).map(lambda x: SetOf(tuple(x))),
    st.tuples(symbols, expressions).map(lambda x: Relation(x, ("=",))),
    st.tuples(expressions, symbols, expressions).map(lambda x: Relation(x, ("<", "<="))),
)
_SIGNS = {"=": "=", "<": "<", "<=": r"\le "}


def latex(node: Node) -> str:
    """Print a tree as LaTeX with a bracket around every part that has parts."""
    match node:
        case Number(value, None):
            return str(value)
        case Number(value, places):
            return f"{float(value):.{places}f}"
        case Symbol(name):
            letter, _, index = name.partition("_")
            letter = letter if len(letter) == 1 else f"\\{letter} "
            return f"{letter}_{{{index}}}" if index else letter
        case Constant(name):
            return r"\pi " if name == "pi" else name
        case Sum(terms):
            return "+".join(map(part, terms))
        case Product(factors):
            return r"\cdot ".join(map(part, factors))
        case Negative(of):
            return f"-{part(of)}"
        case Quotient(above, below):
            return rf"\frac{{{latex(above)}}}{{{latex(below)}}}"
        case Power(base, exponent):
            return f"{part(base)}^{{{latex(exponent)}}}"
        case Call("sqrt", (of,)):
            return rf"\sqrt{{{latex(of)}}}"
        case Call("abs", (of,)):
            return rf"\left|{latex(of)}\right|"
        case Call("floor", (of,)):
            return rf"\lfloor {latex(of)}\rfloor "
        case Call("binomial", (of, taken)):
            return rf"\binom{{{latex(of)}}}{{{latex(taken)}}}"
        case Call(name, (of,)):
            return rf"\{name}\left({latex(of)}\right)"
        case Relation(sides, signs):
            pairs = zip(signs, sides[1:], strict=True)
            return latex(sides[0]) + "".join(_SIGNS[sign] + latex(side) for sign, side in pairs)
        case Group(items, opening, closing):
            return rf"\left{opening}{', '.join(map(latex, items))}\right{closing}"
        case Items(items, joined):
            return (r"\text{ or }" if joined == "or" else ", ").join(map(latex, items))
        case SetOf(items):
            return rf"\{{{', '.join(map(latex, items))}\}}"
    raise AssertionError(node)


def part(node: Node) -> str:
    """Print a tree inside another, in brackets unless it is a number or a name."""
    alone = isinstance(node, (Number, Symbol, Constant))
    return latex(node) if alone else rf"\left({latex(node)}\right)"


@settings(max_examples=300, deadline=None)
@given(answers)
def test_what_is_printed_is_read_back(node: Node) -> None:
    assert read(latex(node))[:1] == (node,)


pieces = st.sampled_from(
    [
        *"0123456789abexyCfRN+-*/^_=<>!|,;:.()[]{}'%$&~ ，、；（）√π°²½₁或和词",
        *(f"\\{name} " for name in COMMANDS),
        *(f"\\{name}" for name in STRUCTURES),
        *HAN,
        *[r"\{", r"\}", r"\\", r"\left", r"\right", r"\text{", r"\mathbb{R}", r"\quad", r"\$"],
        *[r"\begin{cases}", r"\end{cases}", r"\begin{pmatrix}", r"\end{pmatrix}", " cm", " or "],
        *["three", " million", "sin", "sqrt(", "1,234", "0.5", r"\overline{3}", "the answer is "],
    ]
)


@settings(max_examples=500, deadline=None)
@given(st.one_of(st.text(max_size=40), st.lists(pieces, max_size=30).map("".join)))
@example("1\\")
@example("\\text{" * 50)
def test_any_text_is_read_without_raising(text: str) -> None:
    for node in read(text):
        hash(node)


@pytest.mark.parametrize(
    "text",
    [
        "(" * 500 + "1" + ")" * 500,
        r"\frac{1}{" * 300 + "1" + "}" * 300,
        r"\sqrt" * 1_900 + "2",
        "2^" * 3_000 + "2",
        "5" + "!" * 3_000,
        "1/" * 3_000 + "1",
        "5" + " mod 5" * 1_400,
        "A" + r"\cup B\cap C" * 900,
        "1" + r"\pm 1" * 900,
        "{}" * 1_400 + "1",
        r"\$" * 2_900,
        "C_3^{" * 30 + "1" + "}" * 30,
        r"\{x|" * 39 + "x" + r"\}" * 39,
        "f'(" * 900,
        "1e999999999",
        "10^{999999999}!",
        "9" * 9_000,
        "|" * 3_000,
    ],
)
def test_a_hostile_text_is_read_without_raising(text: str) -> None:
    assert len(read(text)) <= 3
