import asyncio
import json
import os
import re
import signal
import subprocess
import sys
import urllib.request

import aiohttp
import pytest
from aiohttp import web

from potstill.models.script import Script, fault_of
from potstill.models.script.plan import hash_of, plan
from potstill.models.scripted import Scripted
from potstill.models.stream import Stream
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


async def test_a_body_that_is_no_object_is_a_bad_request():
    async with Scripted() as server:
        assert (await post(server, []))[0] == 400
        assert server.stats.in_flight == 0


async def stream_of(server, body, pieces=None):
    """Post for a stream; return its bytes, and the error that it ended with."""
    data = bytearray()
    async with (
        aiohttp.ClientSession() as session,
        session.post(
            f"{server.base_url}/chat/completions", json={**body, "stream": True}
        ) as response,
    ):
        assert response.content_type == "text/event-stream"
        try:
            async for piece in response.content.iter_any():
                data += piece
                if pieces is not None:
                    pieces.append(piece)
        except aiohttp.ClientError as error:
            return bytes(data), type(error)
    return bytes(data), None


async def test_streamed_and_whole_are_the_same_call():
    async with Scripted(Script(answer_words=20)) as server:
        whole = (await post(server, BODY))[1]
        streamed, error = await stream_of(server, {**BODY, "stream_options": {}})
        assert error is None
        stream = Stream()
        stream.feed(streamed)
        assert from_reply(stream.reply(), "on") == from_reply(whole, "on")
        assert list(server.by_request.values()) == [2]
        assert (await get(server, "/stats"))["doubled"] == 1


async def test_a_stream_with_pauses_comes_in_pieces():
    pieces = []
    async with Scripted(Script(chunk_s=0.02, words=12, chunk=4)) as server:
        data, _ = await stream_of(server, BODY, pieces)
    assert len(pieces) >= 4
    assert data.endswith(b"data: [DONE]\n\n")


async def test_split_pieces_are_the_same_bytes():
    async with Scripted() as server, Scripted(Script(quirks={"split": 1})) as other:
        pieces = []
        assert await stream_of(server, BODY) == await stream_of(other, BODY, pieces)
        assert await post(server, BODY) == await post(other, BODY)


async def test_a_stream_that_closes_early_has_its_finish_reason_and_is_an_answer():
    async with Scripted(Script(quirks={"closed_early": 1})) as server:
        data, error = await stream_of(server, BODY)
        assert error is aiohttp.ClientPayloadError
        assert b'"finish_reason":"stop"' in data
        assert b"[DONE]" not in data
        assert server.by_request.total() == 1


def seed_with(script, *, late):
    """Return the seed of a request whose first attempt breaks off before, or in its body."""
    for seed in range(1000):
        body = {**BODY, "seed": seed}
        planned = plan(script, {**body, "stream": True}, hash_of(body), 0)
        if bool(planned.pieces) == late:
            return body
    raise AssertionError("no such request")


async def test_a_reset_before_any_byte_is_billed_to_nobody():
    script = Script(faults={"network": 1})
    async with Scripted(script) as server:
        with pytest.raises(aiohttp.ServerDisconnectedError):
            await post(server, seed_with(script, late=False))
        stats = await get(server, "/stats")
    assert (stats["answers"], stats["completion_tokens"], stats["by_status"]) == (0, 0, {})


async def test_a_reset_in_the_middle_is_billed_and_no_answer():
    script = Script(faults={"network": 1})
    body = seed_with(script, late=True)
    async with Scripted(script) as server:
        with pytest.raises(aiohttp.ClientPayloadError):
            await post(server, body)
        stats = await get(server, "/stats")
    assert (stats["answers"], stats["by_status"]) == (0, {"200": 1})
    assert stats["completion_tokens"] > 40
    assert stats["by_fault"] == {"network": 1}
    async with Scripted(script) as server:
        data, error = await stream_of(server, body)
    assert b"reasoning_content" in data
    assert b"[DONE]" not in data
    assert error is aiohttp.ClientPayloadError


@pytest.mark.parametrize("late", [False, True])
async def test_a_stall_sends_half_or_nothing_until_the_client_goes(late):
    script = Script(faults={"stalled": 1})
    body = seed_with(script, late=late)
    got = bytearray()

    async def read(session, url):
        async with session.post(url, json=body) as response:
            async for piece in response.content.iter_any():
                got.extend(piece)

    timeout = aiohttp.ClientTimeout(sock_read=0.2)
    async with Scripted(script) as server, aiohttp.ClientSession(timeout=timeout) as session:
        with pytest.raises(aiohttp.SocketTimeoutError):
            await read(session, f"{server.base_url}/chat/completions")
        while server.stats.in_flight:
            await asyncio.sleep(0)
        assert server.by_request.total() == 0
    assert (0 < len(got) < 1000) == late


async def test_what_waits_shows_signs_of_life():
    script = Script(latency=0.2, keepalive_s=0.03)
    async with Scripted(script) as server:
        data, _ = await stream_of(server, BODY)
        assert data.startswith(b": keep-alive\n\n" * 2)
        status, reply = await post(server, {**BODY, "seed": 3})
        assert status == 200
        assert reply["choices"]
        assert server.by_request.total() == 2


