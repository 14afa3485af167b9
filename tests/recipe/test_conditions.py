"""Conditions: SQLite is the oracle of what they mean; what they may hold is listed here."""

import pickle
import sqlite3
from collections.abc import Mapping
from contextlib import suppress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import ValidationError

from potstill.errors import InputError
from potstill.recipe import COLUMNS, Condition, problem_columns, sample_columns
from potstill.recipe.columns import PROBLEM_COLUMNS, Value
from potstill.recipe.specs import DedupSpec, ExportSpec
from potstill.records import Message, Problem, Response, Sample, Verdict

PROBLEM = Problem(
    source="school",
    file="a.jsonl",
    line=7,
    messages=(Message(role="user", content="1+1?"),),
    reference_answer="2",
    category="math",
)
RESPONSE = Response(
    id="r1",
    problem_id=PROBLEM.id,
    call="c1",
    teacher="tiny",
    reasoning="on",
    sample=3,
    round=0,
    ending="ok",
    think=None,
    answer="2",
    completion_tokens=5,
)
VERDICT = Verdict(outcome="pass", reason="equal")
SAMPLE = Sample(problem=PROBLEM, response=RESPONSE, verdicts=(VERDICT,), outcome="pass")

# A column with few values is compared with no other: a test of its own has those.
OPEN = {name: column for name, column in COLUMNS.items() if not column.values}
NAMES = {kind: [n for n, c in OPEN.items() if c.kind == kind] for kind in ("text", "number")}
BOOLEANS = [n for n, c in COLUMNS.items() if c.kind == "boolean"]
TEXTS = st.sampled_from(["", "a", "b", "B", "math", "it's", "数学", "10", "é"])
NUMBERS = st.one_of(st.integers(-3, 3), st.sampled_from([0.5, -1.5, 2.0, 10**9]))
VALUES = {"text": TEXTS, "number": NUMBERS, "boolean": st.booleans()}

rows = st.fixed_dictionaries({n: st.none() | VALUES[c.kind] for n, c in COLUMNS.items()})


def spelled(*words: str) -> st.SearchStrategy[str]:
    """Keywords and names, in either case."""
    return st.sampled_from([f(w) for w in words for f in (str.lower, str.upper)])


def number_text(value: float) -> str:
    return repr(value) if value >= 0 else f"-{-value!r}"


OPERANDS = {
    "text": spelled(*NAMES["text"]) | TEXTS.map(lambda t: "'" + t.replace("'", "''") + "'"),
    "number": spelled(*NAMES["number"])
    | NUMBERS.map(number_text)
    | spelled(*NAMES["number"]).map("-{}".format)
    | st.sampled_from(["1e1", ".5", "2.", "(1)", "-(2)"]),
    "boolean": spelled(*BOOLEANS, "true", "false"),
}


def operands(kind: str) -> st.SearchStrategy[str]:
    return st.one_of(OPERANDS[kind], OPERANDS[kind], spelled("null"))


kinds = st.sampled_from(["text", "number", "boolean"])
operators = st.sampled_from(["=", "==", "!=", "<>", "<", "<=", ">", ">="])
comparisons = kinds.flatmap(
    lambda kind: st.tuples(operands(kind), operators, operands(kind)).map(" ".join)
)
memberships = kinds.flatmap(
    lambda kind: st.tuples(
        operands(kind),
        spelled("in", "not in"),
        st.lists(operands(kind), min_size=1, max_size=3).map(lambda i: f"({', '.join(i)})"),
    ).map(" ".join)
)
null_tests = st.tuples(kinds.flatmap(operands), spelled("is null", "is not null")).map(" ".join)
alone = operands("boolean")


