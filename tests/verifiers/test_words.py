"""Answers in words: what is the same, what is surely not, and what can't be told."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from potstill.verifiers.word_classes import SOLUTIONS, TRUTH, members, mentioned
from potstill.verifiers.words import compare, no_solution, truth

PASSES = [
    # dressing
    ("Evelyn", "evelyn."),
    ("\\text{Evelyn}", "Evelyn"),
    ("“Evelyn”", "**Evelyn**"),
    ("the east wall", "east wall"),
    ("ice-cream", "Ice cream"),
    ("小明", "“小明”。"),
    ("three apples", "3 apples"),
    ("第三组", "第3组"),
    # a sentence around it
    ("Evelyn", "The answer is Evelyn"),
    ("Evelyn", "It is Evelyn."),
    ("Evelyn", "Evelyn, because she ran fastest"),
    ("Evelyn", "Evelyn Carter"),
    ("Evelyn", "So the winner is Evelyn Carter."),
    ("小明", "答案是小明"),
    ("box", "in the box"),
    ("red and blue", "blue and red"),
    # closed classes
    ("Tuesday", "星期二"),
    ("Tuesday", "It falls on a Tuesday"),
    ("east", "to the east"),
    ("east", "东"),
    ("even", "偶数"),
    ("Quadrant II", "第二象限"),
    ("convergent", "The series converges"),
    ("充分不必要条件", "sufficient but not necessary"),
    ("first", "1st place"),
    # yes and no
    ("Yes", "yes, because both are even"),
    ("No", "No. The sum is odd."),
    ("yes", "true"),
    ("是", "yes"),
    ("正确", "对"),
    ("正确", "正确，因为两边相等"),
    # no solution
    ("no solution", "无解"),
    ("no solution", "There are no real solutions"),
    ("DNE", "does not exist"),
    ("cannot be determined", "无法确定"),
    ("infinitely many solutions", "无数个解"),
]
FAILS = [
    ("Tuesday", "Wednesday"),
    ("Tuesday", "星期三"),
    ("Tuesday", "It falls on a Monday"),
    ("east", "west"),
    ("even", "odd"),
    ("odd", "neither odd nor even"),
    ("increasing", "递减"),
    ("right", "left"),
    ("right", "wrong"),
    ("right triangle", "obtuse triangle"),
    ("充分不必要条件", "充要条件"),
    ("Quadrant II", "third quadrant"),
    ("yes", "no"),
    ("yes", "No, it is odd."),
    ("正确", "不正确"),
    ("是", "不是"),
    ("true", "not true"),
    ("no solution", "infinitely many solutions"),
    ("cannot be determined", "no solution"),
    ("Co", "CO"),
    ("Evelyn", "not Evelyn"),
    ("Monday", "not Monday"),
    ("5 apples and 3 pears", "5 apples and 4 pears"),
]
OPEN = [
    ("Evelyn", "Bob"),
    ("Evelyn", "Evelyn or Bob"),
    ("Evelyn", "Evelyn and Bob"),
    ("Evelyn", "Evelyn lost to Bob"),
    ("Evelyn", "Evelyn's sister"),
    ("New York", "New York City"),
    ("小明", "小明的爸爸"),
    ("小明", "小红"),
    ("Monday", "Monday and Tuesday"),
    ("in the box", "on the box"),
    ("Alice, Bob, Carol", "Bob, Alice, Carol"),
    ("Tom", "TOM"),
    ("1 hour and 30 minutes", "0 hour and 90 minutes"),
    ("2/4", "1/2"),
    ("log 4", "log 8"),
    ("no", "no solution"),
    ("Box", "Box Two"),
    ("team", "team Evelyn"),
    ("positive", "non-positive"),
    ("Monday", "three days from Monday"),
    ("红色", "小红"),
    ("正确", "对称轴"),
    ("A wins", "B wins"),
    ("Evelyn", ""),
    ("", "Evelyn"),
]


@pytest.mark.parametrize(("reference", "answer"), PASSES)
def test_the_same_answer(reference: str, answer: str) -> None:
    assert compare(reference, answer)[:2] == ("pass", "equal")


@pytest.mark.parametrize(("reference", "answer"), FAILS)
def test_another_answer(reference: str, answer: str) -> None:
    assert compare(reference, answer)[:2] == ("fail", "different")


@pytest.mark.parametrize(("reference", "answer"), OPEN)
def test_what_words_alone_cannot_tell(reference: str, answer: str) -> None:
    assert compare(reference, answer)[:2] == ("undecided", "text_differs")


def test_two_names_of_the_problem_are_two_answers() -> None:
    problem = "Evelyn and Bob ran a mile. Who was faster, Evelyn or Bob? Use a stop watch."
    assert compare("Evelyn", "Bob", problem=problem).outcome == "fail"
    assert compare("Evelyn", "Bobby", problem=problem).outcome == "undecided"
    assert compare("Evelyn", "watch", problem=problem).outcome == "undecided"
    assert compare("Evelyn", "Evelyn", problem=problem).outcome == "pass"
    assert compare("Evelyn", "Carter", problem="Evelyn Carter runs").outcome == "undecided"


@pytest.mark.parametrize(
    "text",
    [
        "no solution",
        "No solutions.",
        "no real roots",
        "There is no such integer",
        "none",
        "DNE",
        "∅",
    ]
    + [
        "\\emptyset",
        "\\varnothing",
        "\\text{No solution}",
        "does not exist",
        "The limit does not exist",
    ]
    + [
        "无解",
        "方程无解",
        "不存在",
        "没有实数根",
        "空集",
        "undefined",
        "the equation has no real solutions",
    ],
)
def test_no_solution(text: str) -> None:
    assert no_solution(text)


@pytest.mark.parametrize(
    "text",
    [
        "no",
        "0",
        "one solution",
        "not none",
        "无数个",
        "no more than 3 solutions",
        "the solution exists",
        "",
    ]
    + ["cannot be determined", "Nona", "无法确定", "no solution or 3"],
)
def test_some_solution(text: str) -> None:
    assert not no_solution(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Yes", True),
        ("TRUE", True),
        ("对", True),
        ("是的", True),
        ("成立", True),
        ("\\text{yes}", True),
    ]
    + [
        ("no", False),
        ("False.", False),
        ("错误", False),
        ("不成立", False),
        ("No: x is odd", False),
    ]
    + [("not true", False), ("不对，因为", False)]
    + [("Noah", None), ("no solution", None), ("true north", None), ("对称", None), ("", None)],
)
def test_truth(text: str, expected: bool | None) -> None:
    assert truth(text) is expected


def test_a_spelling_is_in_one_member_of_a_class_only() -> None:
    for text in ("right", "neither", "diverges", "no", "is"):
        found = members(text)
        assert len({member.kind for member in found}) == len(found)
    assert {member.kind for member in members("yes")} == {TRUTH}
    assert {member.kind for member in members("none")} == {SOLUTIONS}


def test_what_a_sentence_mentions() -> None:
    [monday] = members("monday")
    assert mentioned("it is a monday", monday.kind) == {"monday"}
    assert mentioned("monday or 星期二", monday.kind) == {"monday", "tuesday"}
    assert mentioned("mondayish", monday.kind) == set()
    [both] = members("充要条件")
    assert mentioned("是充分不必要条件", both.kind) == {"sufficient"}


@given(st.text(max_size=60))
def test_a_text_is_never_different_from_itself(text: str) -> None:
    assert compare(text, text).outcome != "fail"


@given(st.text("ab the.,是不{}\\text ", max_size=60), st.text("ab the.,是不{}\\text ", max_size=60))
def test_any_two_texts_can_be_compared(one: str, other: str) -> None:
    assert compare(one, other).reason in ("equal", "different", "text_differs")


def test_long_texts_are_only_equal_or_open() -> None:
    assert compare("word " * 20_000, "word " * 20_000).outcome == "pass"
    assert compare("word " * 20_000, "word " * 20_000 + "more").outcome == "undecided"
    assert compare("Evelyn", "word " * 20_000).outcome == "undecided"
    assert compare("Evelyn", "Evelyn" + " " * 100_000 + "x").outcome == "undecided"
    assert not no_solution("no " * 50_000)
    assert compare("Evelyn", "\\text{" * 20_000).outcome == "undecided"