async def test_requests_over_the_rate_are_refused_and_told_when_to_come_back():
    script = Script(rpm=2, tpm=100_000, minute_s=60)
    url = "chat/completions"
    async with Scripted(script) as server, aiohttp.ClientSession(server.base_url + "/") as session:
        replies = []
        for seed in range(3):
            async with session.post(url, json={**BODY, "seed": seed}) as response:
                replies.append((response.status, response.headers))
        stats = await get(server, "/stats")
    assert [status for status, _ in replies] == [200, 200, 429]
    assert 0 < float(replies[2][1]["Retry-After"]) <= 30
    assert replies[1][1]["x-ratelimit-remaining-requests"] == "0"
    assert replies[0][1]["x-ratelimit-limit-tokens"] == "100000"
    assert re.fullmatch(r"(30|29\.\d+)s", replies[0][1]["x-ratelimit-reset-requests"])
    assert stats["limited"] == 1
    assert stats["by_status"] == {"200": 2, "429": 1}


async def test_a_refused_request_is_no_attempt_at_its_fault():
    # The limit takes no part in what the attempts of a request draw.
    script = Script(rpm=1, minute_s=0.2, faults={"server_error": 0.5})
    async with Scripted(script) as server:
        statuses = []
        while len(statuses) < 3:
            status, _ = await post(server, BODY)
            statuses += [status] if status != 429 else []
    drawn = [fault_of(script, hash_of(BODY), attempt) for attempt in range(3)]
    assert statuses == [500 if fault else 200 for fault in drawn]


async def test_more_requests_at_a_time_than_it_bears_are_refused():
    async with Scripted(Script(max_in_flight=2, latency=0.3)) as server:
        asked = (post(server, {**BODY, "seed": seed}) for seed in range(5))
        statuses = sorted(status for status, _ in await asyncio.gather(*asked))
    assert statuses == [200, 200, 429, 429, 429]
    assert server.stats.most_in_flight >= 3


async def test_slots_bound_the_answers_that_are_worked_on():
    worked_on = []

    class Slots(asyncio.Semaphore):
        async def __aenter__(self):
            await super().__aenter__()
            worked_on.append(2 - self._value)

    async with Scripted(Script(slots=2, latency=0.02)) as server:
        server._slots = Slots(2)
        asked = (post(server, {**BODY, "seed": seed}) for seed in range(8))
        assert {status for status, _ in await asyncio.gather(*asked)} == {200}
    assert server.stats.most_in_flight > 2
    assert max(worked_on) == 2


def test_a_batch_gets_the_replies_that_requests_get():
    script = Script(faults={"network": 0.2, "malformed": 0.2, "rate_limited": 0.2, "empty": 0.1})
    server = Scripted(script)
    for seed in range(60):
        body = {**BODY, "seed": seed}
        fault = fault_of(script, hash_of(body), 0)
        reply = server.reply_to(body)
        assert reply.status == {None: 200, "empty": 200, "rate_limited": 429}.get(fault, 500)
        if fault is None:
            assert reply.body == json.loads(plan(script, body, hash_of(body), 0).pieces[0])
            assert server.by_request[hash_of(body)] == 1
        else:
            assert server.by_request[hash_of(body)] == 0
    assert server.requests == 60
    assert server.reply_to({**BODY, "model": "m"}).status != 404
    assert Scripted(Script(model="n")).reply_to(BODY).status == 404


async def test_further_addresses_can_be_served():
    async def hello(request):
        return web.json_response({"allowed": server.allows(request)})

    server = Scripted(Script(key="k"))
    server.add_routes([web.get("/v1/hello", hello)])
    async with server:
        assert await get(server, "/v1/hello") == {"allowed": False}


async def test_brief_stats_leave_out_the_requests():
    async with Scripted() as server:
        await post(server, BODY)
        assert "by_request" not in await get(server, "/stats?brief")
        assert (await get(server, "/stats"))["in_flight"] == 0


def test_it_runs_as_a_process_and_ends_on_a_signal():
    code = "from potstill.models.scripted import run_server; run_server()"
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdout is not None
        line = server.stdout.readline()
        assert re.fullmatch(r"scripted teacher listening on http://127\.0\.0\.1:\d+/v1\n", line)
        os.kill(server.pid, signal.SIGTERM)
        assert server.stdout.read() == (
            "0 requests, 0 answers to 0 different requests, 0 answered more than once; "
            "most in flight 0; tokens 0 + 0; status none\n"
        )
        assert server.wait(timeout=30) == 0


def test_nobody_left_to_read_the_summary_is_no_error():
    code = "from potstill.models.scripted import run_server; run_server()"
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as server:
        assert server.stdout is not None
        assert server.stderr is not None
        server.stdout.readline()
        server.stdout.close()
        os.kill(server.pid, signal.SIGTERM)
        assert server.stderr.read() == b""
        assert server.wait(timeout=30) == 0


async def test_a_refusal_does_not_wait_for_a_slot():
    async with Scripted(Script(slots=1, latency=60, key="k")) as server:
        asking = asyncio.ensure_future(post(server, BODY, Authorization="Bearer k"))
        while not server.requests:
            await asyncio.sleep(0)
        assert (await post(server, BODY))[0] == 401
        asking.cancel()
        await asyncio.wait([asking])


def test_the_process_takes_batches():
    code = "from potstill.models.scripted import run_server; run_server()"
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdout is not None
        url = server.stdout.readline().split()[-1]
        with urllib.request.urlopen(f"{url}/batches") as reply:
            assert json.load(reply)["data"] == []
        server.terminate()
