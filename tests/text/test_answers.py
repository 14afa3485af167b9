import json
import re

import pytest

from potstill.text.answers import final_reference, plain_answer


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("She has 16 - 7 = 9 eggs.\n#### 18", "18"),
        ("work\n#### 1,234.5 \n", "1,234.5"),
        ("#### -3", "-3"),
        ("a\n#### 1\nb\n#### 2", "2"),
        ("72", "72"),
        ("a #### 5", "a #### 5"),
        ("#### Solution\nThe answer is 5.", "#### Solution\nThe answer is 5."),
        ("work\n####", "work\n####"),
        ("", ""),
    ],
)
def test_final_reference(text, answer):
    assert final_reference(text) == answer


def test_every_gsm8k_reference_is_a_number(shared):
    lines = (shared / "data/gsm8k/test.jsonl").read_text("utf-8").splitlines()
    answers = [final_reference(json.loads(line)["answer"]) for line in lines]
    assert [a for a in answers if not re.fullmatch(r"-?[\d,]+(\.\d+)?", a)] == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1.50", "1.5"),
        ("3.0", "3"),
        ("1,234,567.50", "1234567.5"),
        ("$10{,}000$", "10000"),
        ("10,\\!000", "10,000"),
        ("\\boxed{\\dfrac{1}{2}}", "$\\frac{1}{2}$."),
        ("12 \\text{ cm}", "12 cm"),
        ("\\left( 1, 2 \\right)", "(1,2)"),
        ("Yes.", "yes"),
        ("５。", "5"),
        ("", " "),
    ],
)
def test_one_answer_in_two_spellings(one, other):
    assert plain_answer(one) == plain_answer(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("100", "1"),
        ("1.05", "1.5"),
        ("1.0.0", "1"),
        ("1 2", "12"),
        ("(1,234)", "1234"),
        ("-3", "3"),
        ("1/2", "0.5"),
        ("\\frac{1}{2}", "\\frac{2}{1}"),
        ("A", "B"),
    ],
)
def test_other_answers(one, other):
    assert plain_answer(one) != plain_answer(other)
