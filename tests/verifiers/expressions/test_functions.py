"""Functions, and variables that are bound."""

import pytest

from potstill.verifiers.expressions.nodes import Bound, Node, Power, Symbol
from verifiers.expressions.trees import (
    HALF,
    SEP,
    E,
    call,
    half,
    k,
    n,
    num,
    product,
    read_as,
    total,
    x,
)


@pytest.mark.parametrize(
    ("texts", "node"),
    [
        (r"\sin 2x   sin 2x   \sin(2x)   sin2x   \sin{2x}", call("sin", product(num(2), x))),
        (r"\sin^2 x   sin²x   \sin^{2}x   (\sin x)^2   \sin(x)^2", Power(call("sin", x), num(2))),
        (r"\sin x^2", call("sin", Power(x, num(2)))),
        (r"\sin x\cos x   sin x cos x   sinxcosx", product(call("sin", x), call("cos", x))),
        (r"\sin^{-1} x   \arcsin x   asin(x)", call("arcsin", x)),
        (r"\sin x + 1", total(call("sin", x), num(1))),
        (r"\sin x/2", half(call("sin", x))),
        (r"\tg x   \operatorname{tg} x   tan(x)", call("tan", x)),
        (r"\sec\frac12 x", call("sec", product(HALF, x))),
        (r"\log_2 8   \log_{2}(8)   log_2 8   log2(8)   log(8, 2)", call("log", num(8), num(2))),
        (r"\lg 5", call("log", num(5), num(10))),
        (r"\ln x   lnx   ln(x)", call("ln", x)),
        (r"\exp(x)   e^x", Power(E, x)),
        (r"\max\{1,2\}   \max(1,2)   max(1, 2)", call("max", num(1), num(2))),
        (r"\operatorname{lcm}(3,4)   \mathrm{lcm}(3,4)", call("lcm", num(3), num(4))),
        ("f(x)", call("f", x)),
        ("f(x)g(x)", product(call("f", x), call("g", x))),
        ("f'(x)   f^{\\prime}(x)", call("f'", x)),
        (r"f^{-1}(x)", call("f^-1", x)),
        ("x(x+1)", product(x, total(x, num(1)))),
        ("f+f(x)", total(Symbol("f"), product(Symbol("f"), x))),
        ("x' + x_{12}", total(Symbol("x'"), Symbol("x_12"))),
    ],
)
def test_reads_functions(texts: str, node: Node) -> None:
    for text in texts.split(SEP):
        assert read_as(text) == node, text


@pytest.mark.parametrize(
    ("text", "node"),
    [
        (r"\sum_{i=1}^{n} i^2", Bound("sum", Power(Symbol("i"), num(2)), "i", num(1), n)),
        (r"\prod\limits_{k=1}^n k", Bound("product", k, "k", num(1), n)),
        (r"\int_0^1 x^2\,\mathrm{d}x", Bound("integral", Power(x, num(2)), "x", num(0), num(1))),
        (r"\lim_{x \to 0} x", Bound("limit", x, "x", num(0))),
        (r"\frac{d}{dx}(x^2)", Bound("derivative", Power(x, num(2)), "x")),
        (r"\int_0^1 x^2", None),
        (r"\sum_{k} k", None),
    ],
)
def test_reads_bound_variables(text: str, node: Node | None) -> None:
    assert read_as(text) == node
