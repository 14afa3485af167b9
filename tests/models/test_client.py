"""The client against the scripted teacher: every ending, retries, the journal, and the key."""

import asyncio
import json
import socket
import sys
from collections import Counter
from dataclasses import fields

import pytest
from aiohttp import web

from potstill.errors import EndpointError, InputError
from potstill.models.client import FIRST_IN_FLIGHT, Client, NotSent
from potstill.models.health import DOWN_AFTER
from potstill.models.policies import POLICIES, Policy
from potstill.models.replies import parse
from potstill.models.requests import Sampling
from potstill.models.script import FAULTS, Script
from potstill.models.scripted import Scripted
from potstill.models.sender import AWAY_S
from potstill.models.teacher import Endpoint, Teacher
from potstill.models.transport import MOST_COMPLAINT
from potstill.storage.claims import Claims
from potstill.storage.journal import Attempt, Entry, Journal

ENDPOINT = {field.name for field in fields(Endpoint)}
KEY = "sk-a-very-secret-key-0123456789"


class Asker:
    """Opens clients on one server and one journal, with time that does not pass."""

    def __init__(self, journal, base_url, **teacher):
        self.journal = journal
        said = {name: teacher.pop(name) for name in ENDPOINT if name in teacher}
        self.teacher = Teacher("m", (Endpoint(base_url, **said),), **teacher)
        self.slept: list[float] = []
        self.attempts: list[Attempt] = []
        self.now = 0.0
        self.stands = False
        """Whether time passes no more."""
        self.on_sleep = lambda: None

    async def sleep(self, seconds):
        self.slept.append(seconds)
        self.on_sleep()
        await (asyncio.Event().wait() if self.stands else asyncio.sleep(0))
        self.now += seconds

    def client(self):
        return Client(
            self.teacher,
            self.journal,
            on_attempt=self.attempts.append,
            sleep=self.sleep,
            clock=lambda: self.now,
        )

    async def ask(self, *requests):
        async with self.client() as client:
            return await asyncio.gather(*map(client.ask, requests))


class Handler:
    """A server that answers each request with the next of the given responses."""

    def __init__(self, *responses):
        self.responses = list(responses)
        self.seen = []

    async def __aenter__(self):
        app = web.Application()
        app.router.add_post("/{path:.*}", self._next)
        self.runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self.runner.setup()
        await web.TCPSite(self.runner, "127.0.0.1", 0).start()
        self.base_url = f"http://127.0.0.1:{self.runner.addresses[0][1]}/v1"
        return self

    async def __aexit__(self, *_):
        await self.runner.cleanup()

    async def _next(self, request):
        self.seen.append((dict(request.headers), await request.json()))
        status, body, *headers = self.responses.pop(0)
        return web.Response(status=status, text=body, headers=headers[0] if headers else {})


def answer(text="4", **usage):
    choice = {"message": {"content": text}, "finish_reason": "stop"}
    return 200, json.dumps({"choices": [choice], "usage": usage})


async def test_an_answer_is_in_the_journal_before_ask_returns(journal, request_for):
    request = request_for()
    async with Scripted() as server:
        [entry] = await Asker(journal, server.base_url).ask(request)
    assert entry == journal.get(request.key)
    assert entry.ending == "ok"
    assert parse(entry.request) == request.body(seed=True)
    assert parse(entry.reply)["choices"][0]["message"]["content"].startswith("The answer is")
    [attempt] = entry.attempts
    assert attempt.status == 200
    assert attempt.prompt_tokens == 5
    assert attempt.completion_tokens == 44


async def test_the_seed_is_not_sent_to_a_teacher_that_takes_none(journal, request_for):
    async with Handler(answer()) as server:
        await Asker(journal, server.base_url, seed=False).ask(request_for())
    assert "seed" not in server.seen[0][1]


async def test_what_is_in_the_journal_is_not_asked_again(journal, request_for):
    requests = [request_for(sample=i) for i in range(5)]
    async with Scripted() as server:
        first = await Asker(journal, server.base_url).ask(*requests)
        again = await Asker(journal, server.base_url).ask(*reversed(requests))
    assert server.requests == 5
    assert again == first[::-1]
    assert (await Asker(journal, "http://127.0.0.1:1/v1").ask(*requests)) == first


