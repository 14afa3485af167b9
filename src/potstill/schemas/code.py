"""Sets of programming problems, each with its tests in the one shape of `Problem.tests`."""

from pydantic import JsonValue

from potstill.protocols import NotReadable
from potstill.schemas.canonical import Row, canonical, column, present, text_or_none, user
from potstill.text.tests import Tests, joined, tests


def humaneval(row: Row, /) -> dict[str, JsonValue]:
    """Rows of HumanEval: a function to complete.

    Source: openai/human-eval. Columns: `prompt`, the function's head and docstring; `test`, which
    defines `check(candidate)`; `entry_point`, the function's name; `task_id` and
    `canonical_solution` stay columns.

    Raises:
        NotReadable: A row lacks one of the first three, or one has the wrong type.

    Example:
        sources:
          - {path: HumanEval.jsonl, schema: humaneval}
    """
    entry, code = column(row, "entry_point", str), column(row, "test", str)
    called = f"{code.rstrip()}\n\n\ncheck({entry})\n"
    tested: Tests = {"code": called, "entry_point": entry}
    return _problem(row, {"prompt", "test", "entry_point"}, column(row, "prompt", str), tested)


def mbpp(row: Row, /) -> dict[str, JsonValue]:
    """Rows of MBPP: a function to write, whose name only its tests tell.

    Source: google-research/mbpp. Columns: `text`, or `prompt` in the sanitized set; `test_list`,
    assertions, which stand below the prompt as its paper has them; `test_setup_code` or
    `test_imports`, which runs before them. `code`, `task_id` and `challenge_test_list` stay.

    Raises:
        NotReadable: A row lacks the text or the tests, or one has the wrong type.

    Example:
        sources:
          - {path: mbpp.jsonl, schema: mbpp}
    """
    asked = "text" if "text" in row else "prompt"
    before = row.get("test_setup_code") or row.get("test_imports") or []
    lines = [*(before if isinstance(before, list) else [before]), *column(row, "test_list", list)]
    shown = "\n".join(str(line) for line in column(row, "test_list", list))
    prompt = f"{column(row, asked, str)}\n\nYour code should pass these tests:\n\n{shown}"
    read = {asked, "test_list", "test_setup_code", "test_imports"}
    return _problem(row, read, prompt, _read(lines, "test_list"))


def apps(row: Row, /) -> dict[str, JsonValue]:
    """Rows of APPS and of TACO.

    Source: codeparrot/apps and BAAI/TACO on the Hugging Face hub. Columns: `question`;
    `input_output`, JSON text {inputs, outputs}, and {fn_name} where a function is called;
    `starter_code`, which stands below the question where there is some. `solutions`, `difficulty`,
    `url` and the others stay columns.

    Raises:
        NotReadable: A row lacks `question`, or `tests`: `input_output` is of another shape.

    Example:
        sources:
          - {path: apps/train.jsonl, schema: apps}
    """
    tested = _read(row.get("input_output"), "input_output")
    prompt = _with_starter(column(row, "question", str), row)
    return _problem(row, {"question", "input_output", "starter_code"}, prompt, tested)


def code_contests(row: Row, /) -> dict[str, JsonValue]:
    """Rows of CodeContests.

    Source: deepmind/code_contests on the Hugging Face hub. Columns: `description`; `public_tests`,
    `private_tests` and `generated_tests`, each {input, output}, which become one list. `solutions`,
    `incorrect_solutions`, `difficulty`, `time_limit` and the others stay columns.

    Raises:
        NotReadable: A row lacks `description`, or it has the wrong type.

    Example:
        sources:
          - {path: code_contests/*.parquet, schema: code-contests}
    """
    parts = ("public_tests", "private_tests", "generated_tests")
    tested = joined(*(row.get(name) for name in parts))
    return _problem(row, {"description", *parts}, column(row, "description", str), tested)


def codeforces(row: Row, /) -> dict[str, JsonValue]:
    """Rows of open-r1's Codeforces problems.

    Source: open-r1/codeforces on the Hugging Face hub. Columns: `description`, `input_format`,
    `output_format`, `examples` and `note`, of which the prompt is made; `official_tests`, else
    `examples`, are the tests. `title`, `time_limit`, `memory_limit` and the others stay columns.

    Raises:
        NotReadable: A row lacks `description`, or it has the wrong type.

    Example:
        sources:
          - {path: codeforces/*.parquet, schema: codeforces}
    """
    tested = joined(row.get("official_tests")) or joined(row.get("examples"))
    return _problem(row, {"description", "official_tests"}, statement(row), tested)


def statement(row: Row) -> str:
    """Return a problem of open-r1/codeforces as one text, its parts under their headings.

    Source: OpenCodeReasoning-2, which leaves these prompts out, joins the parts so.

    Raises:
        NotReadable: A row lacks `description`, or it has the wrong type.
    """
    examples = row.get("examples")
    parts = [column(row, "description", str)]
    for heading, name in (("Input", "input_format"), ("Output", "output_format")):
        parts += _under(heading, row.get(name))
    if isinstance(examples, list) and examples:
        parts.append("Examples")
        for example in examples:
            told = example if isinstance(example, dict) else {}
            parts += _under("Input", told.get("input"), always="input" in told)
            parts += _under("Output", told.get("output"), always="output" in told)
    return "\n\n".join([*parts, *_under("Note", row.get("note"))])


def deepcoder(row: Row, /) -> dict[str, JsonValue]:
    """Rows of DeepCoder's sets, as rLLM has them: LeetCode, Codeforces, CodeContests and others.

    Source: agentica-project/rllm and agentica-org/DeepCoder-Preview-Dataset on the Hugging Face
    hub. Columns: `problem`; `tests`: {functional}, {inputs, outputs} or a list of {input, output},
    as JSON or as JSON text; `starter_code`, which stands below the problem where there is some.
    `solutions` and `metadata` stay columns.

    Raises:
        NotReadable: A row lacks one of the first two, or `tests`: they are of another shape.

    Example:
        sources:
          - {path: leetcode.json, schema: deepcoder}
    """
    prompt = _with_starter(column(row, "problem", str).strip("\n"), row)
    read = {"problem", "tests", "starter_code"}
    return _problem(row, read, prompt, _read(present(row, "tests"), "tests"))


def _problem(row: Row, read: set[str], prompt: str, tested: Tests) -> dict[str, JsonValue]:
    return canonical(
        row, read, messages=[user(prompt)], tests=tested or None, category="code", response=None
    )


def _read(value: JsonValue, name: str) -> Tests:
    if (found := tests(value)) is None:
        raise NotReadable("tests", column=name)
    return found


def _with_starter(question: str, row: Row) -> str:
    starter = text_or_none(row.get("starter_code"))
    return question if starter is None or starter in question else f"{question}\n\n{starter}"


def _under(heading: str, value: JsonValue, *, always: bool = False) -> list[str]:
    text = value if isinstance(value, str) else ""
    return [heading, text] if text or always else []
