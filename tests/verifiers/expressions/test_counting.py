"""Combinations and permutations."""

import pytest

from potstill.verifiers.expressions.nodes import Node, Power, Symbol
from verifiers.expressions.trees import SEP, call, num, read_as


@pytest.mark.parametrize(
    ("texts", "node"),
    [
        (
            r"C_{10}^{3}   C_{10}^3   C^3_{10}   \mathrm{C}_{10}^3   \binom{10}{3}   {10 \choose 3}"
            r"   ^{10}C_3   {}_{10}C_3   10C3   \dbinom{10}3",
            call("binomial", num(10), num(3)),
        ),
        ("A_5^2   P_5^2   5P2   {}_5P_2", call("permutation", num(5), num(2))),
        ("C_1", Symbol("C_1")),
        ("C_1^2", Power(Symbol("C_1"), num(2))),
        ("a_5^2", Power(Symbol("a_5"), num(2))),
    ],
)
def test_reads_combinatorics(texts: str, node: Node) -> None:
    for text in texts.split(SEP):
        assert read_as(text) == node, text
