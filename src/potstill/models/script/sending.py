"""Sends a planned reply through aiohttp, and breaks it off where the plan says so."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress

from aiohttp import web

from potstill.models.script.plan import EVENTS, Plan

COMMENT = b": keep-alive\n\n"
EMPTY_LINE = b"\n"
"""A sign of life before a whole reply: DeepSeek sends such lines, and JSON allows them."""


class Sending:
    """One reply on its way."""

    def __init__(self, request: web.Request, plan: Plan) -> None:
        """Send nothing yet."""
        self._request = request
        self._plan = plan
        self._response: web.StreamResponse | None = None

    @asynccontextmanager
    async def turn(
        self, slots: AbstractAsyncContextManager[object], keepalive: float
    ) -> AsyncGenerator[None, None]:
        """Wait for a slot and then for the plan's latency; the slot is held until the end.

        Args:
            slots: Entered to begin the answer.
            keepalive: Seconds between signs of life while waiting; 0 for none.
        """
        if not keepalive or self._plan.status != 200 or not self._plan.pieces:
            async with slots:
                await asyncio.sleep(self._plan.latency)
                yield
            return
        beating = asyncio.ensure_future(self._beat(keepalive))
        try:
            async with slots:
                await asyncio.sleep(self._plan.latency)
                beating.cancel()
                await asyncio.wait([beating])
                yield
        finally:
            beating.cancel()

    async def send(self, pause: float) -> web.StreamResponse:
        """Send the plan's pieces, and do what follows them.

        Args:
            pause: Seconds between two pieces.
        """
        plan = self._plan
        if plan.then == "end" and plan.length == len(plan.pieces[0]) and self._response is None:
            kind = plan.type
            return web.Response(
                body=plan.pieces[0], status=plan.status, headers=plan.headers, content_type=kind
            )
        if plan.pieces:
            await self._write(pause)
        if plan.then == "hang":
            await asyncio.Event().wait()  # until the client goes
        if (transport := self._request.transport) is not None:
            if plan.then == "reset":
                transport.abort()
            elif plan.then == "close":
                transport.close()
        return self._response or web.Response()

    async def _write(self, pause: float) -> None:
        response = await self._open()
        first, *others = self._plan.pieces
        await response.write(first)
        for piece in others:
            await asyncio.sleep(pause)
            await response.write(piece)

    async def _beat(self, seconds: float) -> None:
        sign = COMMENT if self._plan.type == EVENTS else EMPTY_LINE
        with suppress(ConnectionError):
            while True:
                await asyncio.sleep(seconds)
                response = await self._open(promise=False)
                await response.write(sign)

    async def _open(self, *, promise: bool = True) -> web.StreamResponse:
        if self._response is None:
            response = web.StreamResponse(status=self._plan.status, headers=self._plan.headers)
            response.content_type = self._plan.type
            if promise and self._plan.length is not None:
                response.content_length = self._plan.length
            await response.prepare(self._request)
            self._response = response
        return self._response
