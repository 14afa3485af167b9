"""Arrays of JSON that want to break the reader `json`."""

from hostile.entry import DEEP, OK, OVER, TOO_DEEP, Entry

LONG = b'{"problem": "' + b"x" * OVER + b'"}'


def _array(name: str, about: str, outcome: list[str] | str, content: bytes) -> Entry:
    return Entry("json", name, about, outcome, content)


ARRAYS = [
    _array("array.json", "two good rows", ["ok", "ok"], b"[" + OK + b",\n" + OK + b"]"),
    _array("bom.json", "a byte order mark", ["ok"], b"\xef\xbb\xbf[" + OK + b"]"),
    _array("crlf.json", "CRLF", ["ok", "ok"], b"[\r\n" + OK + b",\r\n" + OK + b"\r\n]\r\n"),
    _array(
        "within.json",
        "an object that holds the array",
        ["ok"],
        b'{"version": "1", "rows": [' + OK + b'], "n": 1}',
    ),
    _array(
        "utf-16.json",
        "UTF-16",
        ["nul_character", "not_json"],
        ("[" + OK.decode() + "]").encode("utf-16-le"),
    ),
    _array("latin-1.json", "Latin-1", ["invalid_utf8"], '[{"problem": "é"}]'.encode("latin-1")),
    _array(
        "bad-elements.json",
        "bad rows among good ones",
        ["ok", "not_an_object", "not_json", "invalid_utf8", "duplicate_key", "nul_character", "ok"],
        b"["
        + OK
        + b', 1, {"problem": NaN}, {"problem": "\xff"}, {"a": 1, "a": 1}, "\0", '
        + OK
        + b"]",
    ),
    _array(
        "quoted.json",
        "brackets, commas and quotes within text",
        ["ok"],
        rb'[{"problem": "]}, {[\" \\"}]',
    ),
    _array(
        "numbers.json", "a huge integer", ["number_too_large"], b'[{"x": ' + b"9" * 9999 + b"}]"
    ),
    _array("trailing-comma.json", "a comma too many", ["ok", "blank_row"], b"[" + OK + b",]"),
    _array("only-commas.json", "nothing between commas", ["blank_row"] * 3, b"[,,]"),
    _array(
        "cut-in-a-row.json",
        "cut within a row",
        ["ok", "truncated_json"],
        b"[" + OK + b"," + OK[:-5],
    ),
    _array("cut-at-a-comma.json", "cut behind a comma", ["ok", "truncated_json"], b"[" + OK + b","),
    _array("cut-behind-a-row.json", "cut behind a row", ["ok", "truncated_json"], b"[" + OK),
    _array(
        "cut-in-text.json", "a text that never ends", ["truncated_json"], b'[{"problem": "p}, {}]'
    ),
    _array(
        "cut-in-an-escape.json", "cut behind a backslash", ["truncated_json"], b'[{"problem": "\\'
    ),
    _array(
        "wrong-brackets.json",
        "brackets that do not match",
        ["ok", "not_json"],
        b"[" + OK + b', {"problem": ["p"}, ' + OK + b"]",
    ),
    _array("closed-twice.json", "a bracket too many", ["ok", "not_json"], b"[" + OK + b"]]"),
    _array(
        "words-behind.json", "words behind the array", ["ok", "not_json"], b"[" + OK + b"] oops"
    ),
    _array(
        "deep.json",
        "rows deep and too deep",
        ["ok", "too_deep"],
        b"[" + DEEP + b"," + TOO_DEEP + b"]",
    ),
    _array("only-brackets.json", "200,000 open brackets", ["truncated_json"], b"[" * 200_000),
    _array(
        "deep-then-good.json",
        "a good row behind 20,000 brackets, more than are matched",
        ["too_deep", "ok"],
        b"[" + b"[" * 20_000 + b"]" * 20_000 + b"," + OK + b"]",
    ),
    _array("long.json", "a row of 17 MiB", ["too_large", "ok"], b"[" + LONG + b"," + OK + b"]"),
    _array("two-arrays.json", "two arrays", "holds several arrays", b"[" + OK + b"][" + OK + b"]"),
    _array(
        "two-columns.json",
        "an object of two arrays",
        "holds several arrays",
        b'{"train": [' + OK + b'], "test": [' + OK + b"]}",
    ),
    _array("no-rows.json", "an array of nothing", "no-rows.json holds no rows", b"[ ]"),
    _array(
        "lines.json",
        "JSON Lines under the wrong name",
        "read it with `use: jsonl`",
        OK + b"\n" + OK,
    ),
    _array("object.json", "one object", "object.json holds no array", OK),
    _array("words.json", "words", "words.json holds no array", b"hello"),
    _array("empty.json", "no byte", "empty.json is empty", b""),
]
