"""Lines of JSON that want to break the reader `jsonl`, packed and not."""

import json
import struct

import zstandard
from hostile.entry import DEEP, OK, OVER, TOO_DEEP, Entry

LATIN = '{"problem": "café"}'.encode("latin-1")
LONG = b'{"problem": "' + b"x" * OVER + b'"}'
PACKED = zstandard.compress(OK + b"\n")


def frame(window_log: int, blocks: int) -> bytes:
    """Return a zstandard frame of blocks of 128 KiB of one letter, each of which takes 4 bytes."""
    header = b"\x28\xb5\x2f\xfd\x00" + bytes([(window_log - 10) << 3])
    repeat = [(last | 1 << 1 | 131_072 << 3) for last in [0] * (blocks - 1) + [1]]
    return header + b"".join(struct.pack("<I", each)[:3] + b"x" for each in repeat)


def _lines(name: str, about: str, outcome: list[str] | str, content: bytes) -> Entry:
    return Entry("jsonl", name, about, outcome, content)


ENDS = [
    _lines("plain.jsonl", "two good rows", ["ok", "ok"], OK + b"\n" + OK + b"\n"),
    _lines("no-final-newline.jsonl", "a last line without its end", ["ok", "ok"], OK + b"\n" + OK),
    _lines("crlf.jsonl", "CRLF line ends", ["ok", "ok"], OK + b"\r\n" + OK + b"\r\n"),
    _lines("mixed-ends.jsonl", "LF and CRLF in turn", ["ok"] * 3, OK + b"\n" + OK + b"\r\n" + OK),
    _lines("cr.jsonl", "CR alone ends no line", ["not_json"], OK + b"\r" + OK),
    _lines(
        "separators.jsonl",
        "U+2028, U+0085 and form feeds within text end no line",
        ["ok", "not_json"],
        '{"problem": "a\u2028b\u0085c"}\n{"problem": "a\fb"}\n'.encode(),
    ),
    _lines(
        "blank.jsonl",
        "blank lines are rows too",
        ["ok", "blank_row", "blank_row", "ok"],
        OK + b"\n\n \t\r\n" + OK,
    ),
    _lines("only-newlines.jsonl", "2,000 blank lines", ["blank_row"] * 2000, b"\n" * 2000),
    _lines("empty.jsonl", "no byte", "empty.jsonl is empty", b""),
]
TEXTS = [
    _lines("bom.jsonl", "a byte order mark at the start", ["ok"], b"\xef\xbb\xbf" + OK),
    _lines("only-bom.jsonl", "nothing but a byte order mark", ["blank_row"], b"\xef\xbb\xbf"),
    _lines(
        "two-boms.jsonl",
        "byte order marks that are not at the start",
        ["not_json", "not_json"],
        b"\xef\xbb\xbf" * 2 + OK + b"\n\xef\xbb\xbf" + OK,
    ),
    _lines("latin-1.jsonl", "Latin-1", ["invalid_utf8"], LATIN),
    _lines("gbk.jsonl", "GBK", ["invalid_utf8"], '{"problem": "计算"}'.encode("gbk")),
    _lines(
        "mixed-encodings.jsonl",
        "UTF-8, then Latin-1",
        ["ok", "invalid_utf8"],
        '{"problem": "é"}\n'.encode() + LATIN,
    ),
    _lines(
        "utf-16.jsonl",
        "UTF-16 with its mark",
        ["invalid_utf8", "nul_character"],
        b"\xff\xfe" + '{"problem": "p"}\n'.encode("utf-16-le"),
    ),
    _lines(
        "utf-32.jsonl",
        "UTF-32 without a mark",
        ["nul_character", "nul_character"],
        '{"problem": "p"}\n'.encode("utf-32-le"),
    ),
    _lines(
        "surrogate-bytes.jsonl",
        "a surrogate as UTF-8 would write it",
        ["invalid_utf8"],
        b'{"problem": "\xed\xa0\x80"}',
    ),
    _lines("overlong.jsonl", "an overlong slash", ["invalid_utf8"], b'{"problem": "\xc0\xaf"}'),
    _lines("cut-utf8.jsonl", "cut within a character", ["invalid_utf8"], b'{"problem": "\xe8\xae'),
    _lines(
        "beyond-unicode.jsonl",
        "above U+10FFFF",
        ["invalid_utf8"],
        b'{"problem": "\xf4\x90\x80\x80"}',
    ),
    _lines("nul.jsonl", "a NUL byte", ["nul_character"], b'{"problem": "a\0b"}'),
    _lines("nul-escape.jsonl", "an escaped NUL", ["nul_character"], rb'{"problem": "a\u0000b"}'),
    _lines(
        "nul-apart.jsonl",
        "an escaped NUL in a column that is not read",
        ["ok"],
        rb'{"problem": "p", "x": "\u0000"}',
    ),
    _lines(
        "half-pair.jsonl", "half of a surrogate pair", ["lone_surrogate"], rb'{"problem": "\ud800"}'
    ),
    _lines(
        "half-pair-key.jsonl",
        "half of a surrogate pair in a key",
        ["lone_surrogate"],
        rb'{"problem": "p", "\uDFFF": 1}',
    ),
    _lines(
        "half-pair-key-twice.jsonl",
        "half of a surrogate pair in a key that comes twice",
        ["duplicate_key"],
        rb'{"problem": "p", "\ud800": 1, "\ud800": 2}',
    ),
    _lines("pair.jsonl", "a whole surrogate pair", ["ok"], rb'{"problem": "\ud83d\ude00"}'),
    _lines("no-escape.jsonl", "a backslash, then ud800", ["ok"], rb'{"problem": "\\ud800"}'),
    _lines(
        "control.jsonl",
        "escaped terminal codes are text, raw ones are not JSON",
        ["ok", "not_json"],
        b'{"problem": "\\u001b[31mred"}\n{"problem": "\x1b[31mred"}',
    ),
    _lines(
        "binary.jsonl",
        "every byte twice",
        ["nul_character", "invalid_utf8", "invalid_utf8"],
        bytes(range(256)) * 2,
    ),
    _lines(
        "gzip.jsonl",
        "gzip under the wrong name",
        ["invalid_utf8"],
        b"\x1f\x8b\x08" + bytes(6) + b"\x03",
    ),
]
VALUES = [
    _lines("no-json.jsonl", "a line of words", ["not_json", "ok"], b"oops\n" + OK),
    _lines("cut.jsonl", "cut within its last row", ["ok", "not_json"], OK + b"\n" + OK[:-4]),
    _lines("two-in-a-line.jsonl", "two rows in a line", ["not_json"], OK + OK),
    _lines("bad-escape.jsonl", "LaTeX that nobody escaped", ["not_json"], rb'{"problem": "\(1\)"}'),
    _lines("python.jsonl", "a dict as Python prints it", ["not_json"], b"{'problem': 'p'}"),
    _lines("comment.jsonl", "a comment", ["not_json"], OK + b" // right"),
    _lines("trailing-comma.jsonl", "a comma too many", ["not_json"], b'{"problem": "p",}'),
    _lines(
        "pretty.jsonl",
        "one row over several lines",
        ["not_json"] * 3,
        json.dumps({"problem": "p"}, indent=1).encode(),
    ),
    _lines(
        "nan.jsonl",
        "NaN and infinities",
        ["not_json"] * 3,
        b'{"problem": "p", "x": NaN}\n{"problem": "p", "x": -Infinity}\n[Infinity]',
    ),
    _lines(
        "no-objects.jsonl",
        "JSON that is no object",
        ["not_an_object"] * 5,
        b'[]\n1\n"text"\nnull\ntrue',
    ),
    _lines("no-field.jsonl", "a row without a prompt", ["missing_field", "ok"], b"{}\n" + OK),
    _lines(
        "types.jsonl",
        "prompts that are no text",
        ["wrong_type"] * 4,
        b'{"problem": 1}\n{"problem": ["p"]}\n{"problem": null}\n{"problem": {"problem": "p"}}',
    ),
    _lines(
        "changing-types.jsonl",
        "a column whose type changes",
        ["ok"] * 4,
        b"\n".join(
            b'{"problem": "p", "x": %s}' % x for x in (b"1", b'"1"', b'{"y": [1]}', b"null")
        ),
    ),
    _lines(
        "blank-prompts.jsonl",
        "prompts without a word",
        ["empty_prompt"] * 2,
        b'{"problem": ""}\n{"problem": " "}',
    ),
    _lines(
        "messages.jsonl",
        "conversations that end wrong, or are none",
        ["empty_prompt", "bad_message", "bad_message", "wrong_type", "wrong_type"],
        b'{"messages": []}\n{"messages": [1]}\n{"messages": [{"role": ["user"], "content": "p"}]}\n'
        b'{"messages": [{"role": "user", "content": [{"type": "text"}]}]}\n{"messages": {}}',
    ),
    _lines(
        "same-key.jsonl",
        "a key twice, also deep within",
        ["duplicate_key", "duplicate_key"],
        b'{"problem": "p", "problem": "q"}\n{"problem": "p", "x": {"a": 1, "a": 1}}',
    ),
    _lines(
        "same-key-late.jsonl",
        "200,000 keys, the last of which comes twice",
        ["duplicate_key"],
        b"{" + b",".join(b'"%d":0' % i for i in [*range(200_000), 199_999]) + b"}",
    ),
    _lines(
        "many-columns.jsonl",
        "20,000 columns",
        ["ok"],
        json.dumps({"problem": "p"} | {f"c{i}": i for i in range(20_000)}).encode(),
    ),
]
SIZES = [
    _lines(
        "huge-integer.jsonl",
        "an integer of 5,000 digits",
        ["number_too_large"],
        b'{"problem": "p", "x": ' + b"9" * 5000 + b"}",
    ),
    _lines(
        "big-integer.jsonl",
        "an integer of 4,000 digits",
        ["ok"],
        b'{"problem": "p", "x": ' + b"9" * 4000 + b"}",
    ),
    _lines(
        "huge-float.jsonl",
        "beyond a double, and too small for one",
        ["number_too_large", "ok"],
        b'{"problem": "p", "x": 1e400}\n{"problem": "p", "x": 1e-400}',
    ),
    _lines("deep.jsonl", "100 values inside each other", ["ok"], DEEP),
    _lines(
        "too-deep.jsonl",
        "thousands of values inside each other",
        ["too_deep", "too_deep", "ok"],
        TOO_DEEP + b"\n" + b"[" * 100_000 + b"\n" + OK,
    ),
    _lines(
        "too-deep-objects.jsonl",
        "101 objects inside each other",
        ["too_deep"],
        b'{"x":' * 101 + b"1" + b"}" * 101,
    ),
    _lines("long.jsonl", "a row of 17 MiB", ["too_large", "ok"], LONG + b"\n" + OK),
]
FRAMES = [
    _lines("frames.jsonl.zst", "two zstandard frames", ["ok", "ok"], PACKED + PACKED),
    _lines(
        "row-across.jsonl.zst",
        "a row over two frames",
        ["ok"],
        zstandard.compress(OK[:9]) + zstandard.compress(OK[9:]),
    ),
    _lines(
        "skippable.jsonl.zst",
        "a frame that is to be skipped",
        ["ok"],
        b"\x50\x2a\x4d\x18" + struct.pack("<I", 3) + b"abc" + PACKED,
    ),
    _lines(
        "bomb.jsonl.zst",
        "64 MiB in 2 KiB",
        ["too_large", "ok"],
        frame(17, 512) + zstandard.compress(b"\n" + OK),
    ),
    _lines(
        "window.jsonl.zst",
        "a window of 4 GiB",
        "is damaged after 0 unpacked bytes",
        b"\x28\xb5\x2f\xfd\x00" + bytes([22 << 3]) + b"\x01\x00\x00",
    ),
    _lines("half.jsonl.zst", "cut short", "is cut short", zstandard.compress(OK * 1000)[:-9]),
    _lines("half-header.jsonl.zst", "cut in a frame's header", "is cut short", PACKED + PACKED[:5]),
    _lines("not-packed.jsonl.zst", "plain text", "is damaged after 0 unpacked bytes", OK),
    _lines(
        "garbage.jsonl.zst",
        "something behind the last frame",
        f"is damaged after {len(OK) + 1} unpacked bytes",
        PACKED + b"garbage",
    ),
    _lines(
        "checksum.jsonl.zst",
        "a wrong checksum",
        "is damaged after",
        zstandard.ZstdCompressor(write_checksum=True).compress(OK)[:-4] + b"\0\0\0\0",
    ),
    _lines("no-content.jsonl.zst", "a frame of nothing", "holds no rows", zstandard.compress(b"")),
    _lines(
        "packed-twice.jsonl.zst",
        "zstandard within zstandard",
        ["invalid_utf8"],
        zstandard.compress(zstandard.compress(b"x")),
    ),
]
LINES = ENDS + TEXTS + VALUES + SIZES + FRAMES
