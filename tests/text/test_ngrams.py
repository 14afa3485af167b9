import pytest
from hypothesis import given
from hypothesis import strategies as st

from potstill.text.ngrams import located, ngrams, words


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("Tom has 1,000.50 apples!", ["tom", "has", "1000.50", "apples"]),
        ("lists 1,2,3 and 12,34", ["lists", "1", "2", "3", "and", "12", "34"]),
        ("Janet’s well-known ducks", ["janet's", "well", "-", "known", "ducks"]),
        ("小明有3个apple", ["小", "明", "有", "3", "个", "apple"]),
        ("ありがとう", ["あ", "り", "が", "と", "う"]),
        ("\\frac{1}{2}\\quad\\Delta x", ["\\frac", "1", "2", "\\delta", "x"]),
        ("10,\\!000", ["10000"]),
        ("x² − 4 ≤ ５", ["x", "^", "2", "-", "4", "≤", "5"]),
        ("cafe\u0301 x_1 50%", ["café", "x", "1", "50", "%"]),
        ("…?!。，", []),
    ],
)
def test_tokens(text, tokens):
    assert words(text) == tokens


@given(st.text())
def test_places_belong_to_the_tokens(text):
    tokens = list(located(text))
    assert [token.text for token in tokens] == words(text)
    for token in tokens:
        assert token.text in words(text[token.start : token.end])
    assert [token.start for token in tokens] == sorted(token.start for token in tokens)


@given(st.text())
def test_tokens_are_words_without_spaces(text):
    assert all(token and not any(map(str.isspace, token)) for token in words(text))


def test_ngrams_are_runs_of_tokens():
    assert ngrams(["a", "b", "c"], 2) == ["a b", "b c"]
    assert ngrams(["a", "b"], 3) == []