async def test_concurrent_asks_of_one_key_are_one_call(journal, request_for):
    async with Scripted() as server:
        entries = await Asker(journal, server.base_url).ask(*[request_for()] * 20)
    assert server.requests == 1
    assert all(entry is entries[0] for entry in entries)


@pytest.mark.parametrize("fault", sorted(set(FAULTS) - {"stalled"}))
async def test_each_fault_ends_as_itself_after_its_retries(journal, request_for, fault):
    async with Scripted(Script(faults={fault: 1.0})) as server:
        # A host that has answered nothing at all is no network fault: see the tests below.
        ask = Asker(journal, server.base_url).ask(request_for())
        if fault == "network":
            with pytest.raises(EndpointError, match="does not answer"):
                await ask
            assert server.requests == DOWN_AFTER
            return
        [entry] = await ask
    assert entry.ending == fault
    assert len(entry.attempts) == server.requests == POLICIES[fault].retries + 1
    assert {a.ending for a in entry.attempts} == {fault}
    assert entry == journal.get(entry.key)


@pytest.mark.parametrize("fault", ["rate_limited", "server_error", "network", "empty", "malformed"])
async def test_a_passing_fault_is_retried_until_the_answer(journal, request_for, fault):
    requests = [request_for(sample=i) for i in range(30)]
    async with Scripted(Script(faults={fault: 0.4})) as server:
        entries = await Asker(journal, server.base_url).ask(*requests)
    endings = Counter(e.ending for e in entries)
    assert endings["ok"] > 24
    assert Counter(a.ending for e in entries for a in e.attempts)[fault] > 10
    assert all(e.attempts[-1].ending == e.ending for e in entries)
    assert max(server.by_request.values()) == 1


@pytest.mark.parametrize("stream", [True, False])
async def test_a_call_without_an_end_is_cut_and_counted_as_stalled(journal, request_for, stream):
    async with Scripted(Script(faults={"stalled": 0.5})) as server:
        asker = Asker(journal, server.base_url, stream=stream, stall_s=0.05, deadline_s=0.05)
        entries = await asker.ask(*(request_for(sample=i) for i in range(30)))
    endings = Counter(attempt.ending for attempt in asker.attempts)
    assert endings["stalled"] > 5
    assert all(
        len(entry.attempts) == POLICIES["stalled"].retries + 1
        for entry in entries
        if entry.ending == "stalled"
    )


async def test_what_is_not_final_is_asked_again_by_a_later_run(journal, request_for):
    responses = [(500, "no")] * (POLICIES["server_error"].retries + 1)
    async with Handler(*responses, answer()) as server:
        asker = Asker(journal, server.base_url)
        [failed] = await asker.ask(request_for())
        [entry] = await asker.ask(request_for())
    assert failed.ending == "server_error"
    assert entry.ending == "ok"
    assert entry.attempts[: len(failed.attempts)] == failed.attempts
    assert len(entry.attempts) == len(responses) + 1


@pytest.mark.parametrize("fault", ["refused", "truncated", "empty", "malformed", "bad_request"])
async def test_what_is_final_is_not_asked_again_though_it_failed(journal, request_for, fault):
    async with Scripted(Script(faults={fault: 1.0})) as server:
        asker = Asker(journal, server.base_url)
        [first] = await asker.ask(request_for())
        asked = server.requests
        assert await asker.ask(request_for()) == [first]
    assert server.requests == asked


async def test_a_refused_call_keeps_retry_after(journal, request_for):
    async with Handler(answer(), (429, "", {"Retry-After": "30"}), answer(), answer()) as server:
        asker = Asker(journal, server.base_url, max_in_flight=1)
        async with asker.client() as client:
            await client.ask(request_for(sample=0, reasoning="off"))
            assert asker.slept == []
            await asyncio.gather(
                client.ask(request_for(sample=1, reasoning="off")),
                client.ask(request_for(sample=2, reasoning="off")),
            )
    assert asker.now >= 30
    assert [a.ending for a in asker.attempts] == ["ok", "rate_limited", "ok", "ok"]


