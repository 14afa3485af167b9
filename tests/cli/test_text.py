"""Text on a terminal: wrapped without loss, formulas whole, and nothing that drives it."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from potstill.cli.text import as_json_line, count_words, fold, wrap
from potstill.text.printable import printable

PIECES = st.sampled_from(["word", "$x + y$", "\\(a b\\)", "计算", " ", "  ", "$", "\x1b[2J", "é"])


@given(st.lists(PIECES, max_size=40).map("".join), st.integers(4, 30))
def test_lines_fit_and_nothing_but_white_space_is_lost(text: str, width: int) -> None:
    lines = list(wrap(text, width))
    assert all(cell_len(line) <= width for line in lines)
    assert "".join("".join(lines).split()) == "".join(printable(text).split())


@pytest.mark.parametrize("formula", ["$a + b$", "$$a + b$$", r"\(a + b\)", r"\[ a + b \]"])
def test_a_formula_that_fits_is_not_broken(formula: str) -> None:
    assert list(wrap(f"It is {formula}.", 12)) == ["It is", f"{formula}."]


def test_a_formula_that_does_not_fit_is_broken_between_words() -> None:
    assert list(wrap("$aaaa + bbbb + cccc$", 10)) == ["$aaaa +", "bbbb +", "cccc$"]


def test_wide_characters_take_two_cells() -> None:
    assert list(wrap("计算下面的式子", 6)) == ["计算下", "面的式", "子"]


def test_indentation_and_empty_lines_stay() -> None:
    assert list(wrap("if x:\n\n    y", 20)) == ["if x:", "", "    y"]


def test_a_long_line_of_open_brackets_takes_no_long_time() -> None:
    assert sum(map(len, wrap("\\(" * 50_000, 80))) == 100_000


def test_folding_says_what_it_leaves_out() -> None:
    lines = [str(number) for number in range(10)]
    assert fold(lines, 1234, first=2, last=1) == [
        "0",
        "1",
        "… 7 of 10 lines folded (1,234 words in all); --full shows them",
        "9",
    ]
    assert fold(lines, 1234, first=6, last=2) == lines


def test_words_of_both_scripts_are_counted() -> None:
    assert count_words("two words 两个字") == 5


def test_json_has_nothing_that_drives_a_terminal() -> None:
    value = {"a": "\x1b[2J \x9b \u202e 字 \U000e0001"}
    line = as_json_line(value)
    assert line.isprintable()
    assert "字" in line
    assert json.loads(line) == value
