import json
import re

import pytest

from potstill.text.answers import final_reference


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