async def test_an_answer_s_retry_after_holds_nothing(journal, request_for):
    async with Handler((*answer(), {"Retry-After": "30"}), answer()) as server:
        asker = Asker(journal, server.base_url)
        async with asker.client() as client:
            await client.ask(request_for(sample=0))
            await client.ask(request_for(sample=1))
    assert asker.slept == []


async def test_waits_grow_but_never_beyond_the_policy(journal, request_for):
    async with Scripted(Script(faults={"server_error": 1.0})) as server:
        asker = Asker(journal, server.base_url)
        await asker.ask(request_for())
    assert len(asker.slept) == POLICIES["server_error"].retries
    assert all(0 <= wait <= min(60, 2**i) for i, wait in enumerate(asker.slept))


async def test_no_more_calls_are_in_flight_than_allowed(journal, request_for):
    async with Scripted() as server:
        asker = Asker(journal, server.base_url, max_in_flight=3)
        async with asker.client() as client:
            seen = []
            client._sender._on_attempt = lambda _: seen.append(client.in_flight)
            await asyncio.gather(*(client.ask(request_for(sample=i)) for i in range(20)))
    assert len(seen) == 20
    assert 1 <= max(seen) <= 3


@pytest.mark.parametrize(
    ("script", "words"),
    [
        (Script(key="other"), "refuses the key in TEACHER_KEY (HTTP 401)"),
        (Script(model="n"), "knows no such model, or base_url is not what comes before"),
    ],
)
async def test_a_wrong_key_or_model_stops_before_many_requests(
    journal, request_for, monkeypatch, script, words
):
    monkeypatch.setenv("TEACHER_KEY", KEY)
    async with Scripted(script) as server:
        asker = Asker(journal, server.base_url, key_env="TEACHER_KEY")
        async with asker.client() as client:
            asks = [client.ask(request_for(sample=i)) for i in range(100)]
            results = await asyncio.gather(*asks, return_exceptions=True)
    assert server.requests <= FIRST_IN_FLIGHT
    assert {type(r) for r in results} == {EndpointError}
    assert all(words in str(r) and KEY not in repr(r) for r in results)
    assert list(journal.keys()) == []


async def test_a_host_that_does_not_answer_stops_at_once(journal, request_for):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    asker = Asker(journal, f"http://127.0.0.1:{port}/v1")
    with pytest.raises(EndpointError, match=f"'m' at http://127.0.0.1:{port}/v1 does not answer"):
        await asker.ask(request_for())
    assert asker.slept == []


async def test_a_key_revoked_later_stops_all_that_follows(journal, request_for):
    async with (
        Handler(answer(), (401, "no"), answer()) as server,
        Asker(journal, server.base_url).client() as client,
    ):
        await client.ask(request_for(sample=0))
        for sample in (1, 2):
            with pytest.raises(EndpointError, match="HTTP 401"):
                await client.ask(request_for(sample=sample))
    assert len(server.seen) == 2


async def test_a_redirect_is_not_followed(journal, request_for, monkeypatch):
    monkeypatch.setenv("TEACHER_KEY", KEY)
    async with Handler(answer()) as other:
        to = {"Location": f"{other.base_url}/chat/completions"}
        async with Handler((307, "", to)) as server:
            with pytest.raises(EndpointError, match="HTTP 307"):
                await Asker(journal, server.base_url, key_env="TEACHER_KEY").ask(request_for())
    assert other.seen == []
    assert server.seen[0][0]["Authorization"] == f"Bearer {KEY}"


async def test_the_key_is_nowhere_but_in_the_header(journal, request_for, monkeypatch):
    """An endpoint repeats the key in an answer and in errors of every kind."""
    monkeypatch.setenv("TEACHER_KEY", KEY)
    said = json.dumps({"error": {"message": f"key {KEY}"}})
    async with Handler((500, said), (400, said), answer(f"key {KEY}"), (404, said)) as server:
        asker = Asker(journal, server.base_url, key_env="TEACHER_KEY")
        async with asker.client() as client:
            entries = [await client.ask(request_for(sample=i)) for i in range(2)]
            with pytest.raises(EndpointError) as caught:
                await client.ask(request_for(sample=2))
            texts = [repr(entries), repr(asker.attempts), str(caught.value), repr(client)]
            texts += [repr(asker.teacher), caught.exconly()]
    assert [e.ending for e in entries] == ["bad_request", "ok"]
    assert all(KEY not in text for text in texts)
    assert "key ***" in texts[0]
    stored = b"".join(p.read_bytes() for p in journal.path.parent.rglob("*") if p.is_file())
    assert KEY.encode() not in stored


