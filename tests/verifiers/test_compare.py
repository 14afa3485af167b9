import pytest

from potstill.verifiers.compare import compare, is_readable, is_words, unusable
from potstill.verifiers.comparing.rules import Rules


@pytest.mark.parametrize(
    ("reference", "answer", "by"),
    [
        ("5", "5", "text"),
        ("5", "5.0", "number"),
        ("March 15, 2024", "15 March 2024", "moment"),
        ("Tuesday", "星期二", "moment"),
        ("(x+1)^2", "x^2+2x+1", "expression"),
        ("\\int_0^1 x\\,dx", "1/2", "math_verify"),
    ],
)
def test_the_first_way_that_decides_counts(reference: str, answer: str, by: str) -> None:
    assert compare(reference, answer) == ("pass", "equal", by)


@pytest.mark.parametrize(
    ("reference", "right", "wrong"),
    [
        ("1,234", "1234", "234"),
        ("1,2", "2, 1", "2, 2"),
        ("3升", "3L", "3mL"),
        ("8立方米", "8m³", "8m²"),
        ("3.5元", "350分", "35分"),
        ("x<-1或x>2", "x>2或x<-1", "x<-1且x>2"),
        ("全体实数", "R", "x > 0"),
        ("\\left(\\frac12, 1\\right)", "\\\\left(\\\\frac{1}{2}, 1\\\\right)", "(1, 1)"),
        ("undefined", "does not exist", "0"),
        ("7", "7", "cannot be determined"),
    ],
)
def test_both_directions(reference: str, right: str, wrong: str) -> None:
    assert compare(reference, right).outcome == "pass"
    assert compare(reference, wrong).outcome == "fail"


def test_answers_to_several_questions_keep_their_order() -> None:
    assert compare("6；8", "6；8").outcome == "pass"
    assert compare("6；8", "6, 8").outcome == "pass"
    assert compare("6；8", "8；6").outcome == "undecided"
    assert compare("6；8", "8；9").outcome == "fail"
    assert compare("x=6；x=8", "x=8；x=6").outcome == "pass"


def test_a_letter_behind_a_figure_is_a_variable_without_a_unit_in_the_reference() -> None:
    assert compare("5", "5m").outcome == "fail"
    assert compare("5m", "5m").outcome == "pass"
    assert compare("5 m", "5m").outcome == "pass"


def test_names_of_the_problem() -> None:
    assert compare("Ann", "Bob", problem="Ann and Bob race. Who wins?").outcome == "fail"
    assert compare("Ann", "Bob").outcome == "undecided"


def test_options() -> None:
    assert compare("0.33", "\\frac{1}{3}").outcome == "fail"
    assert compare("0.33", "\\frac{1}{3}", Rules(rounding=True)).outcome == "pass"
    assert compare("0.34", "\\frac{1}{3}", Rules(rounding=True)).outcome == "fail"
    assert compare("\\frac{1}{3}", "0.33", Rules(rounding=True)).outcome == "fail"
    assert compare("2\\pi", "6.283", Rules(tolerance=1e-3)).outcome == "pass"
    assert compare("2\\pi", "6.3", Rules(tolerance=1e-3)).outcome == "fail"


@pytest.mark.parametrize(
    "reference",
    ["5", "x", "Evelyn", "H2O", "两个直角", "√", "×", "3:30 pm", "no solution", "10^{10^{10}}"],
)
def test_usable_references(reference: str) -> None:
    assert unusable(reference) is None


@pytest.mark.parametrize(
    ("reference", "why"),
    [
        ("\\frac{1}{", "can't be read"),
        ("{", "says nothing"),
        ("…", "says nothing"),
        ("Answers will vary with the data that each of the students has collected so far", "prose"),
    ],
)
def test_unusable_references(reference: str, why: str) -> None:
    assert why in str(unusable(reference))


def test_what_is_readable() -> None:
    assert is_readable("x = 5 or x = 6")
    assert is_readable("下午3点30分")
    assert not is_readable("I am sorry, but I have no idea how to do this.")
    assert not is_readable("Evelyn")
    assert is_words("Evelyn")
    assert not is_words("3:30 pm")
