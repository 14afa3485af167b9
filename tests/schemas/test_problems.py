"""Sets of problems without responses: mathematics, and programs with their tests."""

import subprocess
import sys

import pytest

from potstill import registry
from potstill.protocols import NotReadable
from potstill.schemas.originals import KEY, ORIGINALS


def read(name, row):
    return registry.load("schemas", name)(row)


def prompt(found):
    (turn,) = found["messages"]
    assert turn["role"] == "user"
    return turn["content"]


@pytest.mark.parametrize(
    ("answer", "reference", "stays"),
    [
        ("5 + 5 = <<5+5=10>>10\n#### 1,010", "1,010", True),
        ("#### 7", "7", False),
        ("7", "7", False),
        ("It is\nseven.", None, True),
    ],
)
def test_gsm8k(answer, reference, stays) -> None:
    found = read("gsm8k", {"question": "How many?", "answer": answer})
    assert (prompt(found), found["reference_answer"]) == ("How many?", reference)
    assert found.get("answer") == (answer if stays else None)


@pytest.mark.parametrize(
    ("row", "reference"),
    [
        ({"solution": r"So \boxed{\frac{1}{\sqrt{2}}}."}, r"\frac{1}{\sqrt{2}}"),
        ({"solution": r"\boxed{1}, but no: \boxed{\text{B \{x\}}}"}, r"\text{B \{x\}}"),
        ({"solution": r"$\boxed{-2}$ and $\boxed{1}$"}, "-2, 1"),
        ({"solution": r"\boxed{1", "answer": "1"}, "1"),
        ({"solution": r"\boxed{2}", "answer": "3"}, "3"),
        ({"solution": "nothing"}, None),
    ],
)
def test_math(row, reference) -> None:
    found = read("math", {"problem": "p", "type": "Algebra"} | row)
    assert found["reference_answer"] == reference
    assert (found["solution"], found["type"]) == (row["solution"], "Algebra")


CHECK = "def check(candidate):\n    assert candidate(1) == 2\n\n"


def passes(program, tests):
    code = f"{program}\n{tests['code']}"
    return subprocess.run([sys.executable, "-c", code], capture_output=True).returncode == 0


def test_humaneval_s_tests_stand_for_themselves() -> None:
    row = {"task_id": "0", "prompt": "def f(x):\n", "entry_point": "f", "test": CHECK}
    found = read("humaneval", row)
    assert (prompt(found), found["task_id"]) == ("def f(x):\n", "0")
    assert found["tests"]["entry_point"] == "f"
    assert passes("def f(x): return x + 1", found["tests"])
    assert not passes("def f(x): return x", found["tests"])


@pytest.mark.parametrize(
    "row",
    [
        {"text": "Write f.", "test_setup_code": "y = 2"},
        {"prompt": "Write f.", "test_imports": ["import math", "y = 2"]},
    ],
)
def test_mbpp_s_prompt_shows_its_tests(row) -> None:
    found = read("mbpp", row | {"test_list": ["assert f(1) == y", "assert f(2) == 3"]})
    assert prompt(found).startswith("Write f.\n\n")
    assert prompt(found).endswith("\n\nassert f(1) == y\nassert f(2) == 3")
    assert passes("def f(x): return x + 1", found["tests"])
    assert not passes("def f(x): return x", found["tests"])


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ('{"inputs": ["1\\n"], "outputs": ["2\\n"]}', {"inputs": ["1\n"], "outputs": ["2\n"]}),
        ('{"inputs": [["1", "2"]], "outputs": ["3"]}', {"inputs": ["1\n2"], "outputs": ["3"]}),
        (
            '{"fn_name": "f", "inputs": [[1, [2]]], "outputs": [[3]]}',
            {"inputs": [[1, [2]]], "outputs": [[3]], "entry_point": "f"},
        ),
        ("", None),
        (None, None),
        ('{"inputs": [], "outputs": []}', None),
    ],
)
def test_apps_and_taco(given, expected) -> None:
    found = read("apps", {"question": "Add.", "input_output": given, "difficulty": "EASY"})
    assert (found["tests"], found["difficulty"], prompt(found)) == (expected, "EASY", "Add.")


@pytest.mark.parametrize(
    "given",
    [
        '{"inputs": ["1"], "outputs": []}',
        '{"inputs": [1], "outputs": [2]}',
        '{"inputs": "1", "outputs": "2"}',
        "[1]",
        5,
    ],
)
def test_tests_of_another_shape_are_refused(given) -> None:
    with pytest.raises(NotReadable) as raised:
        read("apps", {"question": "Add.", "input_output": given})
    assert raised.value.reason == "tests"


