"""Files that want to break a reader: each of their rows is read, or booked with its reason."""

import json as stdlib
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import pytest
import zstandard

from potstill.errors import SourceError
from potstill.protocols import Place
from potstill.records import Dropped, Problem
from potstill.registry import load

OK = b'{"problem": "What is 1 + 1?"}'
DEEP = b'{"problem": "p", "x": ' + b"[" * 99 + b"]" * 99 + b"}"
TOO_DEEP = b'{"problem": "p", "x": ' + b"[" * 5_000 + b"]" * 5_000 + b"}"
LONG = b'{"problem": "' + b"x" * (17 << 20) + b'"}'


class Case(NamedTuple):
    """A file, and what its rows become: `ok` or the reason of each, or an error's text."""

    name: str
    data: bytes
    rows: list[str] | str


CASES = [
    Case("plain.jsonl", OK + b"\n" + OK + b"\n", ["ok", "ok"]),
    Case("no final newline.jsonl", OK + b"\n" + OK, ["ok", "ok"]),
    Case("crlf.jsonl", OK + b"\r\n" + OK + b"\r\n", ["ok", "ok"]),
    Case("bom.jsonl", b"\xef\xbb\xbf" + OK, ["ok"]),
    Case("blank lines.jsonl", OK + b"\n\n \t\r\n" + OK, ["ok", "blank_row", "blank_row", "ok"]),
    Case("not json.jsonl", b"oops\n" + OK, ["not_json", "ok"]),
    Case("cut short.jsonl", OK + b"\n" + OK[:-4], ["ok", "not_json"]),
    Case("two in a line.jsonl", OK + OK, ["not_json"]),
    Case("bad escape.jsonl", rb'{"problem": "\(1\)"}', ["not_json"]),
    Case("single quotes.jsonl", b"{'problem': 'p'}", ["not_json"]),
    Case(
        "nan.jsonl",
        b'{"problem": "p", "x": NaN}\n{"problem": "p", "x": -Infinity}',
        ["not_json", "not_json"],
    ),
    Case("not objects.jsonl", b'[]\n1\n"text"\nnull\ntrue', ["not_an_object"] * 5),
    Case("no field.jsonl", b"{}\n" + OK, ["missing_field", "ok"]),
    Case(
        "wrong types.jsonl",
        b'{"problem": 1}\n{"problem": ["p"]}\n{"problem": null}',
        ["wrong_type"] * 3,
    ),
    Case(
        "changing types.jsonl",
        b'{"problem": "p", "x": 1}\n{"problem": "p", "x": {"y": [1]}}',
        ["ok", "ok"],
    ),
    Case("empty prompts.jsonl", b'{"problem": ""}\n{"problem": " \\n "}', ["empty_prompt"] * 2),
    Case(
        "same key twice.jsonl",
        b'{"problem": "p", "problem": "q"}\n{"problem": "p", "x": {"a": 1, "a": 1}}',
        ["duplicate_key", "duplicate_key"],
    ),
    Case("latin-1.jsonl", '{"problem": "café"}'.encode("latin-1"), ["invalid_utf8"]),
    Case("gbk.jsonl", '{"problem": "计算：一加一"}'.encode("gbk"), ["invalid_utf8"]),
    Case(
        "mixed encodings.jsonl",
        '{"problem": "é"}\n'.encode() * 2 + '{"problem": "é"}\n'.encode("latin-1"),
        ["ok", "ok", "invalid_utf8"],
    ),
    Case("utf-16.jsonl", '{"problem": "p"}\n'.encode("utf-16"), ["invalid_utf8", "nul_character"]),
    Case("surrogate bytes.jsonl", b'{"problem": "\xed\xa0\x80"}', ["invalid_utf8"]),
    Case("overlong.jsonl", b'{"problem": "\xc0\xaf"}', ["invalid_utf8"]),
    Case("nul byte.jsonl", b'{"problem": "a\0b"}', ["nul_character"]),
    Case("nul escape.jsonl", b'{"problem": "a\\u0000b"}', ["nul_character"]),
    Case("nul elsewhere.jsonl", b'{"problem": "p", "x": "\\u0000"}', ["ok"]),
    Case("lone surrogate.jsonl", b'{"problem": "\\ud800"}', ["lone_surrogate"]),
    Case("surrogate in key.jsonl", b'{"problem": "p", "\\uDFFF": 1}', ["lone_surrogate"]),
    Case("surrogate pair.jsonl", b'{"problem": "\\ud83d\\ude00"}', ["ok"]),
    Case("escaped backslash.jsonl", b'{"problem": "\\\\ud800"}', ["ok"]),
    Case("binary.jsonl", bytes(range(256)) * 2, ["nul_character", "invalid_utf8", "invalid_utf8"]),
    Case("gzip.jsonl", b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03", ["invalid_utf8"]),
    Case(
        "huge integer.jsonl", b'{"problem": "p", "x": ' + b"9" * 5000 + b"}", ["number_too_large"]
    ),
    Case("huge float.jsonl", b'{"problem": "p", "x": 1e400}', ["number_too_large"]),
    Case("big integer.jsonl", b'{"problem": "p", "x": ' + b"9" * 4000 + b"}", ["ok"]),
    Case("deep.jsonl", DEEP, ["ok"]),
    Case(
        "too deep.jsonl",
        TOO_DEEP + b"\n" + b"[" * 100_000 + b"\n" + OK,
        ["too_deep", "too_deep", "ok"],
    ),
    Case("long line.jsonl", LONG + b"\n" + OK, ["too_large", "ok"]),
    Case("many empty rows.jsonl", b"\n" * 2000, ["blank_row"] * 2000),
    Case(
        "many columns.jsonl",
        stdlib.dumps({"problem": "p"} | {f"c{i}": i for i in range(20_000)}).encode(),
        ["ok"],
    ),
    Case("packed.jsonl.zst", zstandard.compress(OK + b"\n") + zstandard.compress(OK), ["ok", "ok"]),
    Case("bomb.jsonl.zst", zstandard.compress(b" " * (64 << 20) + b"\n" + OK), ["too_large", "ok"]),
    Case("half.jsonl.zst", zstandard.compress(OK * 1000)[:-9], "half.jsonl.zst is cut short"),
    Case("not packed.jsonl.zst", OK, "not packed.jsonl.zst is damaged after 0 unpacked bytes"),
    Case("empty.jsonl", b"", "empty.jsonl is empty"),
    Case("array.json", b"[" + OK + b",\n" + OK + b"]", ["ok", "ok"]),
    Case("bom.json", b"\xef\xbb\xbf[" + OK + b"]", ["ok"]),
    Case("in an object.json", b'{"version": "1", "rows": [' + OK + b'], "n": 1}', ["ok"]),
    Case(
        "bad elements.json",
        b"[" + OK + b', 1, {"problem": NaN}, {"problem": "\xff"}, ' + OK + b"]",
        ["ok", "not_an_object", "not_json", "invalid_utf8", "ok"],
    ),
    Case("trailing comma.json", b"[" + OK + b",]", ["ok", "blank_row"]),
    Case("cut in a row.json", b"[" + OK + b"," + OK[:-5], ["ok", "truncated_json"]),
    Case("cut between rows.json", b"[" + OK + b",", ["ok", "truncated_json"]),
    Case("cut behind a row.json", b"[" + OK, ["ok", "truncated_json"]),
    Case("open string.json", b'[{"problem": "p}, ' + OK + b"]", ["truncated_json"]),
    Case("brackets.json", b"[" + OK + b', {"problem": ["p"}, ' + OK + b"]", ["ok", "not_json"]),
    Case("deep.json", b"[" + DEEP + b"," + TOO_DEEP + b"]", ["ok", "too_deep"]),
    Case("only brackets.json", b"[" * 200_000, ["truncated_json"]),
    Case("long row.json", b"[" + LONG + b"," + OK + b"]", ["too_large", "ok"]),
    Case("no rows.json", b"[ ]", "no rows.json holds no rows"),
    Case("lines.json", OK + b"\n" + OK, "lines.json holds no array"),
    Case("text.json", b"hello", "text.json holds no array"),
    Case("text.parquet", b"PAR1 is how this starts", "text.parquet is no Parquet file"),
    Case("empty.parquet", b"", "empty.parquet is empty"),
]


def read(path: Path) -> list[Problem | Dropped]:
    kind = path.name.split(".")[1]
    return list(load("sources", kind)(Place("s", path, {}, {})))


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_hostile_file(tmp_path, case):
    path = tmp_path / case.name
    path.write_bytes(case.data)
    if isinstance(case.rows, str):
        with pytest.raises(SourceError) as error:
            read(path)
        assert case.rows in str(error.value)
        return
    rows = read(path)
    assert [row.reason if isinstance(row, Dropped) else "ok" for row in rows] == case.rows
    assert [row.row_id for row in rows] == [
        f"s:{case.name}:{number}" for number in range(1, len(rows) + 1)
    ]
    for row in rows:
        # What is stored can be read again, whatever was in the file.
        assert type(row).model_validate(row.model_dump()) == row
        row.model_dump_json().encode()


def test_a_dropped_row_is_kept_whole_with_its_place(tmp_path):
    path = tmp_path / "x.jsonl"
    path.write_bytes(OK + b'\n{"problem": "caf\xe9"}\n')
    dropped = read(path)[1]
    assert dropped == Dropped(
        stage="gather",
        rule="jsonl",
        reason="invalid_utf8",
        row_id="s:x.jsonl:2",
        evidence={"file": "x.jsonl", "line": 2, "offset": 30, "position": 16, "found": "e9"},
        row='{"problem": "caf\\xe9"}',
    )


def test_of_a_row_above_the_limit_its_measures_are_kept(tmp_path):
    path = tmp_path / "x.jsonl"
    path.write_bytes(LONG)
    [dropped] = read(path)
    assert dropped.row == LONG[:1024].decode()
    assert set(dropped.evidence) == {"file", "line", "offset", "length", "sha256", "limit"}
    assert dropped.evidence["length"] == len(LONG)


def test_a_folder_of_everything_loses_no_row(tmp_path):
    lines = [c for c in CASES if c.name.endswith(".jsonl") and isinstance(c.rows, list)]
    for case in lines:
        (tmp_path / case.name).write_bytes(case.data)
    rows = load("sources", "jsonl")(Place("s", tmp_path, {}, {}))
    found = Counter(row.reason if isinstance(row, Dropped) else "ok" for row in rows)
    assert found == Counter(reason for case in lines for reason in case.rows)
