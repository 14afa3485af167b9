"""Batches over a local server that speaks their protocol: nothing lost, doubled or paid twice."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, get_args

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from potstill.errors import EndpointError, InputError
from potstill.models.batches.api import BatchApi
from potstill.models.batches.client import BatchClient
from potstill.models.batches.http import Steps
from potstill.models.batches.options import BatchOptions
from potstill.models.batches.replies import read_batch, read_line, read_page
from potstill.models.budget import Budget, BudgetSpec
from potstill.models.failures import of_exchange
from potstill.models.requests import Request
from potstill.models.script import Script
from potstill.models.script.batches import Batches, BatchScript
from potstill.models.scripted import Scripted
from potstill.models.teacher import Endpoint, Teacher
from potstill.models.traces import from_reply
from potstill.records import Ending
from potstill.storage.batches import BatchLedger
from potstill.storage.journal import Journal

Fault = Callable[[web.Request], web.StreamResponse | None]


class Server:
    """A server of batches whose every step can fail."""

    def __init__(self, script: BatchScript, teacher: Script) -> None:
        self.scripted = Scripted(teacher)
        self.batches = Batches(
            self.scripted.reply_to, script, model=teacher.model, allows=self.scripted.allows
        )
        self.faults: dict[str, list[str]] = {}
        """By step (`POST files`): what its next requests meet."""
        self.steps: Counter[str] = Counter()
        self.elsewhere = ""
        """Where the files lie, if not here."""

    @property
    def answers(self) -> Counter[str]:
        """Answers given, by the request's hash."""
        return self.scripted.by_request

    def sent(self) -> list[str]:
        """The custom ids of all uploaded requests."""
        lines = [line for file in self.batches.files.values() for line in file.splitlines()]
        rows = [json.loads(line) for line in lines if b'"method"' in line]
        return [row["custom_id"] for row in rows]

    @web.middleware
    async def _meet(self, request: web.Request, handler: Any) -> web.StreamResponse:
        parts = request.path.split("/")[2:]
        step = f"{request.method} {parts[0]}" + "/ID" * (len(parts) > 1)
        self.steps[step] += 1
        left = self.faults.get(step)
        fault = left.pop(0) if left else ""
        if fault.isdecimal():
            body = {"error": {"message": "not now, sk-0123456789abcdef0123", "code": "busy"}}
            return web.json_response(body, status=int(fault), headers={"Retry-After": "7"})
        if self.elsewhere and step == "GET files/ID":
            raise web.HTTPFound(f"{self.elsewhere}/{request.match_info['id']}")
        if fault == "reset":
            assert request.transport is not None
            request.transport.abort()
        response = await handler(request)
        if fault == "done_then_reset":  # done, but nobody is told
            request.transport.abort()
        if fault == "cut":
            half = web.StreamResponse(headers={"Content-Length": str(len(response.body))})
            await half.prepare(request)
            await half.write(response.body[: len(response.body) // 2])
            request.transport.abort()
            return half
        return response

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[str]:
        app = web.Application(middlewares=[self._meet], client_max_size=2**26)
        app.add_routes(self.batches.routes())
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        try:
            yield f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
        finally:
            await runner.cleanup()


class Bench:
    """A server, a journal, a ledger, and clients over them."""

    def __init__(self, folder: Path, server: Server, base_url: str) -> None:
        self.folder, self.server, self.base_url = folder, server, base_url
        self.journal = Journal(folder / "calls.sqlite3")
        self.ledger = BatchLedger(folder / "batches.sqlite3")
        self.ended: list[str] = []
        self.cautions: list[str] = []
        self.slept: list[float] = []

    async def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        await asyncio.sleep(min(seconds, 0.001))

    async def ask(
        self,
        requests: Iterable[Request],
        *,
        rounds: int = 3,
        stop: Callable[[], bool] = bool,
        endpoint: dict[str, Any] | None = None,
        budget: Budget | None = None,
        **options: Any,
    ) -> str | None:
        asked = list(requests)
        client = BatchClient(
            Teacher("m", (Endpoint(self.base_url, **(endpoint or {})),)),
            BatchOptions(**{"max_requests": 100, "poll_s": 1} | options),
            self.journal,
            self.ledger,
            self.folder,
            budget=budget,
            on_end=lambda entry: self.ended.append(entry.key),
            on_caution=self.cautions.append,
            sleep=self._sleep,
        )
        async with client:
            return await client.ask_all(lambda: asked, rounds=rounds, stop=stop)

    def endings(self, requests: Iterable[Request]) -> Counter[str | None]:
        return Counter(self.journal.ending(request.key) for request in requests)

    def close(self) -> None:
        self.journal.close()
        self.ledger.close()


@asynccontextmanager
async def bench(
    folder: Path, script: BatchScript | None = None, teacher: Script | None = None
) -> AsyncIterator[Bench]:
    server = Server(script or BatchScript(), teacher or Script())
    async with server.listening() as base_url:
        made = Bench(folder, server, base_url)
        try:
            yield made
        finally:
            made.close()


@pytest.fixture
def calls(request_for: Callable[..., Request]) -> Callable[[int], list[Request]]:
    return lambda count: [request_for(f"What is {i} + {i}?") for i in range(count)]


async def test_round_trip_over_several_files(tmp_path, calls) -> None:
    requests = calls(500)
    async with bench(tmp_path) as b:
        assert await b.ask([*requests, *requests[:20]], max_requests=120) is None
        assert b.endings(requests) == {"ok": 500}
        assert len(b.server.batches) == 5
        assert set(b.server.answers.values()) == {1}
        assert sorted(b.ended) == sorted(r.key for r in requests)
        entry = b.journal.get(requests[7].key)
        assert entry is not None
        assert json.loads(entry.request) == requests[7].body(seed=True)
        (attempt,) = entry.attempts
        assert (attempt.status, attempt.endpoint) == (200, b.base_url)
        assert attempt.batch.startswith("batch_")
        assert attempt.completion_tokens
        assert b.ledger.open_batches("m") == []
        assert b.ledger.held("m") == 0
        names = {path.name.partition("-")[0] for path in tmp_path.iterdir()}
        assert names == {"calls.sqlite3", "batches.sqlite3", "batches.lock"}
        before = b.server.steps.copy()
        assert await b.ask(requests) is None
        assert b.server.steps == before  # the journal has all


async def test_files_are_split_by_bytes_too(tmp_path, calls) -> None:
    async with bench(tmp_path) as b:
        assert await b.ask(calls(30), max_bytes=2000) is None
        sizes = [len(file) for file in b.server.batches.files.values() if b'"method"' in file]
        assert len(sizes) > 3
        assert max(sizes) <= 2000


async def test_expired_with_partial_output(tmp_path, calls) -> None:
    requests = calls(40)
    async with bench(tmp_path, BatchScript(answered=0.5)) as b:
        assert await b.ask(requests, rounds=2) is None
        assert b.endings(requests) == {"ok": 30, "cancelled": 10}
        assert set(b.server.answers.values()) == {1}
        late = [e for r in requests if (e := b.journal.get(r.key)) and e.ending == "cancelled"]
        assert {a.detail for e in late for a in e.attempts} == {
            "the batch is expired · batch_expired"
        }
        assert {len(e.attempts) for e in late} == {2}
        b.server.batches.script = BatchScript()
        assert await b.ask(requests) is None
        assert b.endings(requests) == {"ok": 40}
        assert set(b.server.answers.values()) == {1}


async def test_failed_lines_get_their_endings(tmp_path, calls) -> None:
    requests = calls(300)
    faults = {"rate_limited": 0.1, "server_error": 0.1, "over_context": 0.05, "truncated": 0.05}
    async with bench(tmp_path, teacher=Script(faults={**faults, "empty": 0.1})) as b:
        assert await b.ask(requests, rounds=8) is None
        endings = b.endings(requests)
        assert {"ok", "over_context", "truncated"} <= set(endings)
        assert set(endings) <= {"ok", "over_context", "truncated", "empty"}
        assert set(b.server.answers.values()) == {1}
        over = [e for r in requests if (e := b.journal.get(r.key)) and e.ending == "over_context"]
        assert over
        assert all(e.attempts[-1].status == 400 for e in over)


@pytest.mark.parametrize("kind", ["doubled", "damaged", "missing", "unknown"])
async def test_lines_that_are_not_as_they_should(tmp_path, calls, kind) -> None:
    requests = calls(20)

    def spoil(content: bytes) -> bytes:
        lines = content.splitlines(keepends=True)
        if kind == "doubled":
            return b"".join(lines + lines[:5])
        if kind == "damaged":
            lines[3] = lines[3][: len(lines[3]) // 2] + b"\n\xff\xfe\n"
        elif kind == "missing":
            del lines[3]
        else:
            lines.append(lines[0].replace(b'"custom_id": "', b'"custom_id": "x'))
            lines.append(b'[1]\n{"custom_id": 5}\nnull\n\n')
        return b"".join(lines)

    async with bench(tmp_path) as b:
        keep = b.server.batches._keep
        spoilt: list[bool] = []

        def keep_spoilt(content: bytes) -> str:
            if b'"response"' in content and not spoilt:
                spoilt.append(True)
                content = spoil(content)
            return keep(content)

        b.server.batches._keep = keep_spoilt
        assert await b.ask(requests) is None
        assert spoilt
        assert b.endings(requests) == {"ok": 20}
        again = [r for r in requests if len(b.journal.get(r.key).attempts) == 2]
        assert len(again) == (kind in ("damaged", "missing"))
        assert bool(b.cautions) == bool(again)
        for request in again:
            first, _ = b.journal.get(request.key).attempts
            assert first.ending == "malformed"


async def test_a_line_that_never_comes_is_malformed_in_the_end(tmp_path, calls) -> None:
    requests = calls(3)
    async with bench(tmp_path) as b:
        keep = b.server.batches._keep
        b.server.batches._keep = lambda content: keep(
            b'{"response"\n' if b'"response"' in content else content
        )
        assert await b.ask(requests) is None
        assert b.endings(requests) == {"malformed": 3}
        assert len(b.server.batches) == 3


async def test_wrong_model_stops_with_one_sentence(tmp_path, calls) -> None:
    requests = calls(5)
    async with bench(tmp_path, teacher=Script(model="other")) as b:
        said = r"refuses batch batch_\w+ of 5 calls.*`m` does not"
        with pytest.raises(EndpointError, match=said):
            await b.ask(requests)
        assert b.endings(requests) == {None: 5}
        assert b.ledger.holder(requests[0].key) is None


async def test_wrong_key_stops_and_is_not_shown(tmp_path, calls, monkeypatch) -> None:
    monkeypatch.setenv("TEACHER_KEY", "sk-wrong-0123456789abcdef")
    async with bench(tmp_path, teacher=Script(key="sk-right")) as b:
        with pytest.raises(EndpointError, match="refuses the key in TEACHER_KEY") as caught:
            await b.ask(calls(3), endpoint={"key_env": "TEACHER_KEY"})
        assert "sk-" not in str(caught.value)
        assert b.server.steps == {"POST files": 1}
        assert b.ledger.holder(calls(3)[0].key) is None


async def test_a_key_that_is_repeated_is_not_kept(tmp_path, calls, monkeypatch) -> None:
    key = "sk-0123456789abcdef0123"
    monkeypatch.setenv("TEACHER_KEY", key)
    async with bench(tmp_path, teacher=Script(key=key)) as b:
        keep = b.server.batches._keep
        b.server.batches._keep = lambda content: keep(content.replace(b"boxed", key.encode()))
        await b.ask(calls(3), endpoint={"key_env": "TEACHER_KEY"})
        for request in calls(3):
            reply = b.journal.get(request.key).reply
            assert key not in reply
            assert "***" in reply


async def test_an_endpoint_without_batches(tmp_path, calls) -> None:
    async with bench(tmp_path) as b:
        b.base_url += "/elsewhere"
        with pytest.raises(EndpointError, match=r"offers no batches: it has no /files \(HTTP 404"):
            await b.ask(calls(3))


async def test_nobody_listens(tmp_path, calls) -> None:
    async with bench(tmp_path) as b:
        b.base_url = "http://127.0.0.1:9/v1"
        with pytest.raises(EndpointError, match="does not answer"):
            await b.ask(calls(3))
        assert b.ledger.holder(calls(3)[0].key) is None


STEPS = ["POST files", "POST batches", "GET batches/ID", "GET files/ID"]


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("fault", ["429", "500", "reset", "done_then_reset", "cut"])
async def test_each_step_survives_its_faults(tmp_path, calls, step, fault) -> None:
    requests = calls(50)
    async with bench(tmp_path) as b:
        b.server.faults = {step: [fault, fault]}
        assert await b.ask(requests, max_requests=25) is None
        assert b.endings(requests) == {"ok": 50}
        assert set(b.server.answers.values()) == {1}
        assert len(b.server.batches) == 2
        assert not b.server.faults[step]
        if fault == "429":
            assert sum(b.slept) >= 14  # Retry-After, twice


async def test_doubtful_creation_is_left_for_the_next_run(tmp_path, calls) -> None:
    requests = calls(10)
    async with bench(tmp_path) as b:
        b.server.faults = {"POST batches": ["done_then_reset"], "GET batches": ["500"] * 12}
        with pytest.raises(EndpointError, match="looks whether it took it"):
            await b.ask(requests)
        assert [batch.state for batch in b.ledger.open_batches("m")] == ["intended"]
        assert await b.ask(requests) is None
        assert b.endings(requests) == {"ok": 10}
        assert len(b.server.batches) == 1
        assert b.server.steps["POST batches"] == 1


async def test_an_upload_without_a_batch_is_harmless(tmp_path, calls) -> None:
    requests = calls(10)
    async with bench(tmp_path) as b:
        b.server.faults = {"POST batches": ["500"] * 12}
        with pytest.raises(EndpointError, match="does not answer"):
            await b.ask(requests)
        assert await b.ask(requests) is None
        assert b.endings(requests) == {"ok": 10}
        assert set(b.server.answers.values()) == {1}
        assert len(b.server.batches) == 1


async def test_the_list_is_read_to_its_end(tmp_path, calls) -> None:
    requests = calls(3)
    async with bench(tmp_path) as b:
        b.server.faults = {"POST batches": ["done_then_reset"], "GET batches": ["500"] * 12}
        with pytest.raises(EndpointError):
            await b.ask(requests)
        (first,) = b.server.batches._batches.values()
        for i in range(250):  # others' batches, newer than ours
            other = type(first)(f"batch_{i}", "file-other", "24h", None, first.created, [])
            b.server.batches._batches[other.id] = other
        assert await b.ask(requests) is None
        assert b.endings(requests) == {"ok": 3}
        assert b.server.steps["POST batches"] == 1
        assert b.server.steps["GET batches"] == 12 + 3


async def test_two_runs_share_a_ledger(tmp_path, calls) -> None:
    requests = calls(200)
    async with bench(tmp_path) as b:
        other = Bench(tmp_path, b.server, b.base_url)
        try:
            both = await asyncio.gather(
                b.ask(requests, max_requests=30), other.ask(requests[::-1], max_requests=30)
            )
        finally:
            other.close()
        assert both == [None, None]
        assert b.endings(requests) == {"ok": 200}
        assert set(b.server.answers.values()) == {1}
        assert Counter(b.server.sent()).most_common(1)[0][1] == 1
        assert all(len(b.journal.get(r.key).attempts) == 1 for r in requests)


async def test_stopping_leaves_the_batches_and_says_so(tmp_path, calls) -> None:
    requests = calls(60)
    async with bench(tmp_path, BatchScript(seconds=1e9)) as b:
        said = await b.ask(requests, max_requests=20, stop=lambda: len(b.server.batches) == 3)
        assert said == (
            f"60 calls to teacher 'm' at {b.base_url} are being answered in 3 batches; the same "
            "command collects them"
        )
        assert b.endings(requests) == {None: 60}
        b.server.batches.script = BatchScript()
        assert await b.ask(requests) is None
        assert b.endings(requests) == {"ok": 60}
        assert len(b.server.batches) == 3


async def test_a_batch_that_somebody_cancels_pauses_the_run(tmp_path, calls) -> None:
    requests = calls(20)
    async with bench(tmp_path, BatchScript(seconds=1e9)) as b:

        def stop() -> bool:
            for batch in list(b.server.batches._batches.values()):
                if not batch.ended:
                    b.server.batches._end(batch, "cancelled", 8)
            return False

        said = await b.ask(requests, stop=stop)
        assert said is not None
        assert "was cancelled there" in said
        assert "asks its other 12 calls again" in said
        assert b.endings(requests) == {"ok": 8, "cancelled": 12}


async def test_a_batch_that_is_gone_is_asked_again_only_at_the_second_command(
    tmp_path, calls
) -> None:
    requests = calls(10)
    async with bench(tmp_path, BatchScript(seconds=1e9)) as b:
        stop = lambda: b.server.steps["GET batches/ID"] >= 1  # noqa: E731
        await b.ask(requests, stop=stop)
        b.server.batches._batches.clear()
        b.server.batches.script = BatchScript()
        said = await b.ask(requests)
        assert said is not None
        assert "knows no batch batch_" in said
        assert "paid for again" in said
        assert b.endings(requests) == {None: 10}
        assert await b.ask(requests) is None
        assert b.endings(requests) == {"ok": 10}
        assert [a.ending for a in b.journal.get(requests[0].key).attempts] == ["cancelled", "ok"]


async def test_output_that_is_gone_is_told_and_asked_again(tmp_path, calls) -> None:
    requests = calls(10)
    async with bench(tmp_path) as b:
        b.server.faults = {"GET files/ID": ["404"]}
        assert await b.ask(requests) is None
        assert b.endings(requests) == {"ok": 10}
        (caution,) = b.cautions
        assert "lost its answers: 10 of its calls have no answer" in caution


async def test_a_full_queue_is_waited_for(tmp_path, calls) -> None:
    requests = calls(30)
    async with bench(tmp_path, BatchScript(queue=10, seconds=0.05)) as b:
        assert await b.ask(requests, max_requests=10) is None
        assert b.endings(requests) == {"ok": 30}
        assert set(b.server.answers.values()) == {1}
        assert len(b.server.batches) > 3  # some were refused, and came again


async def test_a_batch_beyond_the_queue_stops_in_the_end(tmp_path, calls) -> None:
    async with bench(tmp_path, BatchScript(queue=5)) as b:
        with pytest.raises(EndpointError, match=r"set batch.max_requests lower"):
            await b.ask(calls(30))


async def test_a_batch_elsewhere_is_not_paid_for_twice(tmp_path, calls) -> None:
    requests = calls(5)
    async with bench(tmp_path, BatchScript(seconds=1e9)) as b:
        await b.ask(requests, stop=lambda: b.server.steps["GET batches/ID"] >= 1)
        here, b.base_url = b.base_url, b.base_url + "/v1"
        with pytest.raises(InputError, match=f"5 calls to 'm' are in batch .* at {here}, not at"):
            await b.ask(requests)


async def test_a_budget_holds_over_batches(tmp_path, calls) -> None:
    requests = calls(30)
    most = sum(len(json.dumps(r.body(seed=True), separators=(",", ":"))) + 4096 for r in requests)
    async with bench(tmp_path, teacher=Script(words=3000)) as b:
        budget = Budget(BudgetSpec(tokens=most // 5))
        assert await b.ask(requests, budget=budget) is None
        assert budget.out is not None  # the run pauses with this sentence
        asked = b.endings(requests)["ok"]
        assert 5 <= asked < 10
        entries = [e for r in requests if (e := b.journal.get(r.key))]
        attempts = [a for e in entries for a in e.attempts]
        used = sum((a.prompt_tokens or 0) + (a.completion_tokens or 0) for a in attempts)
        assert budget.tokens == used <= most // 5
        assert await b.ask(requests) is None
        assert b.endings(requests) == {"ok": 30}
        assert set(b.server.answers.values()) == {1}


async def test_what_is_on_its_way_is_reserved_in_the_next_session(tmp_path, calls) -> None:
    requests = calls(10)
    async with bench(tmp_path, BatchScript(seconds=1e9)) as b:
        await b.ask(requests[:9], stop=lambda: b.server.steps["GET batches/ID"] >= 1)
        (batch,) = b.ledger.open_batches("m")
        assert batch.answer == 9 * 4096
        budget = Budget(BudgetSpec(tokens=batch.prompt + batch.answer))
        looks: list[int] = []

        def stop() -> bool:
            looks.append(len(b.server.batches))
            return len(looks) > 50

        await b.ask(requests, budget=budget, stop=stop)
        assert set(looks) == {1}  # the tenth call has no room beside the nine


async def test_files_elsewhere_are_fetched_without_the_key(tmp_path, calls, monkeypatch) -> None:
    monkeypatch.setenv("TEACHER_KEY", "sk-right")
    seen: list[str | None] = []

    async def give(request: web.Request) -> web.Response:
        seen.append(request.headers.get("Authorization"))
        return web.Response(body=b.server.batches.files[request.match_info["id"]])

    app = web.Application()
    app.router.add_get("/{id}", give)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        async with bench(tmp_path, teacher=Script(key="sk-right")) as b:
            b.server.elsewhere = f"http://127.0.0.1:{runner.addresses[0][1]}"
            assert await b.ask(calls(3), endpoint={"key_env": "TEACHER_KEY"}) is None
            assert b.endings(calls(3)) == {"ok": 3}
    finally:
        await runner.cleanup()
    assert seen == [None]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)
NAMES = ["custom_id", "response", "error", "status_code", "body", "code", "message"]


@given(
    st.dictionaries(st.sampled_from(NAMES), st.dictionaries(st.sampled_from(NAMES), JSON) | JSON)
)
def test_any_line_has_an_ending_or_no_call(fields) -> None:
    line = read_line(json.dumps(fields))
    if line is not None:
        assert line.key
        if line.exchange is None:
            ending, _ = line.error_ending()
        else:
            trace = from_reply(line.exchange.reply or {}, "on")
            ending, _ = of_exchange(line.exchange, trace)
        assert ending in get_args(Ending)


@given(JSON, st.text())
def test_any_batch_and_any_text_can_be_read(value, text) -> None:
    names = ["id", "status", "errors", "request_counts", "metadata", "created_at", "failed_at"]
    read_batch(dict.fromkeys(names, value))
    read_page({"data": [value]})
    read_line(text)


@pytest.mark.parametrize(
    ("error", "ending"),
    [
        ({"code": "batch_expired", "message": "x"}, "cancelled"),
        ({"code": "rate_limit_exceeded", "message": "x"}, "rate_limited"),
        ({"code": 429, "message": "x"}, "rate_limited"),
        ({"code": "context_length_exceeded", "message": "x"}, "over_context"),
        ({"code": "content_filter", "message": "x"}, "refused"),
        ({"code": "request_timeout", "message": "x"}, "server_error"),
        ({}, "server_error"),
    ],
)
def test_errors_without_a_reply(error, ending) -> None:
    line = read_line(json.dumps({"custom_id": "k", "response": None, "error": error}))
    assert line is not None
    assert line.error_ending()[0] == ending


@pytest.mark.parametrize(
    ("base_url", "path"),
    [
        ("https://api.openai.com/v1", "/v1/chat/completions"),
        ("https://open.bigmodel.cn/api/paas/v4/", "/v4/chat/completions"),
        ("https://dashscope.aliyuncs.com/compatible-mode/v1", "/v1/chat/completions"),
        ("http://host:8000", "/v1/chat/completions"),
    ],
)
def test_the_path_that_lines_ask(base_url: str, path: str) -> None:
    assert BatchApi(Steps(Endpoint(base_url), "m")).path == path
