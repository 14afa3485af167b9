"""Relations, congruences and ratios."""

import pytest

from potstill.verifiers.expressions.nodes import UNNAMED, Congruence, Node, Ratio, Relation, Symbol
from verifiers.expressions.trees import (
    INTEGERS,
    SEP,
    a,
    b,
    call,
    equal,
    interval,
    k,
    num,
    product,
    read_as,
    with_and,
    x,
)


@pytest.mark.parametrize(
    ("texts", "node"),
    [
        ("x=3   x = 3   x等于3   x为3   x is 3", equal(x, num(3))),
        ("= 3", num(3)),
        (r"0<x\le 1   0<x≤1   0<x<=1", Relation((num(0), x, num(1)), ("<", "<="))),
        (r"x \neq 0   x≠0   x != 0   x \not= 0   x<>0", Relation((x, num(0)), ("!=",))),
        (r"x \in [0,1]   x∈[0,1]", Relation((x, interval("[]", num(0), num(1))), ("in",))),
        (r"k\in Z   k∈Z   k \in \mathbb{Z}", Relation((k, INTEGERS), ("in",))),
        ("> 2   大于2   more than 2", Relation((UNNAMED, num(2)), (">",))),
        ("at least 2   不小于2   至少2", Relation((UNNAMED, num(2)), (">=",))),
        ("x大于2且小于5", with_and(Relation((x, num(2)), (">",)), Relation((x, num(5)), ("<",)))),
        ("面积为3   面积=3", equal(Symbol("面积"), num(3))),
        ("Answer: 3   答案是3   result = 3", num(3)),
        ("f(x)=2x", equal(call("f", x), product(num(2), x))),
        ("s(x)=2x", equal(call("s", x), product(num(2), x))),
        ("2s(x)=2", equal(product(num(2), Symbol("s"), x), num(2))),
        (r"x\equiv 3\pmod{7}   x ≡ 3 (mod 7)   x \equiv 3 \mod 7", Congruence(x, num(3), num(7))),
        (r"3 \pmod 7", Congruence(None, num(3), num(7))),
        (r"3:4   3：4   3\colon 4   3比4   3∶4", Ratio((num(3), num(4)))),
        ("a:b=3:4", equal(Ratio((a, b)), Ratio((num(3), num(4))))),
    ],
)
def test_reads_relations(texts: str, node: Node) -> None:
    for text in texts.split(SEP):
        assert read_as(text) == node, text
