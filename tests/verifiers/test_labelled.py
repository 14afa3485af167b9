import pytest

from potstill.verifiers.compare import compare
from potstill.verifiers.labelled import compare_named, named_values
from potstill.verifiers.math import verify_math


@pytest.mark.parametrize(
    ("reference", "right", "wrong"),
    [
        ("长12厘米，宽6厘米", "答：长是12厘米，宽是6厘米。", "答：长是6厘米，宽是12厘米。"),
        ("长12厘米，宽6厘米", "宽6厘米，长12厘米", "宽12厘米，长6厘米"),
        ("鸡23只，兔12只", "答：鸡有23只，兔有12只。", "答：鸡有12只，兔有23只。"),
        ("最大值6，最小值2", "当x=1时取最小值2，当x=3时取最大值6。", "最大值为2，最小值为6"),
        ("Ann $30, Bea $40", "- Ann: $30\n- Bea: $40", "Ann gets $40 and Bea gets $30."),
    ],
)
def test_values_by_their_names(reference: str, right: str, wrong: str) -> None:
    assert verify_math(reference, right).outcome == "pass"
    assert verify_math(reference, wrong).outcome == "fail"


@pytest.mark.parametrize("text", ["12", "12, 6", "长12厘米", "x=1, y=2", "长1厘米，长2厘米", ""])
def test_no_named_values(text: str) -> None:
    assert named_values(text) == ()


def test_a_name_that_is_not_there_decides_nothing() -> None:
    named = named_values("鸡23只，兔12只")
    assert compare_named(named, "鸡有23只。", compare) is None
