"""Groups, intervals, vectors and sets."""

import pytest

from potstill.verifiers.expressions.nodes import (
    Builder,
    NamedSet,
    Negative,
    Node,
    Relation,
    SetOf,
    SetOperation,
)
from verifiers.expressions.trees import (
    EMPTY,
    INFINITY,
    REALS,
    SEP,
    call,
    interval,
    num,
    product,
    read_as,
    x,
)


@pytest.mark.parametrize(
    ("texts", "node"),
    [
        ("(1,2)   （1，2）   (1;2)   A(1,2)   \\left(1, 2\\right)", interval("()", num(1), num(2))),
        ("[0,1)   \\left[0, 1\\right)", interval("[)", num(0), num(1))),
        ("]0,1[", interval("()", num(0), num(1))),
        ("[0,1[", interval("[)", num(0), num(1))),
        (r"\langle 1,2,3\rangle   <1,2,3>", interval("<>", num(1), num(2), num(3))),
        (r"(2x)   [2x]   {2x}", product(num(2), x)),
        (r"\{1,2\}   {1,2}   \left\{1, 2\right\}   {1，2}", SetOf((num(1), num(2)))),
        (r"\emptyset   ∅   \varnothing   \{\}   no solution   无解   \text{No solutions}", EMPTY),
        (r"\mathbb{R}   ℝ   all real numbers   任意实数   \mathbb R", REALS),
        (r"\mathbb{R}^+   \mathbb{R}_{>0}   正实数", NamedSet("R", True)),
        (r"\mathbb{N}^*   N^*   \mathbb{Z}_+   正整数   N_+", NamedSet("Z", True)),
        (
            r"\mathbb{R}\setminus\{0\}   ℝ∖{0}",
            SetOperation("difference", (REALS, SetOf((num(0),)))),
        ),
        (
            r"(-\infty,0)\cup(1,+\infty)   (-∞,0)∪(1,∞)   (-inf, 0) union (1, inf)",
            SetOperation(
                "union",
                (
                    interval("()", Negative(INFINITY), num(0)),
                    interval("()", num(1), INFINITY),
                ),
            ),
        ),
        (
            r"\{x\in\mathbb{R} : |x|>2, x\ne 3\}",
            Builder(
                Relation((x, REALS), ("in",)),
                (
                    Relation((call("abs", x), num(2)), (">",)),
                    Relation((x, num(3)), ("!=",)),
                ),
            ),
        ),
        (r"2\mathbf{i}-\mathbf{j}+\mathbf{k}", interval("<>", num(2), Negative(num(1)), num(1))),
    ],
)
def test_reads_brackets_and_sets(texts: str, node: Node) -> None:
    for text in texts.split(SEP):
        assert read_as(text) == node, text


@pytest.mark.parametrize("text", [r"\{x \mid x>2\}", r"\{x | x>2\}", "{x: x > 2}", r"\{x : x>2\}"])
def test_reads_set_builders(text: str) -> None:
    assert read_as(text) == Builder(x, (Relation((x, num(2)), (">",)),))