def nested(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    joined = st.tuples(inner, spelled("and", "or"), inner).map(" ".join)
    return joined | inner.map("not {}".format) | inner.map("({})".format)


expressions = st.recursive(comparisons | memberships | null_tests | alone, nested, max_leaves=8)


def ask_sqlite(expression: str, row: Mapping[str, Value]) -> bool | None:
    columns = ", ".join(f'? AS "{name}"' for name in row)
    with sqlite3.connect(":memory:") as database:
        query = f"SELECT ({expression}) FROM (SELECT {columns})"
        (found,) = database.execute(query, tuple(row.values())).fetchone()
    database.close()
    return None if found is None else bool(found)


@given(expressions, rows)
def test_means_what_sqlite_means(expression: str, row: dict[str, Value]):
    assert Condition(expression).evaluate(row) is ask_sqlite(expression, row)


WORDS = ["(", ")", "and", "or", "not", "in", "is", "null", "=", "<", "-", "--", "/*", "'", '"', ";"]
WORDS += [
    "category",
    "line",
    "'x'",
    "1",
    "1e",
    ",",
    ".",
    "lower(",
    "select",
    "case",
    "*",
    "{",
    "\\",
]


@given(st.text() | st.lists(st.sampled_from(WORDS)).map(" ".join))
@example("(" * 1999)
@example("not " * 499 + "null")
@example("line = " + "9" * 1990)
@example("-" * 1999)
@example("/*")
def test_any_text_is_a_condition_or_an_input_error(text: str):
    with suppress(InputError):
        Condition(text).matches(SAMPLE)


def test_a_long_chain_is_no_deep_nesting():
    assert Condition(" or ".join(["line = 1"] * 150 + ["line = 7"])).matches(SAMPLE)


LEGAL = "a condition may hold columns, text, numbers, true, false, null, comparisons (= != <> < <= "
LEGAL += "> >=), and, or, not, in (…), is null and parentheses"
UNKNOWN = "; the columns are source, file, line"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", f"is empty; {LEGAL}"),
        ("-- nothing", f"is empty; {LEGAL}"),
        ("category = 'a", "can't be read: a quote or a comment is not closed"),
        ("category = 'a' 1", f"can't be read near '1'; {LEGAL}"),
        ("category = 'a'; drop table x", f"can't be read near 'drop'; {LEGAL}"),
        ("category =", f"can't be read near '='; {LEGAL}"),
        ("lower(category) = 'a'", f"holds 'LOWER(category)', which is not allowed; {LEGAL}"),
        ("category like 'a%'", f"""holds "category LIKE 'a%'", which is not allowed; {LEGAL}"""),
        ("line + 1 = 2", f"holds 'line + 1', which is not allowed; {LEGAL}"),
        ("cast(line as text) = '1'", f"holds 'CAST(line AS TEXT)', which is not allowed; {LEGAL}"),
        ("line between 1 and 2", f"holds 'line BETWEEN 1 AND 2', which is not allowed; {LEGAL}"),
        ("line in (select 1)", f"needs a list of values after in: 'line IN (SELECT 1)'; {LEGAL}"),
        ("line in ()", f"needs a list of values after in: 'line IN ()'; {LEGAL}"),
        ("exists (select 1)", f"holds 'EXISTS(SELECT 1)', which is not allowed; {LEGAL}"),
        ("has_reference is true", f"holds 'has_reference IS TRUE', which is not allowed; {LEGAL}"),
        ("(line = 1) = true", f"holds 'line = 1', which is not allowed; {LEGAL}"),
        ("problem.line = 1", f"holds 'problem.line', which is not allowed; {LEGAL}"),
        ("category = ?", f"holds '?', which is not allowed; {LEGAL}"),
        ("line = 1e", "holds '1e', which is no number"),
        ("line in (1, line * 2)", f"holds 'line * 2', which is not allowed; {LEGAL}"),
        (
            "catgory = 'a'",
            f"the unknown column 'catgory' (did you mean 'category'?){UNKNOWN}",
        ),
        ('category = "math"', "names the unknown column 'math': write 'math' if text was meant"),
        ("category = 1", "compares category (text) with 1 (number)"),
        ("1 = category", "compares 1 (number) with category (text)"),
        ("line = '1'", "compares line (number) with '1' (text)"),
        ("has_reference = 1", "compares has_reference (boolean) with 1 (number)"),
        ("line in (1, 'a')", "compares line (number) with 'a' (text)"),
        (
            "ending = 'okay'",
            "compares ending with 'okay', which it never is (did you mean 'ok'?): ok, ",
        ),
        ("'maybe' <> reasoning", "compares reasoning with 'maybe', which it never is: on, off, pr"),
        (
            "outcome in ('pass', 'FAIL')",
            "with 'FAIL', which it never is (did you mean 'fail'?): pa",
        ),
        ("category", "leaves category (text) alone: compare it with something"),
        ("not 1", "leaves 1 (number) alone: compare it with something"),
        ("-category = 'a'", "puts a minus before category, which is no number"),
        ("line = -true", "puts a minus before true, which is no number"),
        ("(" * 300 + "line = 1" + ")" * 300, "is nested too deeply"),
        ("line = 1 or " * 200 + "line = 1", "has 2408 characters; at most 2000 are allowed"),
    ],
)
def test_names_the_illegal_piece_and_what_is_legal(text: str, says: str):
    with pytest.raises(InputError) as caught:
        Condition(text)
    assert str(caught.value).startswith("the condition ")
    assert says in str(caught.value)