async def test_the_environment_s_proxy_is_used_and_its_password_is_not_shown(
    journal, request_for, monkeypatch
):
    monkeypatch.delenv("http_proxy", raising=False)
    async with Handler(answer()) as proxy:
        port = proxy.base_url.removesuffix("/v1").rpartition(":")[2]
        monkeypatch.setenv("HTTP_PROXY", f"http://me:passw0rd@127.0.0.1:{port}")
        asker = Asker(journal, "http://teacher.invalid/v1")
        [entry] = await asker.ask(request_for())
    assert entry.ending == "ok"
    assert proxy.seen[0][0]["Host"] == "teacher.invalid"
    assert proxy.seen[0][0]["Proxy-Authorization"].startswith("Basic ")
    with pytest.raises(EndpointError, match="does not answer") as caught:
        await asker.ask(request_for(sample=1))
    assert "passw0rd" not in str(caught.value)


async def test_a_missing_key_is_an_error_before_anything_is_sent(journal, monkeypatch):
    monkeypatch.delenv("TEACHER_KEY", raising=False)
    with pytest.raises(InputError, match="TEACHER_KEY"):
        Asker(journal, "http://127.0.0.1:1/v1", key_env="TEACHER_KEY").client()


async def test_a_cancelled_call_is_journaled_and_asked_again(journal, request_for):
    request = request_for()
    async with (
        Scripted(Script(latency=60)) as server,
        Asker(journal, server.base_url).client() as client,
    ):
        asking = asyncio.ensure_future(client.ask(request))
        while not server.requests:
            await asyncio.sleep(0)
        asking.cancel()
        await asyncio.wait([asking])
    assert asking.cancelled()
    entry = journal.get(request.key)
    assert entry is not None
    assert entry.ending == "cancelled"
    async with Scripted() as server:
        [again] = await Asker(journal, server.base_url).ask(request)
    assert [a.ending for a in again.attempts] == ["cancelled", "ok"]


async def test_an_asker_whose_twin_is_cancelled_asks_itself(journal, request_for):
    async with (
        Scripted(Script(latency=0.01)) as server,
        Asker(journal, server.base_url).client() as client,
    ):
        first, second = (asyncio.ensure_future(client.ask(request_for())) for _ in range(2))
        while not server.requests:
            await asyncio.sleep(0)
        first.cancel()
        entry = await second
    assert first.cancelled()
    assert entry.ending == "ok"
    assert server.by_request.total() == 1


class SlowJournal:
    """A journal whose commits wait to be let through."""

    def __init__(self, journal):
        self.journal, self.path = journal, journal.path
        self.get = journal.get
        self.started = asyncio.Event()
        self.let = asyncio.Event()

    def submit(self, entry: Entry) -> asyncio.Future[None]:
        return asyncio.ensure_future(self._put(entry))

    async def _put(self, entry: Entry) -> None:
        self.started.set()
        await self.let.wait()
        await self.journal.put(entry)


async def test_an_answer_survives_a_cancellation_during_its_commit(journal, request_for):
    slow = SlowJournal(journal)
    async with Scripted() as server, Asker(slow, server.base_url).client() as client:
        first, second = (asyncio.ensure_future(client.ask(request_for())) for _ in range(2))
        await slow.started.wait()
        first.cancel()
        await asyncio.sleep(0)
        slow.let.set()
        entry = await second
    assert first.cancelled()
    assert entry.ending == "ok"
    assert server.requests == 1


