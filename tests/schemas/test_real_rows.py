"""Real rows of published datasets, as the sources give them to the line."""

import json
from collections import Counter

import pytest

from potstill import registry
from potstill.protocols import Place
from potstill.records import Dropped, GivenResponse


@pytest.fixture(scope="module")
def read(shared):
    def read(schema, file, **map):
        path = shared / "data" / file
        if not path.is_file():
            pytest.skip(f"no {path}")
        place = Place("s", path, map, {}, schema=registry.load("schemas", schema))
        return list(registry.load("sources", path.suffix[1:])(place))

    return read


def reasons(rows):
    return Counter(row.reason for row in rows if isinstance(row, Dropped))


@pytest.mark.parametrize(("language", "count"), [("en", 999), ("zh", 1000)])
def test_alpaca(read, shared, language, count) -> None:
    file = f"alpaca_demo_en_zh/alpaca_{language}_demo.json"
    problems = read("alpaca", file)
    assert len(problems) == count
    assert not any(problem.extra for problem in problems)
    rows = json.loads((shared / "data" / file).read_text(encoding="utf-8"))
    for problem, row in zip(problems, rows, strict=True):
        assert problem.text == "\n".join(filter(None, (row["instruction"], row["input"])))
        assert problem.responses == (GivenResponse(answer=row["output"].strip()),)


def test_seed_tasks_are_no_alpaca_rows(read) -> None:
    rows = read("alpaca", "self_instruct_seed_tasks/seed_tasks.jsonl")
    assert reasons(rows) == {"missing_field": 175}


@pytest.mark.parametrize(("language", "tools"), [("en", 191), ("zh", 200)])
def test_sharegpt_with_and_without_tools(read, language, tools) -> None:
    rows = read("sharegpt", f"glaive_toolcall_en_zh/glaive_toolcall_{language}_demo.json")
    assert reasons(rows) == {"tools": tools}
    problems = [row for row in rows if not isinstance(row, Dropped)]
    assert all(problem.messages[-1].role == "user" for problem in problems)
    assert all(problem.responses[0].answer for problem in problems)


def test_a_conversation_whose_answers_stand_apart(read) -> None:
    problems = read("sharegpt", "preference_dpo_kto/dpo_en_demo.json")
    assert Counter(problem.responses for problem in problems) == {(): 300}
    assert all(problem.extra["chosen"]["from"] == "gpt" for problem in problems)


def test_messages(read) -> None:
    problems = read("messages", "preference_dpo_kto/kto_en_demo.json")
    assert not reasons(problems)
    assert Counter(len(p.messages) for p in problems)[1] == 223
    assert all(p.responses[0].answer for p in problems)
    assert {p.extra["label"] for p in problems} == {True, False}


def test_messages_whose_answer_is_still_to_come(read) -> None:
    problems = read("messages", "mgsm_zh/mgsm_zh.jsonl", reference_answer="answer")
    assert [(p.messages[0].role, p.responses) for p in problems] == [("user", ())] * 250
    assert all(p.reference_answer for p in problems)


def test_messages_with_tools(read) -> None:
    rows = read("messages", "reason_tool_use_50/reason_tool_use_demo_50.jsonl")
    assert reasons(rows) == {"tools": 48, "not_text": 2}


def test_responses_with_their_thinking(read) -> None:
    problems = read("qa", "r1_math500_traces/math500_deepseek_r1_parsed.jsonl")
    assert len(problems) == 20
    for problem in problems:
        (response,) = problem.responses
        assert response.think == problem.extra["reasoning_trace"].strip()
        assert response.answer == problem.extra["answer_text"].strip()
        assert response.teacher == "deepseek-reasoner"
        assert problem.reference_answer


@pytest.mark.parametrize(
    ("file", "rows"),
    [
        ("gsm8k/test.jsonl", 1319),
        ("math500/test.jsonl", 500),
        ("cmath_1098/test.jsonl", 1098),
        ("aime25/test2025-I.jsonl", 15),
    ],
)
def test_tables_with_references(read, file, rows) -> None:
    problems = read("qa", file)
    assert len(problems) == rows
    assert all(p.reference_answer and "####" not in p.reference_answer for p in problems)


def test_tables_with_responses(read) -> None:
    problems = read("qa", "ifeval/input_response_data_gpt4_20231107_145030.jsonl")
    assert sum(bool(p.responses[0].answer) for p in problems) == 540


def test_choices_apart(read) -> None:
    assert reasons(read("qa", "agieval_en/sat-math.jsonl")) == {"choices_apart": 220}


def test_huatuo_o1(read) -> None:
    problems = read("huatuo-o1", "huatuo_o1_demo/demo_data.json")
    assert len(problems) == 198
    assert all(p.responses[0].think and p.reference_answer for p in problems)
    assert all("options" in p.extra for p in problems)
