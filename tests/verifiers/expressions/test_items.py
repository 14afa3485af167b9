"""Lists and words."""

import pytest

from potstill.verifiers.expressions.nodes import Node, Relation, Symbol, Words
from verifiers.expressions.trees import (
    INTEGERS,
    PI,
    SEP,
    both,
    either,
    equal,
    k,
    num,
    product,
    read_as,
    with_and,
    x,
    y,
)


@pytest.mark.parametrize(
    ("texts", "node"),
    [
        ("1, 2   1、2   1;2   1\\quad 2", both(num(1), num(2))),
        ("1 and 2   1和2   $1$ and $2$", with_and(num(1), num(2))),
        ("1 or 2   1或2   1\\text{ or }2   1 \\lor 2", either(num(1), num(2))),
        ("1, 2, and 3   1，2和3", with_and(num(1), num(2), num(3))),
        ("1, 2, 3.", both(num(1), num(2), num(3))),
        ("x=1 or x=2   x=1或x=2   x=1orx=2", either(equal(x, num(1)), equal(x, num(2)))),
        (
            "x_1=1,x_2=2   x₁=1，x₂=2",
            both(equal(Symbol("x_1"), num(1)), equal(Symbol("x_2"), num(2))),
        ),
        (
            "x=1,y=2;x=2,y=1",
            both(
                both(equal(x, num(1)), equal(y, num(2))), both(equal(x, num(2)), equal(y, num(1)))
            ),
        ),
        (
            r"x=2k\pi, k\in\mathbb{Z}   x=2kπ (k∈Z)   x=2kπ，k∈Z",
            both(equal(x, product(num(2), k, PI)), Relation((k, INTEGERS), ("in",))),
        ),
        (r"blue, red   \text{blue, red}", both(Words("blue"), Words("red"))),
        (r"\text{Evelyn}   Evelyn   \mathrm{Evelyn}", Words("Evelyn")),
        ("甲和乙", with_and(Words("甲"), Words("乙"))),
        ("St. Louis", Words("St. Louis")),
        (
            "It converges, since every term is small.",
            Words("It converges, since every term is small"),
        ),
    ],
)
def test_reads_lists_and_words(texts: str, node: Node) -> None:
    for text in texts.split(SEP):
        assert read_as(text) == node, text