def test_a_condition_on_problems_knows_no_columns_of_responses():
    with pytest.raises(InputError, match="unknown column 'outcome'"):
        Condition("outcome = 'pass'", "problem")


def test_columns_are_those_documented():
    assert list(problem_columns(PROBLEM)) == list(PROBLEM_COLUMNS)
    assert list(sample_columns(SAMPLE)) == list(COLUMNS)
    types = {"text": str, "number": int, "boolean": bool}
    for name, value in sample_columns(SAMPLE).items():
        assert value is None or type(value) is types[COLUMNS[name].kind], name


@pytest.mark.parametrize(
    ("text", "matches"),
    [
        ("source = 'school' and file = 'a.jsonl' and line = 7", True),
        ("row_id = 'school:a.jsonl:7'", True),
        ("category in ('math', 'code') and has_reference", True),
        ("language = 'en'", False),
        ("not language = 'en'", False),
        ("language is null", True),
        ("teacher = 'tiny' and reasoning = 'on' and sample = 3 and round = 0", True),
        ("ending = 'ok' and not has_think and completion_tokens < 6", True),
        ("prompt_tokens >= 0 or prompt_tokens < 0", False),
        ("outcome = 'pass' and response_id = 'r1'", True),
    ],
)
def test_selects_samples(text: str, matches: bool):
    assert Condition(text).matches(SAMPLE) is matches


def test_a_condition_on_problems_selects_problems_and_samples():
    condition = Condition("category = 'math'", "problem")
    assert condition.matches(PROBLEM)
    assert condition.matches(SAMPLE)
    assert not condition.matches(PROBLEM.model_copy(update={"category": None}))


def test_is_its_text():
    condition = Condition("outcome = 'pass'")
    copy = pickle.loads(pickle.dumps(condition))
    assert str(condition) == "outcome = 'pass'"
    assert copy == condition
    assert hash(copy) == hash(condition)
    assert copy.matches(SAMPLE)
    assert condition != Condition("outcome='pass'")
    assert Condition("line = 1") != Condition("line = 1", "problem")


def test_is_a_field():
    spec = ExportSpec(use="messages", when="outcome = 'pass'")  # pyright: ignore[reportArgumentType]
    assert spec.when == Condition("outcome = 'pass'")
    assert spec.model_dump(mode="json")["when"] == "outcome = 'pass'"
    assert ExportSpec.model_validate_json(spec.model_dump_json()) == spec
    assert ExportSpec(use="messages", when=Condition("line = 1")).when == Condition("line = 1")


@pytest.mark.parametrize("value", ["outcome = 'pass'", 1, Condition("line = 1")])
def test_a_field_over_problems_takes_nothing_else(value: object):
    with pytest.raises(ValidationError):
        DedupSpec.model_validate({"use": "exact", "where": value})
