"""Real rows of published datasets, as the sources give them to the line."""

import json
import re
from collections import Counter

import pytest

from potstill import registry
from potstill.protocols import NotExpressible, Place
from potstill.records import Dropped, GivenResponse
from potstill.stages.responses import given
from potstill.text.answers import boxed


@pytest.fixture(scope="module")
def read(shared):
    def read(schema, file, *, map=(), **options):
        path = shared / "data" / file
        if not path.is_file():
            pytest.skip(f"no {path}")
        shape = registry.load("schemas", schema) if schema else None
        # Telling the language of each row is most of the time, and not what is asked here.
        place = Place("s", str(path), dict(map), {"language": "en"}, schema=shape)
        return list(registry.load("sources", path.suffix[1:])(place, **options))

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
    problems = read("messages", "mgsm_zh/mgsm_zh.jsonl", map={"reference_answer": "answer"})
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
    place = Place("s", str(path), {}, {}, schema=registry.load("schemas", format))
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
    ("schema", "file", "rows"),
    [
        ("gsm8k", "gsm8k/train.jsonl", 7473),
        ("gsm8k", "gsm8k/test.jsonl", 1319),
        ("math", "math_test5000/test.jsonl", 5000),
        ("math", "math500/test.jsonl", 500),
        ("math", "aime24/test.jsonl", 30),
        ("math", "aime25/test2025-I.jsonl", 15),
        ("math", "aime25/test2025-II.jsonl", 15),
        ("qa", "cmath_1098/test.jsonl", 1098),
        ("qa", "gsm8k/test.jsonl", 1319),
    ],
)
def test_tables_with_references(read, schema, file, rows) -> None:
    problems = read(schema, file)
    assert len(problems) == rows
    assert not reasons(problems)
    assert all(p.reference_answer and "####" not in p.reference_answer for p in problems)
    if schema == "gsm8k":
        assert all("####" in p.extra["answer"] for p in problems)


def test_math_s_boxes_hold_what_math_500_calls_the_answer(read) -> None:
    problems = read("math", "math500/test.jsonl")
    others = [p for p in problems if boxed(p.extra["solution"]) != p.reference_answer]
    assert len(others) == 1  # two boxes that say the same


MCQ = {
    "agieval_en": 651 + 651 + 230 + 510 + 220,
    "agieval_zh": 210 + 207 + 199 + 235 + 200,
    "gaokao_bench_data": 1781,
}


@pytest.mark.parametrize(("folder", "rows"), MCQ.items())
def test_multiple_choice(read, shared, folder, rows) -> None:
    files = sorted((shared / "data" / folder).glob("*.json*"))
    problems = [problem for file in files for problem in read("mcq", f"{folder}/{file.name}")]
    assert not reasons(problems)
    assert len(problems) == rows
    assert all(re.fullmatch(r"[A-J]+|1\. .*", p.reference_answer, re.S) for p in problems)
    if folder == "gaokao_bench_data":
        assert sum("\n" in p.reference_answer for p in problems) == 255
    else:
        assert all(len(p.extra["options"]) >= 4 for p in problems)
        lines = [p.text.splitlines() for p in problems]
        assert all(any(line.startswith("D. ") for line in each) for each in lines)
        doubled = [p for p in problems if re.search(r"^A\. [(（]A[)）]", p.text, re.M)]
        assert not doubled


@pytest.mark.parametrize(("name", "rows"), [("abstract_algebra", 100), ("sociology", 201)])
def test_multiple_choice_in_a_table_without_a_header(read, name, rows) -> None:
    columns = ("question", *"ABCD", "answer")
    problems = read("mcq", f"decontaminator/{name}_test.csv", columns=columns)
    assert (len(problems), reasons(problems)) == (rows, {})
    assert all(p.reference_answer in "ABCD" for p in problems)


@pytest.mark.parametrize(
    ("schema", "file", "rows", "kind"),
    [
        ("deepcoder", "leetcode_rllm/train.json", 1889, {"code"}),
        ("deepcoder", "leetcode_rllm/test.json", 200, {"code"}),
        ("deepcoder", "code_contests_stdio/code_contests.json", 165, {"inputs", "outputs"}),
        ("deepcoder", "codeforces_stdio/codeforces.json", 408, {"inputs", "outputs"}),
        ("humaneval", "humaneval/HumanEval.jsonl", 164, {"code", "entry_point"}),
        ("mbpp", "mbpp/mbpp.jsonl", 974, {"code"}),
    ],
)
def test_programs_with_their_tests(read, schema, file, rows, kind) -> None:
    problems = read(schema, file)
    assert (len(problems), reasons(problems)) == (rows, {})
    assert all(problem.tests.keys() == kind for problem in problems)
    assert {problem.category for problem in problems} == {"code"}


def test_humaneval_s_own_solutions_pass_its_tests(read) -> None:
    for problem in read("humaneval", "humaneval/HumanEval.jsonl")[:20]:
        program = problem.text + problem.extra["canonical_solution"]
        exec(f"{program}\n{problem.tests['code']}", {})


@pytest.mark.parametrize(
    ("file", "columns", "rows"),
    [
        ("arena_hard/question_v0.1.jsonl", {"problem": "prompt"}, 500),
        ("arena_hard/question_v2.0.jsonl", {"problem": "prompt"}, 750),
        ("ifeval/input_data.jsonl", {"problem": "prompt"}, 540),
        ("math_train_answers/math_train.json", {"reference_answer": "answer"}, 7474),
        ("ifbench/IFBench_test.jsonl", {"problem": "prompt"}, 300),
        ("self_instruct_seed_tasks/seed_tasks.jsonl", {"problem": "instruction"}, 175),
        ("decontaminator/HumanEval.jsonl", {"problem": "text"}, 164),
        ("gsm8k_model_solutions_labelled/first400.jsonl", {"problem": "question"}, 400),
    ],
)
def test_other_tables_need_but_a_column_s_name(read, file, columns, rows) -> None:
    problems = read(None, file, map=columns)
    assert (len(problems), reasons(problems)) == (rows, {})


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
