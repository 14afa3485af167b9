"""Real rows of published datasets, as the sources give them to the line."""

import json
from collections import Counter

import pytest

from potstill import registry
from potstill.protocols import NotExpressible, Place
from potstill.records import Dropped, GivenResponse
from potstill.stages.responses import given


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


@pytest.mark.parametrize(("language", "tools", "calls"), [("en", 191, 211), ("zh", 200, 216)])
def test_sharegpt_with_and_without_tools(read, language, tools, calls) -> None:
    problems = read("sharegpt", f"glaive_toolcall_en_zh/glaive_toolcall_{language}_demo.json")
    assert not reasons(problems)
    assert sum(bool(problem.tools) for problem in problems) == tools
    assert sum(len(m.tool_calls) for problem in problems for m in problem.messages) == calls
    assert not any(problem.extra for problem in problems)
    assert all(problem.responses[0].answer for problem in problems)
    orphans = {"en": 0, "zh": 2}[language]  # results that no call asked for
    assert sum(not linked(problem) for problem in problems) == orphans


def linked(problem):
    """Return whether every result names a call before it."""
    made = []
    for message in problem.messages:
        made += [call["id"] for call in message.tool_calls]
        if message.role == "tool" and message.tool_call_id not in made:
            return False
    return len({*made}) == len(made)


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
    problems = read("messages", "reason_tool_use_50/reason_tool_use_demo_50.jsonl")
    assert not reasons(problems)
    assert sum(bool(problem.tools) for problem in problems) == 48
    turns = [message for problem in problems for message in problem.messages]
    assert Counter(len(turn.tool_calls) for turn in turns)[0] == 70 + 50 + 42 + 20
    assert sum(turn.role == "tool" for turn in turns) == 42
    assert all(problem.responses[0].think for problem in problems)


GLAIVE, REASON = "glaive_toolcall_en_zh/glaive_toolcall", "reason_tool_use_50/reason_tool_use"


@pytest.mark.parametrize(
    ("schema", "file", "format", "refused"),
    [
        ("sharegpt", f"{GLAIVE}_en_demo.json", "messages", 0),
        ("sharegpt", f"{GLAIVE}_en_demo.json", "sharegpt", 0),
        ("sharegpt", f"{GLAIVE}_zh_demo.json", "messages", 0),
        ("sharegpt", f"{GLAIVE}_zh_demo.json", "sharegpt", 2),  # results that no call asked for
        ("messages", f"{REASON}_demo_50.jsonl", "messages", 0),
        ("messages", f"{REASON}_demo_50.jsonl", "sharegpt", 3),  # several calls in a turn
    ],
)
def test_real_tools_are_written_and_read_back(
    read, tmp_path, schema, file, format, refused
) -> None:
    problems = read(schema, file)
    written = [row for problem in problems if (row := export(format, problem)) is not None]
    path = tmp_path / "rows.jsonl"
    path.write_text("\n".join(row for row, _ in written), encoding="utf-8")
    place = Place("s", path, {}, {}, schema=registry.load("schemas", format))
    again = list(registry.load("sources", "jsonl")(place))
    for found, (_, wanted) in zip(again, written, strict=True):
        assert (found.messages, found.tools) == (wanted.messages, wanted.tools)
        assert found.responses[0] == wanted.responses[0].model_copy(
            update={"teacher": found.responses[0].teacher}
        )
    assert len(problems) - len(written) == refused


def export(format, problem):
    (sample,) = given(problem)
    try:
        row = registry.load("formats", format)(sample)
    except NotExpressible:
        return None
    return row.model_dump_json(exclude_unset=True), problem


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
