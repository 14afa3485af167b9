"""Conversations pass through whole: source, parts, request, reply, journal, response, export."""

import asyncio
import json
from pathlib import Path

import pytest
from aiohttp import web
from hypothesis import given, settings
from hypothesis import strategies as st

from potstill import registry
from potstill.models.client import Client
from potstill.models.requests import Request
from potstill.models.teacher import Endpoint, Teacher
from potstill.protocols import Place
from potstill.recipe import DistilSpec
from potstill.records import Message, Problem, Response, Sample
from potstill.sources.decode import decode
from potstill.sources.fields import to_problem
from potstill.stages.collect import respond
from potstill.stages.plan import requests
from potstill.storage.journal import Attempt, Entry, Journal
from potstill.storage.parts import PartWriter, read_part

ATTEMPT = Attempt(at="2026-01-01T00:00:00.000+00:00", ending="ok", seconds=1.0)
SPEC = DistilSpec.model_validate(
    {"teachers": [{"model": "m", "base_url": "http://127.0.0.1/v1"}], "reasoning": "off"}
)
TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"))
SAID = TEXT.filter(str.strip)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)


@st.composite
def rows(draw) -> dict:
    """A row of OpenAI's shape that ends with the user's turn or a tool's result, and its tools."""
    turns = [{"role": "user", "content": draw(SAID)}]
    for number in range(draw(st.integers(0, 4))):
        calls = [
            {
                "id": f"{number}-{i}-{draw(TEXT)}",
                "type": "function",
                "function": {"name": draw(SAID), "arguments": draw(TEXT)},
            }
            for i in range(draw(st.integers(0, 3)))
        ]
        said = draw(TEXT if calls else SAID)
        spoken = {"role": "assistant", "content": said or None if calls else said}
        turns.append(spoken | ({"tool_calls": calls} if calls else {}))
        for call in calls:
            turns.append({"role": "tool", "content": draw(TEXT), "tool_call_id": call["id"]})
        if not calls or draw(st.booleans()):
            turns.append({"role": "user", "content": draw(SAID)})
    function = st.fixed_dictionaries({"name": SAID, "parameters": JSON})
    tools = st.lists(function.map(lambda each: {"type": "function", "function": each}), max_size=2)
    return {"messages": turns, "tools": draw(tools)}


def echo(body: dict) -> dict:
    """Return a reply that calls whatever the prompt called last, and says how much came."""
    called = [turn["tool_calls"] for turn in body["messages"] if "tool_calls" in turn]
    message = {"content": str(len(json.dumps(body))), "tool_calls": called[-1] if called else []}
    return {"choices": [{"message": message, "finish_reason": "stop"}]}


def stored(problem: Problem, folder: Path) -> Problem:
    writer = PartWriter(folder, Problem)
    writer.write(problem)
    (part,) = writer.close()
    (found,) = read_part(folder / part.name, Problem)
    return found


def answered(problem: Problem, request: Request) -> Response:
    body = request.body(seed=True)
    entry = Entry(
        key=request.key,
        model="m",
        ending="ok",
        request=json.dumps(body),
        reply=json.dumps(echo(body)),
        attempts=(ATTEMPT,),
    )
    return respond(problem, request, entry)


@given(row=rows())
@settings(deadline=None, max_examples=60)
def test_a_conversation_passes_whole_from_source_to_export(
    tmp_path_factory: pytest.TempPathFactory, row: dict
) -> None:
    place = Place("s", Path("f"), {}, {"language": "en"})
    read = to_problem(place, "f", 1, decode(json.dumps(row).encode()))
    problem = stored(read, tmp_path_factory.mktemp("parts"))
    assert problem == read
    (request,) = requests(problem, SPEC)
    body = request.body(seed=False)
    assert body["messages"] == row["messages"]
    assert body.get("tools", []) == row["tools"]

    response = answered(problem, request)
    calls = [turn["tool_calls"] for turn in row["messages"] if "tool_calls" in turn]
    assert response.tool_calls == tuple(calls[-1] if calls else [])
    sample = Sample(problem=problem, response=response)
    written = registry.load("formats", "messages")(sample).model_dump_json(exclude_unset=True)

    schema = registry.load("schemas", "messages")
    again = to_problem(place._replace(schema=schema), "f", 1, decode(written.encode()))
    assert (again.id, again.messages, again.tools) == (problem.id, problem.messages, problem.tools)
    assert again.responses[0].tool_calls == response.tool_calls
    assert again.responses[0].answer == response.answer


class Recorder:
    """A server that keeps the bytes of each request and echoes it."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []

    async def __aenter__(self) -> "Recorder":
        app = web.Application(client_max_size=1 << 24)
        app.router.add_post("/{path:.*}", self._answer)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.base_url = f"http://127.0.0.1:{self._runner.addresses[0][1]}/v1"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()

    async def _answer(self, request: web.Request) -> web.Response:
        self.bodies.append(await request.read())
        return web.json_response(echo(json.loads(self.bodies[-1])))


def long_prompt() -> list[Message]:
    text = "日本 \\frac{1}{2} \U0001f9ea \u2028 <think> \x7f\t\r\n" * 4_000
    return [Message(role="user", content=text[:100_000])]


def long_conversation() -> list[Message]:
    turns = [Message(role="system", content="Be exact.")]
    for number in range(13):
        call = {
            "id": f"call_{number}",
            "type": "function",
            "function": {"name": "look_up", "arguments": json.dumps({"n": number, "é": "\\"})},
        }
        turns += [
            Message(role="user", content=f"Question {number}?\n" * 50),
            Message(role="assistant", content="", tool_calls=(call,)),
            Message(role="tool", content="結果" * 500, tool_call_id=f"call_{number}"),
        ]
    return turns


@pytest.mark.parametrize("messages", [long_prompt(), long_conversation()], ids=len)
def test_long_prompts_and_conversations_arrive_byte_for_byte(
    tmp_path: Path, messages: list[Message]
) -> None:
    tool = {"type": "function", "function": {"name": "look_up", "parameters": {"type": "object"}}}
    request = Request(model="m", messages=tuple(messages), tools=(tool,), reasoning="off")

    async def ask() -> tuple[bytes, Entry]:
        async with Recorder() as server:
            teacher = Teacher("m", (Endpoint(server.base_url),), stream=False)
            async with Client(teacher, journal) as client:
                entry = await client.ask(request)
            (body,) = server.bodies
            return body, entry

    with Journal(tmp_path / "calls.sqlite3") as journal:
        body, entry = asyncio.run(ask())
        kept = journal.get(request.key)
    sent = json.loads(body)
    assert sent == request.body(seed=True)
    assert json.loads(entry.request) == sent
    assert kept == entry
    assert sent["tools"] == [tool]
    assert [Message.of_body(turn) for turn in sent["messages"]] == messages
    for turn, message in zip(sent["messages"], messages, strict=True):
        assert (turn["content"] or "").encode() == message.content.encode()
    wanted = messages[-2].tool_calls if len(messages) > 1 else ()
    problem = Problem(source="s", file="f", line=1, messages=tuple(messages), tools=(tool,))
    assert respond(problem, request, entry).tool_calls == wanted
