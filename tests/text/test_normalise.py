import pytest
from hypothesis import given
from hypothesis import strategies as st

from potstill.text.normalise import normalise

TRICKY = st.text(
    alphabet=st.sampled_from(list(" \t\n\\,;:!>~{}$+-=aA0qud½²ﬁİßΣ\u0345\u200b，。三　"))
)


@given(st.text() | TRICKY)
def test_normalising_twice_changes_nothing(text):
    once = normalise(text)
    assert normalise(once) == once


@given(st.text(alphabet=st.characters(codec="ascii")))
def test_ascii_shortcut_agrees_with_the_long_way(text):
    assert normalise(text) == normalise(text + "\u200b")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("What is  3 + 4?", "what is 3+4?"),
        ("Compute $\\frac {1}{2} \\, x$.", "compute $\\frac{1}{2}x$."),
        ("$10,\\!000$ people", "$10,000$ people"),
        ("a \\quad b", "A\\ b"),
        ("figure~1", "Figure 1"),
        ("计算 15 ×　6＝？", "计算15×6=？"),
        ("２０２４年，Ａ", "2024年,a"),
        ("Janet’s “eggs” – 5", 'janet\'s "eggs" - 5'),
        ("x²", "x^2"),
        ("x₁₂", "x_12"),
        ("zero\u200bwidth", "zerowidth"),
        ("e\u0301tude", "\u00c9TUDE"),
        ("line\r\nbreak", "line break"),
    ],
)
def test_spellings_of_one_thing_are_equal(one, other):
    assert normalise(one) == normalise(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("2³", "23"),
        ("3½", "31/2"),
        ("two words", "twowords"),
        ("1, 234", "1,234"),
        ("3 . 5", "3.5"),
        ("3 + 4", "3 - 4"),
        ("a \\\\, b", "a b"),
        ("3 4", "34"),
        ("\\quads", "\\quad s"),
    ],
)
def test_different_things_stay_apart(one, other):
    assert normalise(one) != normalise(other)
