"""A teacher that is no model: an OpenAI-compatible server whose replies follow a script.

It ships with potstill so that a recipe can be rehearsed without a key or a GPU, and so that tests
can prove what was asked. A reply is a pure function of the request's body; a fault also depends
on how often the server has taken on that same request, so that a retry can succeed.

    POST /v1/chat/completions    a reply, whole or streamed
    GET  /v1/models              the model's name
    GET  /stats                  counts of what was asked; ?brief leaves out `by_request`

As a process of its own it also takes batches: `potstill.models.script.batches`.

Run it by itself with `run_server(8000)`, or in a test with `async with Scripted() as server:`.
"""

import asyncio
import os
import signal
from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import nullcontext, suppress
from typing import Self

from aiohttp import web
from pydantic import JsonValue

from potstill.models.replies import parse
from potstill.models.script import Script
from potstill.models.script.batches import Batches, BatchScript
from potstill.models.script.limits import ScriptLimits
from potstill.models.script.plan import Plan, error, hash_of, plan
from potstill.models.script.replies import Reply, failure, refusal, too_many
from potstill.models.script.sending import Sending
from potstill.models.script.stats import Stats


class Scripted:
    """The server, listening on a loopback address while its context is open."""

    def __init__(self, script: Script | None = None, *, port: int = 0) -> None:
        """Take a free port where `port` is 0."""
        self.script = script or Script()
        self.stats = Stats()
        """Counts of what was asked."""
        self._attempts: Counter[str] = Counter()
        self._limits = ScriptLimits(self.script)
        self._slots = asyncio.Semaphore(self.script.slots) if self.script.slots else nullcontext()
        self._port = port
        self._routes: list[web.AbstractRouteDef] = [
            web.post("/v1/chat/completions", self._complete),
            web.get("/v1/models", self._models),
            web.get("/stats", self._stats),
        ]

    @property
    def base_url(self) -> str:
        """Where it listens, up to `/v1`."""
        return f"http://127.0.0.1:{self._port}/v1"

    @property
    def requests(self) -> int:
        """Requests that came in."""
        return self.stats.requests

    @property
    def by_request(self) -> Counter[str]:
        """Answers given, by the request's hash."""
        return self.stats.by_request

    def add_routes(self, routes: Iterable[web.AbstractRouteDef]) -> None:
        """Serve further addresses; before the context is opened."""
        self._routes.extend(routes)

    def allows(self, request: web.Request) -> bool:
        """Return whether a request brings the key that the script wants."""
        key = self.script.key
        return not key or request.headers.get("Authorization") == f"Bearer {key}"

    def reply_to(self, body: Mapping[str, JsonValue]) -> Reply:
        """Return the whole reply to a request's body, at once, and count it: for batches.

        Neither latency nor limits apply. A reply that would break off is a server error.
        """
        with self.stats.request():
            planned = self._take_on(self._plan({**body, "stream": False}))
            reply = parse(b"".join(planned.pieces).decode()) if planned.then == "end" else None
            if reply is None:
                return failure("server_error", self.script)
            self.stats.begin(planned)
            self.stats.finish(planned)
            return Reply(planned.status, dict(planned.headers), reply)

    async def __aenter__(self) -> Self:
        """Listen."""
        app = web.Application(client_max_size=64 * 2**20)
        app.add_routes(self._routes)
        # A request whose client has gone is cancelled, and so never counted as answered.
        self._runner = web.AppRunner(
            app, handler_cancellation=True, access_log=None, shutdown_timeout=0.1
        )
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._port, backlog=4096)
        await site.start()
        self._port = self._runner.addresses[0][1]
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop listening."""
        await self._runner.cleanup()

    async def _models(self, request: web.Request) -> web.Response:
        model = self.script.model or "scripted"
        return web.json_response({"object": "list", "data": [{"id": model, "object": "model"}]})

    async def _stats(self, request: web.Request) -> web.Response:
        return web.json_response(self.stats.as_json(brief="brief" in request.query))

    async def _complete(self, request: web.Request) -> web.StreamResponse:
        with self.stats.request():
            planned = await self._decide(request)
            sending = Sending(request, planned)
            keepalive = self.script.seconds(self.script.keepalive_s)
            slots = self._slots if planned.request else nullcontext()  # a refusal comes at once
            async with sending.turn(slots, keepalive):
                self.stats.begin(planned)
                response = await sending.send(self.script.seconds(self.script.chunk_s))
                self.stats.finish(planned)
                return response

    async def _decide(self, request: web.Request) -> Plan:
        if not self.allows(request):
            return error(refusal(401, "Incorrect API key provided", "invalid_api_key"))
        body = parse((await request.read()).decode("utf-8", "replace"))
        if body is None:
            return error(refusal(400, "the body must be a JSON object", "bad_request"))
        planned = self._plan(body)
        if planned.request:
            pause = self._limits.refuses(self.stats.in_flight, planned.tokens)
            if pause is None:
                planned = self._take_on(planned)
            else:
                self.stats.limited += 1
                planned = error(too_many(pause))
        return planned._replace(headers={**planned.headers, **self._limits.headers()})

    def _plan(self, body: Mapping[str, JsonValue]) -> Plan:
        if self.script.model not in (None, body.get("model")):
            return error(
                refusal(404, f"The model `{body.get('model')}` does not exist", "not_found")
            )
        digest = hash_of(body)
        return plan(self.script, body, digest, self._attempts[digest])

    def _take_on(self, planned: Plan) -> Plan:
        if planned.request:
            self._attempts[planned.request] += 1
        if planned.fault:
            self.stats.by_fault[planned.fault] += 1
        return planned


def run_server(port: int = 0, script: Script | None = None) -> None:
    """Serve until SIGINT or SIGTERM; prints a line with the address, and at the end one of counts.

    The first comes once it listens.
    """
    asyncio.run(_serve(port, script))


async def _serve(port: int, script: Script | None) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    server = Scripted(script, port=port)
    pace = BatchScript(seconds=server.script.seconds(server.script.batch_s))
    batches = Batches(server.reply_to, pace, model=server.script.model, allows=server.allows)
    server.add_routes(batches.routes())
    async with server:
        print(f"scripted teacher listening on {server.base_url}", flush=True)
        await stop.wait()
        with suppress(OSError):  # who started it may have closed the pipe by now
            os.write(1, f"{server.stats.summary()}\n".encode())
