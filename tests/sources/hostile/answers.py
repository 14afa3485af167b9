"""Files that want to break the option `--answers` of `serve-scripted`."""

from hostile.entry import Entry

REFUSED = "must hold one JSON object of prompts and answers"


def _answers(name: str, about: str, outcome: list[str] | str, content: bytes) -> Entry:
    return Entry("answers", name, about, outcome, content)


ANSWERS = [
    _answers("good.json", "two answers", ["ok", "ok"], b'{"1 + 1 = ?": "2", "2 + 2 = ?": "4"}'),
    _answers("none.json", "no answers", [], b"{}"),
    _answers("array.json", "an array", REFUSED, b'["2"]'),
    _answers("number.json", "an answer that is a number", REFUSED, b'{"1 + 1 = ?": 2}'),
    _answers("null.json", "an answer that is null", REFUSED, b'{"1 + 1 = ?": null}'),
    _answers("nan.json", "NaN", REFUSED, b"NaN"),
    _answers("lines.json", "JSON Lines", REFUSED, b'{"a": "1"}\n{"b": "2"}'),
    _answers("cut.json", "cut within an answer", REFUSED, b'{"a": "1", "b": "'),
    _answers("latin-1.json", "Latin-1", REFUSED, '{"é": "1"}'.encode("latin-1")),
    _answers("utf-16.json", "UTF-16", REFUSED, '{"a": "1"}'.encode("utf-16")),
    _answers("bom.json", "a byte order mark", REFUSED, b'\xef\xbb\xbf{"a": "1"}'),
    _answers("half-pair.json", "half of a surrogate pair", REFUSED, rb'{"a": "\ud800"}'),
    _answers("deep.json", "100,000 open brackets", REFUSED, b"[" * 100_000),
    _answers("empty.json", "no byte", REFUSED, b""),
]
