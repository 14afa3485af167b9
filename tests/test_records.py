"""Messages with and without tools, and the ids that they make."""

import json

from hypothesis import given
from hypothesis import strategies as st

from potstill.records import Message, Problem, problem_id

CALL = {"id": "1", "type": "function", "function": {"name": "f", "arguments": '{"x": 1}'}}
TOOL = {"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}


def problem(*messages: Message, **fields: object) -> Problem:
    return Problem.model_validate(
        {"source": "s", "file": "f", "line": 1, "messages": messages} | fields
    )


def test_a_plain_message_is_its_role_and_content() -> None:
    message = Message(role="user", content="Hi")
    plain = {"role": "user", "content": "Hi"}
    assert message.body() == message.model_dump() == json.loads(message.model_dump_json()) == plain


def test_a_call_is_sent_as_it_came() -> None:
    message = Message(role="assistant", content="", tool_calls=(CALL,))
    assert message.body() == {"role": "assistant", "content": None, "tool_calls": [CALL]}
    said = Message(role="assistant", content="Hm.", tool_calls=(CALL,))
    assert said.body()["content"] == "Hm."
    result = Message(role="tool", content="", tool_call_id="1", name="f")
    assert result.body() == {"role": "tool", "content": "", "tool_call_id": "1", "name": "f"}


def test_ids_of_problems_without_tools_do_not_change_between_versions() -> None:
    # Journals and datasets of earlier runs name problems by them.
    message = Message(role="user", content="What is 1 + 1?")
    assert problem_id([message]) == problem(message).id == "03c9f81ec728d811780fcdf34cb03274"


def test_tools_and_calls_make_another_problem() -> None:
    user, result = Message(role="user", content="?"), Message(role="tool", content="2")
    called = Message(role="assistant", content="", tool_calls=(CALL,))
    problems = [
        problem(user),
        problem(user, tools=[TOOL]),
        problem(user, tools=[TOOL, TOOL]),
        problem(user, called, result),
        problem(user, called.model_copy(update={"tool_calls": ()}), result),
        problem(user, called, result.model_copy(update={"tool_call_id": "1"})),
    ]
    assert len({each.id for each in problems}) == len(problems)


TEXT = st.text(st.characters(exclude_categories=["Cs"]))
OBJECTS = st.lists(st.dictionaries(TEXT, TEXT | st.integers(), max_size=3), max_size=2)


@given(
    st.builds(
        Message,
        role=st.sampled_from(["user", "assistant", "tool"]),
        content=TEXT,
        tool_calls=OBJECTS.map(tuple),
        tool_call_id=st.none() | TEXT,
        name=st.none() | TEXT,
    ),
    OBJECTS,
)
def test_a_message_comes_back_from_a_body_and_from_json(
    message: Message, tools: list[dict[str, object]]
) -> None:
    assert Message.of_body(json.loads(json.dumps(message.body()))) == message
    made = problem(message, tools=tools)
    assert Problem.model_validate_json(made.model_dump_json()) == made
    assert Problem.model_validate(made.model_dump()) == made
