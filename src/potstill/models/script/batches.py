"""The scripted teacher's batches: OpenAI's file protocol, over whatever answers one request.

    POST /v1/files                      takes requests, one JSON object a line
    GET  /v1/files/ID/content           gives them, or what came of them
    POST /v1/batches                    has a file answered
    GET  /v1/batches, /v1/batches/ID    newest first, by pages; how far one is
    POST /v1/batches/ID/cancel          ends one with what it has

A batch is answered at once when its time has come, and each of its calls once.
"""

import json
import time
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from aiohttp import BodyPartReader, web
from pydantic import JsonValue

from potstill.models.replies import parse
from potstill.models.script.replies import Reply, refusal
from potstill.records import Record

ReplyTo = Callable[[Mapping[str, JsonValue]], Reply]
"""Answers one request's body."""
Allows = Callable[[web.Request], bool]
"""Whether a request brings the right key."""

PAGE = 20
"""Batches in one page of the list, where its reader does not say."""


class BatchScript(Record):
    """How batches go."""

    seconds: float = 0.0
    """From the creation of a batch to its end."""
    answered: float = 1.0
    """Share of its calls that are answered in this time; the others expire."""
    most_calls: int = 50_000
    """Most calls in one batch."""
    queue: int | None = None
    """Most calls in all batches that have not ended; a batch beyond them fails."""


@dataclass
class _Batch:
    """One batch."""

    id: str
    file: str
    window: str
    metadata: JsonValue
    created: float
    lines: list[dict[str, JsonValue]]
    errors: list[JsonValue] = field(default_factory=list[JsonValue])
    ended: str = ""
    ended_at: float = 0.0
    answered: int = 0
    output: str = ""
    failed: str = ""


