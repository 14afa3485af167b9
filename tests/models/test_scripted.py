import asyncio
import os
import re
import signal
import subprocess
import sys

import aiohttp
import pytest

from potstill.errors import InputError
from potstill.models.script import FAULTS, Script, completion, fault_of
from potstill.models.scripted import Scripted
from potstill.models.traces import from_reply

BODY = {"model": "m", "messages": [{"role": "user", "content": "What is 6 * 7?"}], "seed": 1}


async def post(server, body, **headers):
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{server.base_url}/chat/completions", json=body, headers=headers) as response,
    ):
        return response.status, await response.json(content_type=None)


async def get(server, path):
    url = server.base_url.removesuffix("/v1") + path
    async with aiohttp.ClientSession() as session, session.get(url) as response:
        return await response.json()


async def test_the_same_body_gets_the_same_reply_from_any_server():
    replies = []
    for _ in range(2):
        async with Scripted() as server:
            await post(server, {**BODY, "seed": 2})
            replies.append(await post(server, BODY))
    assert replies[0] == replies[1]


@pytest.mark.parametrize("change", [{"seed": 2}, {"temperature": 1}, {"messages": []}])
async def test_another_body_gets_another_reply(change):
    async with Scripted() as server:
        assert await post(server, BODY) != await post(server, BODY | change)


@pytest.mark.parametrize("style", ["reasoning_content", "think_tags", "none"])
def test_each_style_is_read_back(style):
    script = Script(style=style, answers={"What is 6 * 7?": "42"})
    trace = from_reply(completion(script, BODY, "hash"), "on")
    assert trace.answer == "The answer is \\boxed{42}."
    assert (trace.think is None) == (style == "none")


def test_a_known_prompt_is_known_with_lines_after_it():
    script = Script(answers={"a\nb": "1", "a": "2"})
    body = {"messages": [{"role": "user", "content": "a\nb\nThink.\nAnswer in \\boxed{}."}]}
    assert "\\boxed{1}" in from_reply(completion(script, body, "hash"), "on").answer


def test_the_share_of_right_answers_is_the_accuracy():
    script = Script(answers={"q": "42"}, accuracy=0.7)
    body = {"messages": [{"role": "user", "content": "q"}]}
    answers = [from_reply(completion(script, body, f"{i}"), "on").answer for i in range(1000)]
    assert 650 < sum("\\boxed{42}" in a for a in answers) < 750
    assert set(answers) == {"The answer is \\boxed{42}.", "The answer is \\boxed{43}."}


@pytest.mark.parametrize(("reference", "wrong"), [("A", "B"), ("D", "A"), ("9", "10"), ("x", "0")])
def test_a_wrong_answer_is_of_the_reference_s_kind(reference, wrong):
    script = Script(answers={"q": reference}, accuracy=0)
    body = {"messages": [{"role": "user", "content": "q"}]}
    assert f"{{{wrong}}}" in from_reply(completion(script, body, "hash"), "on").answer


def test_faults_come_in_their_shares_and_differ_between_attempts():
    script = Script(faults={"rate_limited": 0.1, "empty": 0.2})
    drawn = [fault_of(script, f"{i}", attempt) for i in range(1000) for attempt in range(2)]
    assert 150 < drawn.count("rate_limited") < 250
    assert 340 < drawn.count("empty") < 460
    assert drawn[::2] != drawn[1::2]
    assert fault_of(Script(), "a", 0) is None
    assert {fault_of(Script(faults={fault: 1.0}), "a", 0) for fault in FAULTS} == set(FAULTS)


@pytest.mark.parametrize("faults", [{"rate_limit": 0.1}, {"cancelled": 1}, {"empty": 0.6, "ok": 0}])
def test_an_unknown_fault_is_refused(faults):
    with pytest.raises(InputError, match="no fault is called"):
        Script(faults=faults)


def test_more_faults_than_requests_are_refused():
    with pytest.raises(InputError, match="more than 1"):
        Script(faults={"empty": 0.6, "malformed": 0.6})


async def test_stats_count_requests_and_answers():
    async with Scripted(Script(faults={"server_error": 0.3})) as server:
        bodies = [{**BODY, "seed": i % 10} for i in range(40)]
        statuses = [(await post(server, body))[0] for body in bodies]
        stats = await get(server, "/stats")
    assert set(statuses) == {200, 500}
    assert stats["requests"] == 40
    assert stats["answers"] == statuses.count(200) == sum(stats["by_request"].values())
    assert len(stats["by_request"]) == 10


async def test_an_answer_to_a_client_that_has_gone_is_not_counted():
    async with Scripted(Script(latency=60)) as server:
        asking = asyncio.ensure_future(post(server, BODY))
        while not server.requests:
            await asyncio.sleep(0)
        asking.cancel()
        await asyncio.wait([asking])
        assert (await get(server, "/stats"))["answers"] == 0


async def test_key_and_model_are_checked_if_the_script_names_them():
    async with Scripted(Script(key="k", model="m")) as server:
        assert (await post(server, BODY))[0] == 401
        assert (await post(server, BODY, Authorization="Bearer k"))[0] == 200
        assert (await post(server, {**BODY, "model": "n"}, Authorization="Bearer k"))[0] == 404
        assert (await get(server, "/v1/models"))["data"][0]["id"] == "m"


@pytest.mark.parametrize("body", [[], {**BODY, "stream": True}])
async def test_what_it_does_not_do_is_a_bad_request(body):
    async with Scripted() as server:
        assert (await post(server, body))[0] == 400


def test_it_runs_as_a_process_and_ends_on_a_signal():
    code = "from potstill.models.scripted import run_server; run_server()"
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdout is not None
        line = server.stdout.readline()
        assert re.fullmatch(r"scripted teacher listening on http://127\.0\.0\.1:\d+/v1\n", line)
        os.kill(server.pid, signal.SIGTERM)
        assert server.wait(timeout=30) == 0
