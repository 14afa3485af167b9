"""A small HTTP server of files that can fail on purpose, for tests of what reads them."""

import re
import struct
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socket import SO_LINGER, SOL_SOCKET, socket
from typing import Literal

Fault = Literal["reset", "truncated", "503", "403", "page"]
"""`page` is a page for people in place of what was asked for, as a captive portal sends it."""


_RESET = struct.pack("ii", 1, 0)
"""Value of SO_LINGER with which closing a connection resets it."""


class Server:
    """What a server has, how it fails, and what it was asked."""

    def __init__(self) -> None:
        self.faults: list[tuple[str, Fault]] = []
        """Piece of a path to the fault of the next request for it; each happens once."""
        self.asked: Counter[str] = Counter()
        """Requests by method and path."""
        self.ranges: list[str] = []
        """The ranges that were asked for."""
        self.authorizations: set[str] = set()
        """What requests had in that header."""
        self.url = ""

    def fault(self, path: str) -> Fault | None:
        """Return the fault that this request meets, and forget it."""
        for i, (piece, fault) in enumerate(self.faults):
            if piece in path:
                del self.faults[i]
                return fault
        return None


class Handler(BaseHTTPRequestHandler):
    """Answers from a `Server`; who inherits says what a path means."""

    protocol_version = "HTTP/1.1"
    server_of: Server

    def log_message(self, format: str, *args: object) -> None:
        pass

    def note(self) -> Fault | None:
        """Count the request, and return the fault that it meets."""
        self.server_of.asked[f"{self.command} {self.path}"] += 1
        if given := self.headers.get("Range"):
            self.server_of.ranges.append(given)
        self.server_of.authorizations.add(self.headers.get("Authorization", ""))
        return self.server_of.fault(self.path)

    def answer(self, status: int, body: bytes = b"", **headers: str) -> None:
        """Send a whole answer."""
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def send_file(self, data: bytes, fault: Fault | None, **headers: str) -> None:
        """Send a file, or the range of it that is asked for, with a fault in its middle."""
        status, part = 200, data
        if match := re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", "")):
            start, end = int(match[1]), min(int(match[2] or len(data) - 1), len(data) - 1)
            if start > end:
                return self.answer(416, Content_Range=f"bytes */{len(data)}")
            status, part = 206, data[start : end + 1]
            headers["Content_Range"] = f"bytes {start}-{end}/{len(data)}"
        if fault not in ("reset", "truncated") or self.command == "HEAD":
            if self.command == "HEAD":
                return self._head(status, part, headers)
            return self.answer(status, part, **headers)
        self._head(status, part, headers)
        self.wfile.write(part[: len(part) // 2])
        self.wfile.flush()
        if fault == "reset":
            self.connection.setsockopt(SOL_SOCKET, SO_LINGER, _RESET)
        self.close_connection = True
        return None

    def _head(self, status: int, part: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(part)))
        self.end_headers()


class _Http(ThreadingHTTPServer):
    daemon_threads = True

    def shutdown_request(self, request: socket) -> None:
        """Close a connection; one that is to be reset must not be shut down first."""
        if request.getsockopt(SOL_SOCKET, SO_LINGER, len(_RESET)) == _RESET:
            request.close()
        else:
            super().shutdown_request(request)


@contextmanager
def serving(handler: Callable[..., Handler], server: Server) -> Iterator[None]:
    """Serve on a free port of this machine until the context is left."""
    bound = type("Bound", (handler,), {"server_of": server})  # pyright: ignore
    http = _Http(("127.0.0.1", 0), bound)
    server.url = f"http://127.0.0.1:{http.server_address[1]}"
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield
    finally:
        http.shutdown()
        thread.join()
        http.server_close()