class Batches:
    """The files and batches of one server."""

    def __init__(
        self,
        reply_to: ReplyTo,
        script: BatchScript,
        *,
        model: str | None = None,
        allows: Allows = lambda _: True,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Have no file and no batch.

        Args:
            reply_to: Answers one request.
            script: How batches go.
            model: The only model that it knows; None for every name.
            allows: Looks at the key of each request.
            clock: The time, in seconds; replaced in tests.
        """
        self.script, self.model = script, model
        self.files: dict[str, bytes] = {}
        """What was uploaded, and what came of it."""
        self._batches: dict[str, _Batch] = {}
        self._reply_to, self._allows, self._clock = reply_to, allows, clock

    def __len__(self) -> int:
        """How many batches were created."""
        return len(self._batches)

    def routes(self) -> list[web.AbstractRouteDef]:
        """Return what a server must serve."""
        return [
            web.post("/v1/files", self._upload),
            web.get("/v1/files/{id}/content", self._content),
            web.post("/v1/batches", self._create),
            web.get("/v1/batches", self._list),
            web.get("/v1/batches/{id}", self._look),
            web.post("/v1/batches/{id}/cancel", self._cancel),
        ]

    async def _upload(self, request: web.Request) -> web.Response:
        if not self._allows(request):
            return _refuse(401, "Incorrect API key provided", "invalid_api_key")
        content, purpose = b"", ""
        async for part in await request.multipart():
            if isinstance(part, BodyPartReader):
                read = bytes(await part.read())
                content = read if part.name == "file" else content
                purpose = read.decode() if part.name == "purpose" else purpose
        if purpose != "batch":
            return _refuse(400, f"no purpose is called {purpose!r} here: batch", "bad_request")
        return web.json_response(
            {"id": self._keep(content), "object": "file", "bytes": len(content), "purpose": "batch"}
        )

    def _keep(self, content: bytes) -> str:
        name = f"file-{uuid.uuid4().hex[:12]}"
        self.files[name] = content
        return name

    async def _content(self, request: web.Request) -> web.Response:
        if not self._allows(request):
            return _refuse(401, "Incorrect API key provided", "invalid_api_key")
        content = self.files.get(request.match_info["id"])
        if content is None:
            return _refuse(404, "there is no such file", "not_found")
        return web.Response(body=content, content_type="application/octet-stream")

    async def _create(self, request: web.Request) -> web.Response:
        if not self._allows(request):
            return _refuse(401, "Incorrect API key provided", "invalid_api_key")
        body = parse(await request.text()) or {}
        name = str(body.get("input_file_id"))
        if name not in self.files:
            return _refuse(400, f"there is no file {name!r}", "bad_request")
        batch = _Batch(
            id=f"batch_{uuid.uuid4().hex[:12]}",
            file=name,
            window=str(body.get("completion_window")),
            metadata=body.get("metadata"),
            created=self._clock(),
            lines=[parse(line) or {} for line in self.files[name].decode().splitlines()],
        )
        self._validate(batch, str(body.get("endpoint")))
        self._batches[batch.id] = batch
        return web.json_response(self._told(batch))

    def _validate(self, batch: _Batch, endpoint: str) -> None:
        waiting = sum(len(each.lines) for each in self._batches.values() if not self._is_over(each))
        queue = self.script.queue
        if len(batch.lines) > self.script.most_calls:
            batch.errors.append(_error("too_many_tasks", "the file has too many lines", None))
        elif queue is not None and waiting + len(batch.lines) > queue:
            batch.errors.append(_error("token_limit_exceeded", "Enqueued token limit", None))
        batch.errors += self._mistakes(batch.lines, endpoint)
        if batch.errors:
            batch.ended, batch.ended_at = "failed", batch.created

    def _mistakes(self, lines: Iterable[Mapping[str, JsonValue]], endpoint: str) -> list[JsonValue]:
        """Return what keeps a file from being answered at all, the first ten of it."""
        found: list[JsonValue] = []
        names: set[str] = set()
        for number, line in enumerate(lines, 1):
            name, model = str(line.get("custom_id") or ""), _body(line).get("model")
            if not name or line.get("method") != "POST" or not _body(line):
                found.append(_error("invalid_json_line", "the line is no request", number))
            elif line.get("url") != endpoint:
                found.append(_error("url_mismatch", f"the url is not {endpoint}", number))
            elif name in names:
                found.append(_error("duplicate_custom_id", f"{name} came before", number))
            elif self.model not in (None, model):
                said = f"The model `{model}` does not exist"
                found.append(_error("model_not_found", said, number))
            names.add(name)
        return found[:10]

    async def _list(self, request: web.Request) -> web.Response:
        if not self._allows(request):
            return _refuse(401, "Incorrect API key provided", "invalid_api_key")
        batches = list(self._batches.values())[::-1]
        after = request.query.get("after")
        start = next((i + 1 for i, each in enumerate(batches) if each.id == after), 0)
        end = start + int(request.query.get("limit", PAGE))
        page: list[JsonValue] = [self._told(batch) for batch in batches[start:end]]
        return web.json_response({"object": "list", "data": page, "has_more": end < len(batches)})

    async def _look(self, request: web.Request) -> web.Response:
        if not self._allows(request):
            return _refuse(401, "Incorrect API key provided", "invalid_api_key")
        batch = self._batches.get(request.match_info["id"])
        if batch is None:
            return _refuse(404, "there is no such batch", "not_found")
        return web.json_response(self._told(batch))

    async def _cancel(self, request: web.Request) -> web.Response:
        batch = self._batches.get(request.match_info["id"])
        if batch is not None and not self._is_over(batch):
            self._end(batch, "cancelled", len(batch.lines) // 2)
        return await self._look(request)

    def _is_over(self, batch: _Batch) -> bool:
        if not batch.ended and self._share(batch) >= 1:
            answered = round(len(batch.lines) * self.script.answered)
            self._end(batch, "completed" if self.script.answered >= 1 else "expired", answered)
        return bool(batch.ended)

    def _share(self, batch: _Batch) -> float:
        """Return which share of its time has passed."""
        seconds = self.script.seconds
        return (self._clock() - batch.created) / seconds if seconds else 1.0

    def _end(self, batch: _Batch, status: str, answered: int) -> None:
        batch.ended, batch.answered, batch.ended_at = status, answered, self._clock()
        good: list[bytes] = []
        bad: list[bytes] = []
        for line in batch.lines[:answered]:
            reply = self._reply_to(_body(line))
            response: JsonValue = {"status_code": reply.status, "body": reply.body}
            (good if reply.status == 200 else bad).append(_line(line, response, None))
        for line in batch.lines[answered:]:
            error: JsonValue = {"code": f"batch_{status}", "message": f"the batch is {status}"}
            bad.append(_line(line, None, error))
        # Results come in any order.
        batch.output = self._keep(b"".join(reversed(good))) if good else ""
        batch.failed = self._keep(b"".join(bad)) if bad else ""

    def _told(self, batch: _Batch) -> dict[str, JsonValue]:
        over = self._is_over(batch)
        share = self._share(batch)
        began = "in_progress" if share > 0.1 else "validating"
        status = batch.ended if over else "finalizing" if share > 0.9 else began
        return {
            "id": batch.id,
            "object": "batch",
            "endpoint": "/v1/chat/completions",
            "errors": {"object": "list", "data": batch.errors} if batch.errors else None,
            "input_file_id": batch.file,
            "completion_window": batch.window,
            "status": status,
            "output_file_id": batch.output or None,
            "error_file_id": batch.failed or None,
            "created_at": int(batch.created),
            f"{status}_at": int(batch.ended_at or self._clock()),
            "request_counts": {
                "total": len(batch.lines),
                "completed": batch.answered,
                "failed": len(batch.lines) - batch.answered if over else 0,
            },
            "metadata": batch.metadata,
        }


def _body(line: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    body = line.get("body")
    return body if isinstance(body, dict) else {}


def _line(asked: Mapping[str, JsonValue], response: JsonValue, error: JsonValue) -> bytes:
    result = {
        "id": f"batch_req_{uuid.uuid4().hex[:12]}",
        "custom_id": asked.get("custom_id"),
        "response": response,
        "error": error,
    }
    return json.dumps(result).encode() + b"\n"


def _error(code: str, message: str, line: int | None) -> JsonValue:
    return {"code": code, "message": message, "param": None, "line": line}


def _refuse(status: int, message: str, code: str) -> web.Response:
    return web.json_response(refusal(status, message, code).body, status=status)
