"""Conversations as ShareGPT's export wrote them, and many datasets since.

Source: lm-sys/FastChat and hiyouga/LLaMA-Factory (data/README.md).
"""

import json
from typing import Literal

from pydantic import ConfigDict, Field, JsonValue

from potstill.formats.tags import in_tags
from potstill.formats.tools import ToolCall, as_text, called
from potstill.models.chat import functions
from potstill.protocols import NotExpressible
from potstill.records import Message, Record, Response, Role, Sample

Speaker = Literal["system", "human", "gpt", "function_call", "observation"]

_SPEAKERS: dict[Role, Speaker] = {
    "system": "system",
    "user": "human",
    "assistant": "gpt",
    "tool": "observation",
}


class SharegptTurn(Record):
    """One turn."""

    model_config = ConfigDict(serialize_by_alias=True)

    speaker: Speaker = Field(serialization_alias="from")
    """Who speaks."""
    value: str
    """What is said; in a function_call, the JSON {name, arguments}, or a list of these."""


class SharegptRow(Record):
    """One conversation."""

    id: str
    """Id of the response."""
    conversations: tuple[SharegptTurn, ...]
    """The problem's messages, then the response."""
    tools: str | None = None
    """The functions that the prompt offers, where there are any, as JSON text."""


def sharegpt(sample: Sample, /) -> SharegptRow:
    """ShareGPT-style `conversations`, with a response's thinking in `<think>…</think>`.

    Calls and results stand as LLaMA-Factory reads them: a turn from function_call, and then one
    from observation. Their ids are left out; the order tells what belongs together.

    Raises:
        NotExpressible: `ambiguous_tags`, where thinking or answer holds such tags itself;
            `tool_calls`, where a turn both speaks and calls, where not one result follows a call of
            the prompt, or where something else than a function is called.

    Example:
        export:
          - {use: sharegpt, when: "outcome = 'pass'"}
    """
    problem, response = sample.problem, sample.response
    _check_results(problem.messages)
    turns = (*map(_turn, problem.messages), _answer(response))
    row = SharegptRow(id=response.id, conversations=turns)
    if not problem.tools:
        return row
    return row.model_copy(update={"tools": as_text([*map(_bare, problem.tools)])})


def _bare(tool: dict[str, JsonValue]) -> JsonValue:
    """Return a function without its wrapper, as these datasets have it, where nothing is lost."""
    bare = tool.get("function")
    return bare if functions([bare]) == [tool] else tool


def _turn(message: Message) -> SharegptTurn:
    if not message.tool_calls:
        return SharegptTurn(speaker=_SPEAKERS[message.role], value=message.content)
    return SharegptTurn(speaker="function_call", value=_calls(message, message.content))


def _answer(response: Response) -> SharegptTurn:
    if not response.tool_calls:
        return SharegptTurn(speaker="gpt", value=in_tags(response))
    calls = response.model_copy(update={"answer": _calls(response, response.answer)})
    return SharegptTurn(speaker="function_call", value=in_tags(calls))


def _check_results(messages: tuple[Message, ...]) -> None:
    """Refuse what would come apart without ids."""
    waiting: list[ToolCall] = []
    for message in messages:
        if message.role == "tool":
            call = waiting.pop() if len(waiting) == 1 else None
            if call is None or message.tool_call_id not in (None, call.id):
                raise NotExpressible("tool_calls", "sharegpt has one result after one call")
        elif waiting:
            raise NotExpressible("tool_calls", "sharegpt has a result after each call")
        waiting = waiting or [*called(message)]


def _calls(turn: Message | Response, said: str) -> str:
    if said.strip():
        raise NotExpressible("tool_calls", "sharegpt's turns either speak or call")
    calls: list[JsonValue] = [
        {"name": call.function.name, "arguments": _arguments(call.function.arguments)}
        for call in called(turn)
    ]
    return as_text(calls[0] if len(calls) == 1 else calls)


def _arguments(text: str) -> JsonValue:
    try:
        found: JsonValue = json.loads(text)
        if isinstance(found, dict) and as_text(found):
            return found
    except (ValueError, RecursionError):
        pass
    raise NotExpressible("tool_calls", "a call's arguments are no JSON object")