async def test_hostile_replies_never_raise(journal, request_for):
    deep = '{"choices": ' + "[" * 300 + "]" * 300 + "}"
    number = '{"choices": [{"message": {"content": "4"}}], "usage": {"prompt_tokens": %s}}'
    bodies = ["", "null", "[]", "\x00", deep, number % "1e999", number % ("9" * 30), number % "NaN"]
    bodies.append(r'{"choices": [{"message": {"content": "\ud800"}}]}')
    bodies.append("\ufeff" + answer()[1])
    tries = POLICIES["malformed"].retries + 1
    responses = [(200, body) for body in bodies for _ in range(tries if body in bodies[:5] else 1)]
    async with Handler(*responses) as server, Asker(journal, server.base_url).client() as client:
        asks = (request_for(sample=i, reasoning="off") for i in range(len(bodies)))
        entries = [await client.ask(request) for request in asks]
    assert [e.ending for e in entries] == ["malformed"] * 5 + ["ok"] * 5
    assert [journal.get(e.key) for e in entries] == entries


async def test_until_the_first_answers_are_as_asked_few_calls_are_out(journal, request_for):
    async with (
        Scripted(Script(latency=0.01)) as server,
        Asker(journal, server.base_url, max_in_flight=200).client() as client,
    ):
        asks = [asyncio.ensure_future(client.ask(request_for(sample=i))) for i in range(200)]
        await asyncio.wait(asks, return_when=asyncio.FIRST_COMPLETED)
        assert server.requests <= FIRST_IN_FLIGHT
        await asyncio.gather(*asks)
    assert server.requests == 200


async def test_a_teacher_that_does_not_think_as_asked_stops_after_a_few_answers(
    journal, request_for
):
    async with Scripted(Script(style="none")) as server:
        asker = Asker(journal, server.base_url, max_in_flight=200)
        async with asker.client() as client:
            asks = [client.ask(request_for(sample=i)) for i in range(200)]
            results = await asyncio.gather(*asks, return_exceptions=True)
    errors = [result for result in results if isinstance(result, EndpointError)]
    assert errors
    assert all("hold no thinking" in str(error) for error in errors)
    assert len(list(journal.keys())) == server.requests <= 2 * FIRST_IN_FLIGHT


async def test_streamed_and_whole_replies_leave_the_same_answer(journal, request_for, tmp_path):
    async with Scripted() as server:
        [whole] = await Asker(journal, server.base_url, stream=False).ask(request_for())
        with Journal(tmp_path / "other") as other:
            [streamed] = await Asker(other, server.base_url, stream=True).ask(request_for())
    assert streamed.key == whole.key
    first, second = (parse(entry.reply)["choices"][0] for entry in (whole, streamed))
    assert second == first
    assert [a.completion_tokens for a in streamed.attempts] == [44]
    assert streamed.attempts[0].first_token_s is not None
    assert parse(streamed.request)["stream_options"] == {"include_usage": True}


async def test_long_answers_are_streamed(journal, request_for):
    async with Scripted() as server:
        asker = Asker(journal, server.base_url)
        short, long = await asker.ask(
            request_for(sampling=Sampling(max_tokens=4096)),
            request_for(sampling=Sampling(max_tokens=32768)),
        )
    assert "stream" not in parse(short.request)
    assert parse(long.request)["stream"] is True


@pytest.mark.parametrize("fault", ["network", "server_error", "malformed", "stalled"])
async def test_a_stream_that_breaks_is_asked_again(journal, request_for, fault):
    requests = [request_for(sample=i) for i in range(40)]
    async with Scripted(Script(faults={fault: 0.3})) as server:
        asker = Asker(journal, server.base_url, stream=True, stall_s=0.1)
        entries = await asker.ask(*requests)
    assert Counter(e.ending for e in entries)["ok"] > 30
    assert Counter(a.ending for a in asker.attempts)[fault] > 5


async def test_an_answer_without_usage_is_counted_here(journal, request_for):
    async with Handler(
        (200, answer("one two three four")[1].replace(', "usage": {}', ""))
    ) as server:
        [entry] = await Asker(journal, server.base_url).ask(request_for())
    [attempt] = entry.attempts
    assert attempt.estimated
    assert 3 <= attempt.completion_tokens <= 6
    assert attempt.prompt_tokens > 0


async def test_a_policy_may_stop_the_run(journal, request_for):
    policies = {**POLICIES, "refused": Policy(then="stop")}
    async with Scripted(Script(faults={"refused": 1.0})) as server:
        asker = Asker(journal, server.base_url, policies=policies)
        with pytest.raises(EndpointError, match="ended as refused.* endings.refused.then is stop"):
            await asker.ask(request_for())
    assert journal.get(request_for().key).ending == "refused"


