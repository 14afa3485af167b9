import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from potstill.errors import InputError
from potstill.protocols import Place
from potstill.records import Problem
from potstill.sources.decode import BadRow, decode
from potstill.sources.fields import check, to_problem

TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1)


def read(row, map=None, set=None):
    place = Place("s", None, map or {}, set or {})
    check(place)
    data = row if isinstance(row, bytes) else json.dumps(row).encode()
    return to_problem(place, "f", 1, decode(data))


def reason(row, map=None):
    with pytest.raises(BadRow) as bad:
        read(row, map)
    return bad.value.reason, bad.value.evidence


def test_fields_come_from_columns_constants_and_the_text():
    row = {"question": "What is 3 + 4?", "gold": "7", "level": 2, "category": "old"}
    problem = read(row, {"problem": "question", "reference_answer": "gold"}, {"category": "math"})
    assert problem.text == "What is 3 + 4?"
    assert (problem.reference_answer, problem.category, problem.language) == ("7", "math", "en")
    assert problem.extra == {"level": 2, "category": "old"}
    assert problem.row_id == "s:f:1"


def test_columns_of_the_fields_own_names_need_no_map():
    problem = read({"problem": "p", "reference_answer": None, "category": "c", "language": "fr"})
    assert (problem.text, problem.reference_answer, problem.category) == ("p", None, "c")
    assert (problem.language, problem.extra) == ("fr", {})


def test_a_dot_leads_into_a_column_unless_a_column_has_that_name():
    row = {"problem": "p", "info": {"gold": "7", "by": "x"}, "a.b": "zh"}
    problem = read(row, {"reference_answer": "info.gold", "language": "a.b"})
    assert (problem.reference_answer, problem.language) == ("7", "zh")
    assert problem.extra == {"info": {"gold": "7", "by": "x"}}


def test_messages():
    turns = [
        {"role": "system", "content": ""},
        {"role": "user", "content": "a"},
        {"role": "assistant", "content": "b"},
        {"role": "user", "content": "c"},
    ]
    problem = read({"messages": turns})
    assert [m.model_dump() for m in problem.messages] == turns
    assert (problem.text, problem.extra) == ("c", {})


def test_messages_that_say_more_are_kept_in_extra():
    turns = [{"role": "user", "content": "a", "info": {"source": "x"}}]
    assert read({"messages": turns}).extra == {"messages": turns}


def test_a_problem_goes_before_messages_unless_messages_are_named():
    row = {"problem": "p", "messages": [{"role": "user", "content": "m"}]}
    assert read(row).text == "p"
    assert read(row, {"messages": "messages"}).text == "m"


@pytest.mark.parametrize(
    ("literal", "text"),
    [
        ("7", "7"),
        ("-0.10", "-0.10"),
        ("1e-7", "1e-7"),
        ("0.1000000000000000055511151231257827", "0.1000000000000000055511151231257827"),
        ("123456789012345678901234567890", "123456789012345678901234567890"),
        ("9" * 4300, "9" * 4300),
        ('" x "', " x "),
        ('" "', None),
        ("null", None),
    ],
)
def test_references_are_text_as_they_were_written(literal, text):
    problem = read(b'{"problem": "p", "reference_answer": %s}' % literal.encode())
    assert problem.reference_answer == text


def test_the_result_of_a_worked_solution_is_taken_and_the_solution_kept():
    row = {"problem": "p", "answer": "3 + 4 = 7\n#### 7"}
    problem = read(row, {"reference_answer": "answer"})
    assert (problem.reference_answer, problem.extra) == ("7", {"answer": "3 + 4 = 7\n#### 7"})


def test_bad_fields():
    columns = {"problem": "q"}
    assert reason({"x": 1, "a": 2}) == (
        "missing_field",
        {"field": "problem", "column": "problem", "found": ["a", "x"]},
    )
    assert reason({"problem": "p"}, {"reference_answer": "gold"})[1]["column"] == "gold"
    assert reason({"q": {"b": 1}}, {"problem": "q.c"})[0] == "missing_field"
    for value, kind in ((1, "number"), (True, "boolean"), (None, "null"), (["a"], "array")):
        assert reason({"q": value}, columns) == (
            "wrong_type",
            {"field": "problem", "column": "q", "found": kind, "expected": "text"},
        )
    for value in (True, ["7"], {"a": 7}):
        assert reason({"problem": "p", "reference_answer": value})[0] == "wrong_type"
    assert reason({"problem": "p", "category": 3})[0] == "wrong_type"
    assert reason({"problem": " \n\u3000"})[0] == "empty_prompt"
    assert reason({"problem": "a\0b"})[1]["position"] == 1


def test_bad_messages():
    user, assistant = {"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}
    assert reason({"messages": "a"})[0] == "wrong_type"
    assert reason({"messages": []})[0] == "empty_prompt"
    assert reason({"messages": [user, assistant]})[1]["expected"] == "user, tool"
    assert reason({"messages": [{"role": "tool", "content": "a"}]})[0] == "no_user_turn"
    for turn in ("a", {"role": "human", "content": "a"}, {"content": "a"}, {"role": ["user"]}):
        found, evidence = reason({"messages": [user, turn]})
        assert (found, evidence["turn"]) == ("bad_message", 1)
    assert reason({"messages": [{"role": "user", "content": None}]})[0] == "wrong_type"


@pytest.mark.parametrize(
    ("map", "set", "text"),
    [
        ({"probelm": "q"}, {}, "no field 'probelm' (did you mean 'problem'?): problem, messages"),
        ({}, {"problem": "q"}, "set has no field 'problem': reference_answer, category, language"),
        ({"problem": "a", "messages": "b"}, {}, "both `problem` and `messages`"),
        ({}, {"category": 3}, "set.category is 3, and should be text"),
    ],
)
def test_mistakes_in_the_recipe(map, set, text):
    with pytest.raises(InputError, match="source 's': ") as error:
        check(Place("s", None, map, set))
    assert text in str(error.value)


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT,
    lambda v: st.lists(v, max_size=3) | st.dictionaries(TEXT, v, max_size=3),
)


@given(st.dictionaries(st.sampled_from(["problem", "messages", "x", "category", "language"]), JSON))
def test_any_row_is_a_problem_with_all_of_its_columns_or_a_reason(row):
    problem = reason_or_problem(row)
    if isinstance(problem, str):
        assert problem.isidentifier()
        return
    used = {"problem": problem.text, "category": problem.category, "language": problem.language}
    for column, value in row.items():
        blank = value is None or not str(value).strip()
        assert column in problem.extra or blank or used.get(column, value) == value
    assert Problem.model_validate(problem.model_dump()) == problem


def reason_or_problem(row):
    try:
        return read(row)
    except BadRow as bad:
        return bad.reason
