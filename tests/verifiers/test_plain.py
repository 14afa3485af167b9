import pytest
from hypothesis import given
from hypothesis import strategies as st

from potstill.verifiers.plain import is_words, plain, prose, same_text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (" $x$. ", "x"),
        (r"\[ x \]", "x"),
        (r"**\text{Evelyn}**", "Evelyn"),
        (r"\text{(C)}", "C"),
        ("（C）", "C"),
        ("(C, D)", "(C, D)"),
        (r"\dfrac{1}{2}", r"\frac{1}{2}"),
        (r"\left(1,\,2\right)", "(1, 2)"),
        (r"a\quad b", "a b"),
        (r"1 \\ 2 \\, 3", r"1 \\ 2 \\, 3"),
        ("$5$ or $6$", "5 or 6"),
        ("x=1或x=2", "x=1 or x=2"),
        ("$5", "$5"),
        ("x²", "x²"),
        ("½", "½"),
        ("5!", "5!"),
    ],
)
def test_plain(text: str, expected: str) -> None:
    assert plain(text) == expected


@given(st.text(st.sampled_from("\\$(){}[]*^ 1x.,°textfrac，（"), max_size=30))
def test_plain_twice_is_plain(text: str) -> None:
    assert plain(plain(text)) == plain(plain(plain(text)))


@pytest.mark.parametrize(
    "text", ["Evelyn", "east", "Au", "见右图", "no solution", "ab", "New York"]
)
def test_words(text: str) -> None:
    assert is_words(text)


@pytest.mark.parametrize("text", ["x", r"\pi", "pi", "ln x", "2ab", "x+y", "5 apples", "", "(0,1)"])
def test_no_words(text: str) -> None:
    assert not is_words(text)


@pytest.mark.parametrize("text", ["x is 5", "5 apples", "Area = 5", "约5", r"\text{if } x"])
def test_prose(text: str) -> None:
    assert prose(text)


@pytest.mark.parametrize(
    "text", ["2xy + 3", "xy", "sin x", r"\begin{pmatrix}1\\2\end{pmatrix}", "x = 1 or x = 2", "5"]
)
def test_no_prose(text: str) -> None:
    assert not prose(text)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Tuesday", "tuesday", True),
        ("New York", "new  york", True),
        ("x + 1", "x+1", True),
        ("Tuesday", "Wednesday", False),
        ("Co", "CO", False),
        ("X+y", "x+y", False),
        ("12 Mm", "12 mm", False),
    ],
)
def test_same_text(one: str, other: str, same: bool) -> None:
    assert same_text(one, other) is same
    assert same_text(other, one) is same