async def test_a_policy_may_sample_anew_with_another_seed(journal, request_for):
    policies = {**POLICIES, "truncated": Policy(retries=1)}
    cut = answer("4")[1].replace('"stop"', '"length"')
    async with Handler((200, cut), answer("5")) as server:
        [entry] = await Asker(journal, server.base_url, policies=policies).ask(request_for())
    assert [attempt.ending for attempt in entry.attempts] == ["truncated", "ok"]
    first, second = (body["seed"] for _, body in server.seen)
    assert second == first + 1


async def test_a_closed_client_sends_nothing_more_but_waits_for_what_is_out(journal, request_for):
    async with (
        Scripted(Script(latency=0.01)) as server,
        Asker(journal, server.base_url, max_in_flight=5).client() as client,
    ):
        asks = [asyncio.ensure_future(client.ask(request_for(sample=i))) for i in range(50)]
        while not server.requests:
            await asyncio.sleep(0)
        client.close()
        results = await asyncio.gather(*asks, return_exceptions=True)
    answered = [result for result in results if isinstance(result, Entry)]
    assert {type(r) for r in results} == {Entry, NotSent}
    assert len(answered) == server.requests == len(list(journal.keys())) <= 5


async def test_a_closed_client_waits_for_no_endpoint_that_is_away(journal, request_for):
    async with Scripted(Script(faults={"server_error": 1.0})) as server:
        asker = Asker(journal, server.base_url, max_in_flight=5)
        async with asker.client() as client:
            asks = [asyncio.ensure_future(client.ask(request_for(sample=i))) for i in range(50)]
            while len(asker.slept) < 12:
                await asyncio.sleep(0)
            asker.stands = True
            sent = server.requests + client.in_flight
            client.close()
            results = await asyncio.wait_for(asyncio.gather(*asks, return_exceptions=True), 5)
    assert {type(result) for result in results} == {NotSent}
    assert server.requests <= sent
    ends = {journal.ending(key) for key in list(journal.keys())}
    assert ends == {"cancelled"}


async def test_what_closing_kept_from_a_retry_is_asked_again(journal, request_for):
    """An empty answer is final once its retries are used up, and only then."""
    async with Scripted(Script(faults={"empty": 1.0})) as server:
        asker = Asker(journal, server.base_url)
        client = asker.client()
        asker.on_sleep = client.close
        async with client:
            with pytest.raises(NotSent):
                await client.ask(request_for())
        assert server.requests == 1
    async with Scripted() as server:
        [entry] = await Asker(journal, server.base_url).ask(request_for())
    assert [attempt.ending for attempt in entry.attempts] == ["empty", "ok"]


async def test_a_few_calls_that_always_fail_are_no_absence(journal, request_for):
    """At the end of a run only those may be left; they must not keep it from ending."""
    async with Scripted(Script(faults={"server_error": 1.0})) as server:
        asker = Asker(journal, server.base_url)
        async with asker.client() as client:
            for _ in range(6):
                for sample in range(4):
                    entry = await client.ask(request_for(sample=sample))
                    assert entry.ending == "server_error"
    assert asker.now > AWAY_S


async def test_an_endpoint_that_fails_at_every_call_is_away(journal, request_for):
    async with (
        Scripted(Script(faults={"server_error": 1.0})) as server,
        Asker(journal, server.base_url).client() as client,
    ):
        asks = [client.ask(request_for(sample=i)) for i in range(100)]
        results = await asyncio.gather(*asks, return_exceptions=True)
    assert "does not answer: nothing for" in str(results[-1])


async def test_a_stream_that_never_begins_is_told_from_one_that_is_late(journal, request_for):
    async with Scripted(Script(latency=60)) as server:
        asker = Asker(journal, server.base_url, stream=True, stall_s=0.1)
        with pytest.raises(EndpointError, match=r"no byte within 0\.1 s"):
            await asker.ask(request_for())


async def test_of_a_failure_only_the_beginning_is_read(journal, request_for):
    async with Handler((400, "no " * 2**20)) as server:
        [entry] = await Asker(journal, server.base_url).ask(request_for())
    assert entry.ending == "bad_request"
    assert entry.attempts[0].detail.startswith("no no no")
    assert len(entry.reply) == MOST_COMPLAINT


