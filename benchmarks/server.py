"""The server that `clients.py` lets its clients ask; it must never be what they wait for.

    python benchmarks/server.py [--core 1] [--latency 1.0] [--pieces 40]

Each reply comes so many seconds after its request, or from then on in even pieces where it is
streamed: all bytes but the number of the prompt are prepared beforehand. HTTP is read by hand,
since a framework would take more CPU time than the best of the clients.

    POST /v1/chat/completions    the answer of `peers.common.answer`
    GET  /stats                  of the requests since the last reset: `requests`, `answers`, `most`
                                 in flight, `first` and `last` (monotonic seconds of the first
                                 request and the last reply), `cpu_s` between the two
    GET  /reset                  begin a new count
"""

import argparse
import asyncio
import json
import os
import resource
import time
from typing import NamedTuple

from peers.common import answer

MARK = "0000000"
"""Stands for a prompt's number in the prepared bytes."""


class Prepared(NamedTuple):
    """Bytes to send, cut where the number of the prompt belongs."""

    before: bytes
    after: bytes

    @classmethod
    def of(cls, data: bytes) -> "Prepared":
        """Cut `data` at its only mark."""
        before, _, after = data.partition(MARK.encode())
        return cls(before, after)


def http(status: str, kind: str, body: bytes) -> bytes:
    """Return a whole reply."""
    head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def whole() -> Prepared:
    """Return a reply that comes in one."""
    message = {"role": "assistant", "content": answer(int(MARK))}
    body = {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 0,
        "model": "m",
        "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
        "usage": USAGE,
    }
    return Prepared.of(http("200 OK", "application/json", json.dumps(body).encode()))


def streamed(pieces: int) -> tuple[bytes, list[bytes], Prepared]:
    """Return a reply in pieces: its head, all pieces but the last, and the last with the end."""
    head = (
        b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    text = answer(int(MARK))
    size = -(-len(text) // pieces)
    cut = [text[at : at + size] for at in range(0, len(text), size)]
    data = [chunk({"role": "assistant", "content": part}) for part in cut]
    end = chunk({}, finish="stop") + chunk(None) + framed(b"data: [DONE]\n\n") + b"0\r\n\r\n"
    return head, data[:-1], Prepared.of(data[-1] + end)


def chunk(delta: dict[str, str] | None, finish: str | None = None) -> bytes:
    """Return one event of a stream; without a delta, the one that tells the usage."""
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    body = {
        "id": "chatcmpl-1",
        "object": "chat.completion.chunk",
        "created": 0,
        "model": "m",
        "choices": [] if delta is None else [choice],
        "usage": USAGE if delta is None else None,
    }
    return framed(f"data: {json.dumps(body)}\n\n".encode())


def framed(data: bytes) -> bytes:
    """Return `data` as a chunk of HTTP/1.1."""
    return f"{len(data):x}\r\n".encode() + data + b"\r\n"


USAGE = {"prompt_tokens": 20, "completion_tokens": 2000, "total_tokens": 2020}


class Counts:
    """What came in since the last reset."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.requests = self.answers = self.in_flight = self.most = 0
        self.first = self.last = self.cpu_first = self.cpu_last = 0.0

    def begin(self) -> None:
        """Count a request."""
        if not self.requests:
            self.first, self.cpu_first = time.monotonic(), cpu_seconds()
        self.requests += 1
        self.in_flight += 1
        self.most = max(self.most, self.in_flight)

    def end(self, *, sent: bool) -> None:
        """Count a reply, unless its client has gone."""
        self.in_flight -= 1
        self.answers += sent
        self.last, self.cpu_last = time.monotonic(), cpu_seconds()

    def told(self) -> bytes:
        """Return the counts as JSON."""
        body = {name: value for name, value in vars(self).items() if not name.startswith("cpu")}
        return json.dumps(body | {"cpu_s": self.cpu_last - self.cpu_first}).encode()


def cpu_seconds() -> float:
    """Return the CPU time that this process took so far."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


class Server:
    """Takes whole requests and sends the prepared replies in time."""

    def __init__(self, latency: float, pieces: int) -> None:
        """Prepare the replies."""
        self.latency = latency
        self.whole = whole()
        self.head, self.pieces, self.end = streamed(pieces)
        self.step = latency / (len(self.pieces) + 1)
        self.counts = Counts()
        self.loop = asyncio.get_running_loop()

    def take(self, transport: asyncio.Transport, line: bytes, body: bytes) -> None:
        """Answer a request, now or later."""
        if not line.startswith(b"POST"):
            if line.startswith(b"GET /reset"):
                self.counts = Counts()
            transport.write(http("200 OK", "application/json", self.counts.told()))
            return
        at = body.find(b"Item ")
        number = body[at + 5 : at + 12]
        if at < 0 or not number.isdigit():
            transport.write(http("400 Bad Request", "application/json", b"{}"))
            return
        self.counts.begin()
        if b'"stream":true' in body.replace(b" ", b""):
            self.loop.call_later(self.step, self.send_piece, transport, number, 0)
        else:
            data = self.whole.before + number + self.whole.after
            self.loop.call_later(self.latency, self.send_last, transport, data)

    def send_piece(self, transport: asyncio.Transport, number: bytes, at: int) -> None:
        """Send the next piece of a streamed reply."""
        if at == len(self.pieces) or transport.is_closing():
            self.send_last(transport, self.end.before + number + self.end.after)
            return
        transport.write(self.pieces[at] if at else self.head + self.pieces[at])
        self.loop.call_later(self.step, self.send_piece, transport, number, at + 1)

    def send_last(self, transport: asyncio.Transport, data: bytes) -> None:
        """Send a reply, or its end."""
        self.counts.end(sent=not transport.is_closing())
        transport.write(data)


class Connection(asyncio.Protocol):
    """Reads requests, one after another."""

    def __init__(self, server: Server) -> None:
        """Begin with nothing read."""
        self.server = server
        self.read = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep where to write."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        """Pass on each request that is whole."""
        self.read += data
        while (end := self.read.find(b"\r\n\r\n")) >= 0:
            head = self.read[:end].lower()
            _, _, length = head.partition(b"\r\ncontent-length:")
            size = int(length.split(b"\r\n")[0] or 0)
            if len(self.read) < end + 4 + size:
                return
            line, body = self.read[:end], self.read[end + 4 : end + 4 + size]
            self.read = self.read[end + 4 + size :]
            self.server.take(self.transport, line, body)


async def serve(latency: float, pieces: int) -> None:
    """Listen on a free port, say which, and serve until the process ends."""
    server = Server(latency, pieces)
    listening = await server.loop.create_server(
        lambda: Connection(server), "127.0.0.1", 0, backlog=8192
    )
    print(f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}/v1", flush=True)
    await listening.serve_forever()


def main() -> None:
    """Parse the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--core", type=int, help="run on this core alone")
    parser.add_argument("--latency", type=float, default=1.0)
    parser.add_argument("--pieces", type=int, default=40)
    given = parser.parse_args()
    if given.core is not None:
        os.sched_setaffinity(0, {given.core})
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    asyncio.run(serve(given.latency, given.pieces))


if __name__ == "__main__":
    main()
