"""Readings of whole texts: several of ambiguous ones, and none of what isn't understood."""

import pytest

from potstill.verifiers.expressions.nodes import Negative, Node, Quotient, SetOf, Symbol, Words
from potstill.verifiers.expressions.parse import read
from verifiers.expressions.trees import (
    HALF,
    a,
    b,
    both,
    c,
    call,
    interval,
    num,
    product,
    root,
    x,
    y,
)


@pytest.mark.parametrize(
    ("text", "readings"),
    [
        ("1,234", (num(1234), both(num(1), num(234)))),
        ("(1,234)", (interval("()", num(1), num(234)), num(1234))),
        ("1,22", (both(num(1), num(22)), num("1.22", 2))),
        ("1,234,5", (both(num(1), num(234), num(5)),)),
        ("1, 234", (both(num(1), num(234)),)),
        ("{1,3}", (SetOf((num(1), num(3))),)),
        (r"\frac{1,200}{7}", (Quotient(num(1200), num(7)),)),
        ("1,000", (num(1000),)),
        ("(1;2)", (interval("()", num(1), num(2)),)),
        (
            "(1,5; 2)",
            (interval("()", num(1), num(5), num(2)), interval("()", num("1.5", 1), num(2))),
        ),
        ("1/2x", (product(HALF, x), Quotient(num(1), product(num(2), x)))),
        ("a/bc", (Quotient(a, product(b, c)),)),
        ("a/b c", (product(Quotient(a, b), c),)),
        ("1/(2x)", (Quotient(num(1), product(num(2), x)),)),
        ("C(5,2)", (call("binomial", num(5), num(2)), interval("()", num(5), num(2)))),
        ("C(1,-2)", (interval("()", num(1), Negative(num(2))),)),
        (r"\sqrt{2}\approx 1.41", (root(2), num("1.41", 2))),
        ("Tom", (Words("Tom"), product(Symbol("T"), Symbol("o"), Symbol("m")))),
        ("abc", (product(a, b, c), Words("abc"))),
        ("xyz", (product(x, y, Symbol("z")),)),
    ],
)
def test_an_ambiguous_text_has_its_likeliest_reading_first(
    text: str, readings: tuple[Node, ...]
) -> None:
    assert read(text) == readings


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "()",
        "(1",
        "1)",
        ")(",
        "+",
        "x=",
        r"\frac{1}",
        r"\sqrt{",
        r"\foo{x}",
        r"1, 2, \ldots, 10",
        "1+2+...+n",
        "0.333...",
        "1.2.3",
        r"AB \perp CD",
        "x + green",
        "Since the sum is even, x = 3",
        "x = green",
        "3 5/2",
        "1" + "0" * 2_000,
        "(" * 500 + "1" + ")" * 500,
        "a" * 100_000,
    ],
)
def test_what_cannot_be_read_has_no_reading(text: str) -> None:
    assert read(text) == ()
