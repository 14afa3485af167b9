import pytest

from potstill.verifiers.compare import is_readable
from potstill.verifiers.tails import is_hedged, tail


@pytest.mark.parametrize(
    ("sentence", "found"),
    [
        ("答：一共种了四十八棵树。", "四十八棵树"),
        ("应找回24元5角", "24元5角"),
        ("It falls on March 15, 2024.", "March 15, 2024"),
        ("到达时间是上午11时15分", "上午11时15分"),
        ("So the point is (3, -2).", "(3, -2)"),
        ("所求直线的方程为 $y=3x+2$", "$y=3x+2$"),
        ("综上所述，$a=1$ 或 $a=-3$", "$a=1$ 或 $a=-3$"),
        ("The critical points are at $x = 2$ and $x = -2$", "$x = 2$ and $x = -2$"),
        ("She has 12 marbles left.", "12 marbles"),
        ("今年比去年增产百分之二十五", "百分之二十五"),
    ],
)
def test_the_end_of_a_sentence_that_is_an_answer(sentence: str, found: str) -> None:
    assert tail(sentence, is_readable) == found


@pytest.mark.parametrize(
    "sentence", ["", "I don't know.", "It costs $5 and then some more", "x is at least"]
)
def test_no_such_end(sentence: str) -> None:
    assert tail(sentence, is_readable) is None


def test_what_is_a_part_of_something_is_no_answer() -> None:
    assert tail("a list of words and 5", is_readable) is None
    assert tail("it is 20% of 50", is_readable) is None
    assert tail("not less than 5", is_readable) is None


def test_other_values_make_a_hedge() -> None:
    assert is_hedged("It could be 2, or it could be 3", "3")
    assert is_hedged("可能是2，也可能是3", "3")
    assert not is_hedged("For the other one it is 3", "3")
    assert not is_hedged("a=1或a=3", "a=1或a=3")
