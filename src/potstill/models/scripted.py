"""A teacher that is no model: an OpenAI-compatible server whose replies follow a script.

It ships with potstill so that a recipe can be rehearsed without a key or a GPU, and so that tests
can prove what was asked. A reply is a pure function of the request's body; a fault also depends
on how often the server has seen that same body, so that a retry can succeed.

    POST /v1/chat/completions    one whole reply
    GET  /v1/models              the model's name
    GET  /stats                  `requests`, `answers`, and `by_request`: answers by request's hash

Run it by itself with `run_server(8000)`, or in a test with `async with Scripted() as server:`.
"""

import asyncio
import signal
from collections import Counter
from types import TracebackType
from typing import Self

from aiohttp import web
from pydantic import JsonValue

from potstill.models.replies import parse
from potstill.models.script import Script, completion, fault_of
from potstill.records import ANSWERED, Ending, content_hash


class Scripted:
    """The server, listening on a loopback address while its context is open."""

    def __init__(self, script: Script | None = None, *, port: int = 0) -> None:
        """Take a free port where `port` is 0."""
        self.script = script or Script()
        self.requests = 0
        """Requests that came in."""
        self.by_request: Counter[str] = Counter()
        """Answers given, by the hash of the request's body."""
        self._attempts: Counter[str] = Counter()
        self._port = port

    @property
    def base_url(self) -> str:
        """Where it listens, up to `/v1`."""
        return f"http://127.0.0.1:{self._port}/v1"

    async def __aenter__(self) -> Self:
        """Listen."""
        app = web.Application(client_max_size=64 * 2**20)
        app.router.add_post("/v1/chat/completions", self._complete)
        app.router.add_get("/v1/models", self._models)
        app.router.add_get("/stats", self._stats)
        # A request whose client has gone is cancelled, and so never counted as answered.
        self._runner = web.AppRunner(
            app, handler_cancellation=True, access_log=None, shutdown_timeout=0.1
        )
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._port, backlog=4096)
        await site.start()
        self._port = self._runner.addresses[0][1]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop listening."""
        await self._runner.cleanup()

    async def _models(self, request: web.Request) -> web.Response:
        model = self.script.model or "scripted"
        return web.json_response({"object": "list", "data": [{"id": model, "object": "model"}]})

    async def _stats(self, request: web.Request) -> web.Response:
        answers = self.by_request.total()
        counts = {"requests": self.requests, "answers": answers, "by_request": self.by_request}
        return web.json_response(counts)

    async def _complete(self, request: web.Request) -> web.Response:
        self.requests += 1
        if self.script.key and request.headers.get("Authorization") != f"Bearer {self.script.key}":
            return _failure(401, "Incorrect API key provided", "invalid_api_key")
        body = parse(await request.text())
        if body is None or body.get("stream"):
            return _failure(400, "the body must be a JSON object without `stream`", "bad_request")
        if self.script.model not in (None, body.get("model")):
            return _failure(404, f"The model `{body.get('model')}` does not exist", "not_found")
        digest = content_hash(body)
        fault = fault_of(self.script, digest, self._attempts[digest])
        self._attempts[digest] += 1
        await asyncio.sleep(self.script.latency)
        if fault is not None and fault not in ANSWERED and fault != "empty":
            return await self._fail(request, fault)
        if fault != "empty":
            self.by_request[digest] += 1
        return web.json_response(completion(self.script, body, digest, fault))

    async def _fail(self, request: web.Request, fault: Ending) -> web.Response:
        if fault == "stalled":
            await asyncio.Event().wait()  # until the client goes
        if fault == "network" and request.transport is not None:
            request.transport.abort()
        if fault == "malformed":
            return web.Response(text='{"choices": [{"mess', content_type="application/json")
        response = _failure(*FAILURES.get(fault, FAILURES["server_error"]))
        if fault == "rate_limited":
            response.headers["Retry-After"] = f"{self.script.retry_after:g}"
        return response


FAILURES: dict[Ending, tuple[int, str, str]] = {
    "rate_limited": (429, "too many requests", "rate_limit_exceeded"),
    "server_error": (500, "the scripted teacher fails", "internal_error"),
    "bad_request": (400, "the scripted teacher does not take this request", "bad_request"),
    "over_context": (400, "the prompt exceeds the context length", "context_length_exceeded"),
}
"""Status, message and code of the faults that are an HTTP error."""


def _failure(status: int, message: str, code: str) -> web.Response:
    error: dict[str, JsonValue] = {"message": message, "code": code}
    return web.json_response({"error": error}, status=status)


def run_server(port: int = 0, script: Script | None = None) -> None:
    """Serve until SIGINT or SIGTERM; prints one line with the address once it listens."""
    asyncio.run(_serve(port, script))


async def _serve(port: int, script: Script | None) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with Scripted(script, port=port) as server:
        print(f"scripted teacher listening on {server.base_url}", flush=True)
        await stop.wait()
