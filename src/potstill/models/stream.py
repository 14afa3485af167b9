"""Putting the pieces of a streamed reply together, into the shape of one that comes whole.

A stream is server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html):
lines `data: {…}` with one `chat.completion.chunk` each, and `data: [DONE]` at the end. Endpoints
differ: comments keep the connection alive, the end is left out or sent twice, an error comes as an
object in mid-stream. Nothing here raises, whatever came.
"""

import json
from collections.abc import Iterator

from pydantic import JsonValue

from potstill.models.replies import parse

_ONCE = frozenset({"role", "id", "type", "name"})
"""Texts that are sent whole, though perhaps several times."""
_LISTS = frozenset({"tool_calls", "reasoning_details", "content"})
"""Lists whose items are pieces, which belong together by their `index`."""


class Lines:
    """Cuts bytes into the data of server-sent events."""

    def __init__(self) -> None:
        """Start before the first event."""
        self._rest = b""
        self._data: list[bytes] = []

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Yield the data of each event that `data` completes."""
        data = self._rest + data
        if b"\r" in data:
            held = b"\r" if data.endswith(b"\r") else b""  # the `\n` may be yet to come
            data = data[: len(data) - len(held)].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
            *lines, last = data.split(b"\n")
            self._rest = last + held
        else:
            *lines, self._rest = data.split(b"\n")
        for line in lines:
            if line.startswith(b"data:"):
                self._data.append(line[6:] if line.startswith(b"data: ") else line[5:])
            elif not line and self._data:
                yield self._event()

    def end(self) -> Iterator[bytes]:
        """Yield the event that lacks its blank line, as the last one may."""
        line, self._rest = self._rest.rstrip(b"\r"), b""
        if line.startswith(b"data:"):
            self._data.append(line[5:].removeprefix(b" "))
        if self._data:
            yield self._event()

    def _event(self) -> bytes:
        event = self._data[0] if len(self._data) == 1 else b"\n".join(self._data)
        self._data = []
        return event


class Stream:
    """One streamed reply, as far as it has come."""

    def __init__(self) -> None:
        """Start before the first byte."""
        self.started = False
        """Whether a piece of thinking, answer or tool call has come."""
        self.finished = False
        """Whether the endpoint said that the answer is whole."""
        self.damaged = ""
        """The first event that is no JSON object, cut; empty where all are."""
        self._lines = Lines()
        self._head: dict[str, JsonValue] = {}
        self._message = _Pieces()
        self._choice: dict[str, JsonValue] = {}

    def feed(self, data: bytes) -> None:
        """Take the next bytes."""
        for event in self._lines.feed(data):
            self._take(event)

    def end(self) -> None:
        """Take note that no byte will follow."""
        for event in self._lines.end():
            self._take(event)

    def _take(self, event: bytes) -> None:
        if event.strip() == b"[DONE]":
            self.finished = True
            return
        chunk = parse(event.decode("utf-8", errors="replace"))
        if chunk is None:
            self.damaged = self.damaged or event[:200].decode("utf-8", errors="replace")
            return
        for name, value in chunk.items():
            if name == "choices":
                self._take_choices(value)
            elif value is not None and (name in ("usage", "error") or name not in self._head):
                self._head[name] = value

    def _take_choices(self, choices: JsonValue) -> None:
        choice = choices[0] if isinstance(choices, list) and choices else None
        if not isinstance(choice, dict):
            return
        for name, value in choice.items():
            if name in ("delta", "message"):
                if isinstance(value, dict):
                    self._message.add(value)
            elif value is not None and name != "logprobs":
                self._choice[name] = value
        self.finished = self.finished or choice.get("finish_reason") is not None
        self.started = self.started or self._message.has_text

    def reply(self) -> dict[str, JsonValue]:
        """Return what has come so far in the shape of a whole reply."""
        reply = {**self._head, "object": "chat.completion"}
        if self._message or self._choice:
            choice: dict[str, JsonValue] = {"index": 0, "finish_reason": None, **self._choice}
            reply["choices"] = [{**choice, "message": self._message.whole()}]
        return reply


class _Pieces:
    """An object that comes in pieces: texts are joined, lists are merged, the rest is replaced."""

    def __init__(self) -> None:
        self.has_text = False
        self._texts: dict[str, list[str]] = {}
        self._lists: dict[str, list[_Pieces]] = {}
        self._objects: dict[str, _Pieces] = {}
        self._others: dict[str, JsonValue] = {}

    def __bool__(self) -> bool:
        return bool(self._texts or self._lists or self._objects or self._others)

    def add(self, delta: dict[str, JsonValue]) -> None:
        for name, value in delta.items():
            if isinstance(value, str) and name not in _ONCE:
                self._texts.setdefault(name, []).append(value)
                self.has_text = self.has_text or bool(value)
            elif isinstance(value, list) and name in _LISTS:
                self._merge(self._lists.setdefault(name, []), value)
            elif isinstance(value, dict):
                self._objects.setdefault(name, _Pieces()).add(value)
            elif value is not None and (value != "" or name not in self._others):
                self._others[name] = value

    def _merge(self, known: list["_Pieces"], items: list[JsonValue]) -> None:
        for item in items:
            if not isinstance(item, dict):
                continue
            at = item.get("index")
            if type(at) is not int or not 0 <= at <= len(known):
                at = len(known)
            if at == len(known):
                known.append(_Pieces())
            known[at].add({name: value for name, value in item.items() if name != "index"})
            self.has_text = True

    def whole(self) -> dict[str, JsonValue]:
        return {
            **self._others,
            **{name: "".join(texts) for name, texts in self._texts.items()},
            **{name: [item.whole() for item in items] for name, items in self._lists.items()},
            **{name: item.whole() for name, item in self._objects.items()},
        }


def to_text(reply: dict[str, JsonValue]) -> str:
    """Return a reply as JSON, as the journal keeps it; what UTF-8 can't hold is escaped."""
    text = json.dumps(reply, ensure_ascii=False, separators=(",", ":"))
    return text if text.isascii() or _is_utf8(text) else json.dumps(reply)


def _is_utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:  # a lone surrogate, which JSON can hold
        return False
    return True
