import numpy as np
import pytest

from potstill.decontaminate.numbers import keeps, numbers
from potstill.decontaminate.questions import is_code, question
from potstill.decontaminate.spans import densest
from potstill.decontaminate.terms import term_runs, terms
from potstill.text.ngrams import words
from potstill.text.tokens import hash_of


@pytest.mark.parametrize(
    "options",
    [
        "\nA. one\nB. two",
        "\n(A) one\n(B) two",
        "\n\nOptions:\nA. one\nB. two",
        "\n选项：\nA．一\nB．二",
    ],
)
def test_options_are_no_part_of_the_question(options):
    assert question(f"Which is right?{options}").strip() == "Which is right?"


def test_what_looks_like_an_option_stays():
    for text in ("A. Smith wrote this.\nWho was he?", "Plan A\nA. B. Yehoshua", "\nA. one\nB. two"):
        assert question(text) == text


def test_the_body_of_code_is_no_part_of_the_question():
    head = 'def f(x):\n    """Add one."""'
    assert question(f"{head}\n    return x + 1") == head
    assert question("def f(x):\n    return x") == "def f(x):\n    return x"
    assert is_code(head)
    assert is_code("Explain this:\n```\nx = 1\n```")
    assert not is_code("The class of sets is no set; we define f by f(x) = x.")


def test_numbers_are_found_in_figures_and_in_words():
    assert numbers("In the third of 1,000 rows, twenty apples; 六只") == {"3", "1000", "20", "6"}
    assert keeps(frozenset(), frozenset())
    assert keeps(frozenset("12345"), frozenset("123"))
    assert not keeps(frozenset("12345"), frozenset("12"))
    assert keeps(frozenset("12345"), frozenset("12"), of=0.5)


def test_terms_are_words_and_the_pairs_of_what_says_little_alone():
    hashes, offsets = terms(["red red apple", "", "x^2", "苹果"])
    assert list(np.diff(offsets)) == [2, 0, 5, 3]
    assert set(hashes[:2]) == {hash_of("red"), hash_of("apple")}
    assert all(np.all(np.diff(part) > 0) for part in np.split(hashes.astype(object), offsets[1:-1]))


def test_runs_of_terms_stand_at_their_tokens():
    text = "let x = 2 苹果 be"
    alone, pairs = term_runs(text)
    assert [hash_of(word) for word in words(text)] == list(alone)
    assert list(pairs != 0) == [False, True, True, False, True, False, False]


def test_pairs_do_not_reach_into_the_next_text():
    assert list(np.diff(terms(["x", "y"]).offsets)) == [1, 1]


def test_the_densest_stretch():
    text = "no no yes yes no yes no no"
    gains = np.array([0, 0, 1, 1, 0, 1, 0, 0], dtype=float)
    assert densest(text, gains) == "yes yes no yes"
    assert densest("  nothing here ", np.zeros(2)) == "nothing here"
