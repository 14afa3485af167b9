"""CSV files that want to break the reader `csv`, packed and not."""

import gzip

from hostile.entry import OVER, Entry

HEADER = b"problem,x\n"
PACKED = gzip.compress(HEADER + b"p,1\n")


def _csv(name: str, about: str, outcome: list[str] | str, content: bytes) -> Entry:
    return Entry("csv", name, about, outcome, content)


SEPARATED = [
    _csv("plain.csv", "two good rows", ["ok", "ok"], HEADER + b"p,1\nq,2\n"),
    _csv("crlf.csv", "CRLF line ends, no last one", ["ok", "ok"], b"problem,x\r\np,1\r\nq,2"),
    _csv("quoted.csv", "line ends and quotes in fields", ["ok", "ok"], HEADER + b'"p\n""",1\nq,2'),
    _csv("bom.csv", "a byte order mark at the start", ["ok"], b"\xef\xbb\xbf" + HEADER + b"p,1"),
    _csv("tabs.tsv", "tabs", ["ok"], b"problem\tx\np\t1\n"),
    _csv("utf-16.csv", "UTF-16", "invalid_utf8", "problem,x\np,1\n".encode("utf-16")),
    _csv(
        "mixed-encodings.csv",
        "UTF-8, GBK and Latin-1",
        ["ok", "invalid_utf8", "invalid_utf8"],
        HEADER + "计算,1\n".encode() + "计算,1\n".encode("gbk") + "café,1".encode("latin-1"),
    ),
    _csv("nul.csv", "a NUL", ["nul_character"], HEADER + b"p\0,1"),
    _csv(
        "fields.csv",
        "too many fields, too few, none",
        ["wrong_number_of_fields", "wrong_number_of_fields", "blank_row"],
        HEADER + b"p,1,2\np\n\n",
    ),
    _csv("behind-quote.csv", "text behind a quoted field", ["not_csv"], HEADER + b'"p"q,1'),
    _csv("pipe.csv", "a quote within a field", ["ok", "ok"], HEADER + b'5" pipe,1\nq,2'),
    _csv(
        "open-quote.csv",
        "a quote that is never closed",
        ["ok", "not_csv"],
        HEADER + b'p,1\n"q,2\nr,3\n',
    ),
    _csv(
        "long.csv",
        "a field above the limit",
        ["too_large", "ok"],
        HEADER + b'"' + b"x\n" * (OVER // 2) + b'",1\nq,2',
    ),
    _csv("long-header.csv", "a header above the limit", "no header that can be read", b"x" * OVER),
    _csv("same-names.csv", "a column twice", "two columns of one name: 'a'", b"a,a\n1,2\n"),
    _csv("only-header.csv", "a header alone", "holds no rows", HEADER),
    _csv("empty-problem.csv", "a field of nothing", ["empty_prompt"], HEADER + b",1"),
    _csv("carriage.csv", "CR within a field", ["not_csv"], HEADER + b"p\rq,1"),
    _csv("two.csv.gz", "two members", ["ok", "ok"], PACKED + gzip.compress(b"q,2\n")),
    _csv("half.csv.gz", "cut short", "is cut short", PACKED[:-9]),
    _csv("checksum.csv.gz", "a wrong checksum", "is damaged after", PACKED[:-8] + bytes(8)),
    _csv("not-packed.csv.gz", "plain text", "is damaged after 0 unpacked", HEADER + b"p,1"),
]
