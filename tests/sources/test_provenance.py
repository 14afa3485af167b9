"""Licence, origins, tests and prompts that a source leaves out, as a row has them."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from potstill.protocols import Place
from potstill.sources.decode import BadRow, decode
from potstill.sources.fields import to_problem


def read(row, map=None, **place):
    where = Place("s", "", map or {}, {"language": "en"}, **place)
    return to_problem(where, "f", 1, decode(json.dumps({"problem": "p"} | row).encode()))


def reason(row, map=None, **place):
    with pytest.raises(BadRow) as bad:
        read(row, map, **place)
    return bad.value.reason, bad.value.evidence


@pytest.mark.parametrize(
    ("row", "of_source", "license", "extra"),
    [
        ({"license": " mit "}, "apache-2.0", "mit", {}),
        ({"license": None}, "apache-2.0", "apache-2.0", {}),
        ({"license": ""}, None, None, {}),
        ({}, "apache-2.0", "apache-2.0", {}),
        ({"license": ["mit"]}, "apache-2.0", "apache-2.0", {"license": ["mit"]}),
    ],
)
def test_a_row_s_own_licence_goes_before_its_source_s(row, of_source, license, extra) -> None:
    problem = read(row, license=of_source)
    assert (problem.license, problem.extra) == (license, extra)


@pytest.mark.parametrize(
    ("value", "origins", "origin"),
    [
        ("KodCode", ("KodCode",), "KodCode"),
        ("OpenHermes-2.5 → airoboros", ("OpenHermes-2.5", "airoboros"), "OpenHermes-2.5"),
        ("a->b => c", ("a", "b", "c"), "a"),
        (["taco:train:17", "codechef"], ("taco:train:17", "codechef"), "taco"),
        (["a → b"], ("a → b",), "a → b"),
        ("https://hf.co/datasets/x:test:3", ("https://hf.co/datasets/x:test:3",), None),
        (" ", (), None),
        (None, (), None),
        ([], (), None),
    ],
)
def test_origins_keep_the_whole_chain(value, origins, origin) -> None:
    problem = read({"source": value}, {"origin": "source"})
    assert (problem.origins, problem.extra) == (origins, {})
    expected = "https://hf.co/datasets/x" if origins and "://" in origins[0] else origin
    assert problem.origin == expected
    assert read({"origin": value}).origins == origins


TESTS = {"inputs": ["1"], "outputs": ["2"]}


@pytest.mark.parametrize("value", [TESTS, json.dumps(TESTS), [{"input": "1", "output": "2"}]])
def test_tests_come_in_any_known_shape(value) -> None:
    problem = read({"cases": value}, {"tests": "cases"})
    assert (problem.tests, problem.extra) == (TESTS, {})
    assert read({"tests": value}).tests == TESTS


@pytest.mark.parametrize(
    ("field", "value"), [("tests", "passed"), ("license", 5), ("origin", {"a": 1}), ("origin", [1])]
)
def test_a_column_of_another_shape_stays_unless_map_names_it(field, value) -> None:
    problem = read({field: value})
    assert problem.extra == {field: value}
    assert (problem.tests, problem.license, problem.origins) == ({}, None, ())
    found, evidence = reason({"x": value}, {field: "x"})
    assert (found, evidence["field"], evidence["column"]) == ("wrong_type", field, "x")


@pytest.mark.parametrize("field", ["license", "origin"])
def test_a_nul_is_no_text(field) -> None:
    assert reason({field: "a\0b"})[0] == "nul_character"


class Kept(dict):
    sets = frozenset({"taco"})

    def __call__(self, dataset, key):
        return self.get((dataset, key))


def withheld(row):
    turns = [
        {"role": "system", "content": "s"},
        {"role": "user", "content": "-"},
        {"role": "assistant", "content": "a"},
        {"role": "user", "content": "u"},
    ]
    return {"messages": turns, "response": None, "withheld": row["told"], "id": 7}


@given(st.text(st.characters(codec="utf-8", exclude_characters="\0")))
def test_the_first_question_is_joined_back(text) -> None:
    row = {"told": {"set": "taco", "key": "train:1"}}
    problem = read(row, schema=withheld, fill=Kept({("taco", "train:1"): text}))
    assert [turn.content for turn in problem.messages] == ["s", text, "a", "u"]
    assert problem.extra == {"id": 7}


@pytest.mark.parametrize(
    ("told", "missing"),
    [
        ({"set": "taco", "key": "train:2"}, "row"),
        ({"set": "taco", "key": None}, "row"),
        ({"set": "apps", "key": "train:1"}, "set"),
        ({"set": None, "key": None}, "set"),
    ],
)
def test_what_can_t_be_joined_back_is_told(told, missing) -> None:
    found = reason({"told": told}, schema=withheld, fill=Kept({("apps", "train:1"): "x"}))
    assert found == ("prompt_not_filled", {**told, "missing": missing})
    found, evidence = reason({"told": told}, schema=withheld)
    assert found == "prompt_withheld"
    assert f"as: {told['set'] or 'its set'}" in evidence["advice"]


def test_a_stage_that_needs_no_prompt_goes_without() -> None:
    problem = read({"told": {}}, schema=withheld, prompt_needed=False, whole=True)
    assert problem.text == ""


def test_without_a_schema_a_column_called_withheld_is_any_column() -> None:
    row = {"withheld": {"set": "taco", "key": "train:1"}}
    assert read(row).extra == row
