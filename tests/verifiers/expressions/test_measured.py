"""Values with units."""

import pytest

from potstill.verifiers.expressions.nodes import Items, Node, Quantity, Sum, Symbol
from verifiers.expressions.trees import PI, equal, num, product, read_as, root, total, x


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("12 cm", num(12), "cm"),
        (r"12\text{ cm}", num(12), "cm"),
        (r"8\pi\mathrm{~cm}^2", product(num(8), PI), "cm²"),
        (r"2+\sqrt{3}\text{ cm}", total(num(2), root(3)), "cm"),
        (r"30^\circ", num(30), "°"),
        ("百分之五", num(5), "%"),
        (r"50\%", num(50), "%"),
        (r"\$5", num(5), "$"),
        ("5个苹果", num(5), "苹果"),
        (r"\boxed{28} percent", num(28), "%"),
    ],
)
def test_reads_quantities(text: str, value: Node, unit: str) -> None:
    found = read_as(text)
    assert isinstance(found, Quantity)
    assert (found.value, found.unit.name) == (value, unit)


def test_a_unit_of_several_parts_is_a_sum() -> None:
    for text in ("2小时30分钟", "2 h 30 min", "2 hours and 30 minutes"):
        found = read_as(text)
        assert isinstance(found, Sum), text
        assert [part.value for part in found.terms if isinstance(part, Quantity)] == [
            num(2),
            num(30),
        ]
    assert isinstance(read_as("2 hours and 30 apples"), Items)
    assert isinstance(read_as("12°30'"), Sum)


def test_variables_are_no_units() -> None:
    assert read_as("2m+3") == total(product(num(2), Symbol("m")), num(3))
    assert read_as("x=1时") == equal(x, num(1))
