"""Rows in a schema's shape through stages of the line."""

import json

import pytest

from potstill.pipeline.alone import apply

AM = {
    "messages": [
        {
            "role": "user",
            "content": "6 × 7 = ?",
            "info": {"source": "KodCode", "reference_answer": "42", "test_case": '{"a": 1}'},
        },
        {
            "role": "assistant",
            "content": "<think>Six sevens.\n</think>\n<answer>\n\\boxed{42}\n</answer>",
            "info": {
                "source": "KodCode",
                "think_content": "Six sevens.\n",
                "answer_content": "\n\\boxed{42}\n",
            },
        },
    ]
}
MINE = """\
def mine(row, /):
    prompt = row[{column!r}]
    return {{"messages": [{{"role": "user", "content": prompt}}], "response": {{"answer": "2"}}}}
"""


def write(path, *rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def rows(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.fixture
def source(tmp_path):
    return write(tmp_path / "in.jsonl", AM, {"text": "x"})


def test_a_published_row_is_converted_into_itself(source, tmp_path) -> None:
    output = tmp_path / "out.jsonl"
    apply("convert", source, output, schema="am-1.4m", use="am-1.4m")
    assert rows(output) == [AM]
    (dropped,) = rows(tmp_path / "out.dropped.jsonl")
    assert (dropped["stage"], dropped["reason"]) == ("gather", "missing_field")


def test_another_stage_keeps_the_row_as_it_is(source, tmp_path) -> None:
    output = tmp_path / "out.jsonl"
    apply("verify", source, output, schema="am-1.4m", use="math")
    (row,) = rows(output)
    assert row["outcome"] == "pass"
    assert row["messages"] == AM["messages"]
    assert row.keys() == {"messages", "outcome", "reason", "verifier"}


def test_a_schema_whose_file_changed_is_read_again(tmp_path) -> None:
    source = write(tmp_path / "in.jsonl", {"a": "first", "and": "second"})
    file, output = tmp_path / "mine.py", tmp_path / "out.jsonl"
    for column, prompt in (("a", "first"), ("and", "second")):
        file.write_text(MINE.format(column=column))
        schema = f"{file}:mine"
        apply("convert", source, output, schema=schema, use="alpaca", allow_code=True)
        assert rows(output) == [{"instruction": prompt, "input": "", "output": "2"}]
