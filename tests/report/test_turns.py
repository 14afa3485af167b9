"""Prompts and responses as texts by name."""

from collections.abc import Callable

from potstill.records import Message, Sample
from potstill.report.turns import prompt_details, response_details

CALL = {"id": "1", "type": "function", "function": {"name": "f", "arguments": "{}"}}


def test_turns_are_numbered_only_where_a_role_speaks_twice(
    make_sample: Callable[..., Sample],
) -> None:
    problem = make_sample("Which?").problem
    assert prompt_details(problem) == {"user": "Which?"}
    turns = (
        Message(role="user", content="Which?"),
        Message(role="assistant", content="Hm.", tool_calls=(CALL, CALL)),
        Message(role="tool", content="[1]", tool_call_id="1"),
        Message(role="user", content="Sure?"),
    )
    tools = ({"type": "function", "function": {"name": "f", "description": "Adds."}},)
    found = prompt_details(problem.model_copy(update={"messages": turns, "tools": tools}))
    assert found == {
        "tools": "f: Adds.",
        "1. user": "Which?",
        "2. assistant": "Hm.\nf({})\nf({})",
        "3. tool": "[1]",
        "4. user": "Sure?",
    }


def test_a_response_that_only_calls(make_sample: Callable[..., Sample]) -> None:
    response = make_sample(answer="", think="Hm.", tool_calls=[CALL]).response
    assert response_details(response) == {"think": "Hm.", "answer": "f({})"}