async def test_when_an_endpoint_goes_the_others_take_its_calls(journal, request_for):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        gone = Endpoint(f"http://127.0.0.1:{taken.getsockname()[1]}/v1")
    async with Scripted() as server:
        asker = Asker(journal, server.base_url)
        asker.teacher = Teacher("m", (gone, Endpoint(server.base_url)))
        entries = await asker.ask(*(request_for(sample=i) for i in range(60)))
    assert {entry.ending for entry in entries} == {"ok"}
    assert max(server.by_request.values()) == 1
    assert {entry.attempts[-1].endpoint for entry in entries} == {server.base_url}


async def test_endpoints_share_the_calls_by_their_weights(journal, request_for):
    async with Scripted() as one, Scripted() as other:
        asker = Asker(journal, one.base_url)
        asker.teacher = Teacher(
            "m",
            (
                Endpoint(one.base_url, weight=3, max_in_flight=500),
                Endpoint(other.base_url, weight=1, max_in_flight=500),
            ),
        )
        await asker.ask(*(request_for(sample=i) for i in range(200)))
    assert 130 <= one.requests <= 170
    assert one.requests + other.requests == 200


async def test_an_answer_that_is_not_wanted_is_not_asked_for_again_by_a_later_run(
    journal, request_for
):
    policies = {
        **POLICIES,
        "truncated": Policy(retries=1, then="drop"),
        "empty": Policy(then="later"),
    }
    cut = answer("4")[1].replace('"stop"', '"length"')
    async with Handler((200, cut), answer(""), answer("5")) as server:
        asker = Asker(journal, server.base_url, policies=policies)
        await asker.ask(request_for(reasoning="off"))
        await asker.ask(request_for(reasoning="off"))
    first, second, third = (body["seed"] for _, body in server.seen)
    assert second == third == first + 1


async def test_what_another_process_asks_is_waited_for(journal, request_for):
    """It locks the call, is answered, commits and leaves."""
    request = request_for(reasoning="off")
    other = f"""
import asyncio, sys
from pathlib import Path
from potstill.models.client import Client
from potstill.models.requests import Request
from potstill.models.teacher import Endpoint, Teacher
from potstill.storage.claims import Claims
from potstill.storage.journal import Journal

async def main():
    request = Request.model_validate_json({request.model_dump_json()!r})
    with Journal(Path({str(journal.path)!r})) as journal:
        async with Client(Teacher("m", (Endpoint(sys.argv[1]),)), journal) as client:
            print((await client.ask(request)).ending, flush=True)

asyncio.run(main())
"""
    async with Scripted(Script(latency=0.3, style="none")) as server:
        asking = await asyncio.create_subprocess_exec(
            sys.executable, "-c", other, server.base_url, stdout=asyncio.subprocess.PIPE
        )
        while not server.requests:
            await asyncio.sleep(0.01)
        [entry] = await Asker(journal, server.base_url).ask(request)
        said, _ = await asking.communicate()
    assert (entry.ending, said.decode().strip()) == ("ok", "ok")
    assert server.requests == 1


async def test_who_waits_for_another_process_can_be_stopped(journal, request_for):
    request = request_for()
    with Claims(journal.path) as others:
        assert others.take(request.key)
        async with Asker(journal, "http://127.0.0.1:9/v1").client() as client:
            asking = asyncio.ensure_future(client.ask(request))
            await asyncio.sleep(0)
            client.close()
            with pytest.raises(NotSent):
                await asking


async def test_an_endpoint_that_goes_and_comes_back_is_told(journal, request_for):
    said: list[str] = []
    responses = [answer(), *[(502, "gone")] * DOWN_AFTER, answer()]
    async with Handler(*responses) as server:
        asker = Asker(journal, server.base_url)
        client = Client(
            asker.teacher,
            journal,
            on_caution=said.append,
            sleep=asker.sleep,
            clock=lambda: asker.now,
        )
        async with client:
            for sample in (0, 1):
                await client.ask(request_for(sample=sample, reasoning="off"))
    assert said == [
        f"teacher 'm': {server.base_url} answers no call (gone): it is tried again until it does",
        f"teacher 'm': {server.base_url} answers again",
    ]