def test_a_starter_stands_below_the_question() -> None:
    starter = "def f(x):\n    "
    found = read("apps", {"question": "Add.", "starter_code": starter})
    assert prompt(found) == f"Add.\n\n{starter}"
    row = {"problem": f"Add.\n```{starter}```", "starter_code": starter, "tests": {}}
    assert prompt(read("deepcoder", row)) == row["problem"]


def test_code_contests_has_three_lists_of_tests() -> None:
    parts = ("public_tests", "private_tests", "generated_tests")
    row = {name: {"input": [name], "output": ["x"]} for name in parts}
    empty = {"private_tests": None, "generated_tests": {"input": [], "output": []}}
    found = read("code-contests", {"description": "d", "name": "n"} | row)
    assert found["tests"] == {"inputs": [*parts], "outputs": ["x"] * 3}
    assert found.keys() == {"name", "messages", "response", "tests", "category"}
    found = read("code-contests", {"description": "d"} | row | empty)
    assert found["tests"]["inputs"] == ["public_tests"]


CODEFORCES = {
    "description": "Add.",
    "input_format": "A number.",
    "output_format": None,
    "examples": [{"input": "1", "output": "2"}, {"input": "", "output": "0"}],
    "note": "Easy.",
    "title": "A",
}
STATEMENT = (
    "Add.\n\nInput\n\nA number.\n\nExamples\n\nInput\n\n1\n\nOutput\n\n2\n\n"
    "Input\n\n\n\nOutput\n\n0\n\nNote\n\nEasy."
)


def test_codeforces_joins_its_parts() -> None:
    found = read("codeforces", CODEFORCES)
    assert prompt(found) == STATEMENT
    assert found["tests"] == {"inputs": ["1", ""], "outputs": ["2", "0"]}
    official = [{"input": "9", "output": "10"}]
    found = read("codeforces", CODEFORCES | {"official_tests": official})
    assert found["tests"] == {"inputs": ["9"], "outputs": ["10"]}
    assert found["examples"] == CODEFORCES["examples"]
    assert prompt(read("codeforces", {"description": "d", "examples": None})) == "d"


@pytest.mark.parametrize(
    ("tests", "expected"),
    [
        ({"functional": CHECK}, {"code": CHECK}),
        ({"inputs": ["1"], "outputs": ["2"]}, {"inputs": ["1"], "outputs": ["2"]}),
        ([{"input": "1", "output": "2"}], {"inputs": ["1"], "outputs": ["2"]}),
        (
            '[{"input": "1", "output": "2", "testtype": "stdin"}]',
            {"inputs": ["1"], "outputs": ["2"]},
        ),
        ([], None),
    ],
)
def test_deepcoder_s_tests_come_in_three_shapes(tests, expected) -> None:
    found = read("deepcoder", {"problem": "\nAdd.\n", "tests": tests})
    assert (prompt(found), found["tests"]) == ("Add.", expected)


CHAT = [
    {"role": "system", "content": "s"},
    {"role": "user", "content": "Hi"},
    {"role": "assistant", "content": "Ho"},
    {"role": "user", "content": "Bye"},
]
ROWS = {
    "lmsys-chat-1m": ({"conversation_id": "ab", "conversation": CHAT}, "Hi", "ab"),
    "taco": ({"question": "q", "starter_code": "def f"}, "q", None),
    "apps": ({"question": "q"}, "q", None),
    "code_contests": ({"description": "d"}, "d", None),
    "open-r1/codeforces": (CODEFORCES, STATEMENT, None),
}


@pytest.mark.parametrize("name", list(ORIGINALS))
def test_the_prompts_of_sets_that_others_leave_out(name) -> None:
    row, text, key = ROWS[name]
    found = ORIGINALS[name].read(row)
    assert (prompt(found), found.get(KEY)) == (text, key)
    with pytest.raises(NotReadable):
        ORIGINALS[name].read({"text": "x"})


def test_a_conversation_without_a_user_has_no_prompt() -> None:
    with pytest.raises(NotReadable) as raised:
        ORIGINALS["lmsys-chat-1m"].read({"conversation_id": "a", "conversation": CHAT[:1]})
    assert raised.value.reason == "no_user_turn"
