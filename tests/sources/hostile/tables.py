"""Tables that want to break the reader `parquet`."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from hostile.entry import OK, OVER, Entry

PROBLEM = {"problem": ["p"]}
ROWS = {"problem": [f"What is {i} + {i}?" for i in range(5000)]}


def table(columns: dict[str, Any], **options: Any) -> Callable[[Path], object]:
    """Return what writes a table of columns."""
    return lambda path: pq.write_table(pa.table(columns), path, **options)


def text(*values: bytes) -> pa.Array:
    """Return text that nobody checked to be UTF-8."""
    return pa.array(values, pa.binary()).view(pa.string())


def nested(depth: int, schema: bool = True) -> Callable[[Path], object]:
    """Return what writes a row that holds structs inside each other."""
    values: Any = pa.array(["x"])
    for _ in range(depth):
        values = pa.StructArray.from_arrays([values], ["a"])
    return table(PROBLEM | {"x": values}, store_schema=schema)


def nulls(kind: pa.DataType) -> Callable[[Path], object]:
    """Return what writes a list of 20 million nulls, in a file of 1 KiB."""
    values = pa.nulls(20_000_000, kind)
    return table(PROBLEM | {"x": pa.ListArray.from_arrays([0, len(values)], values)})


def one_text(path: Path) -> None:
    """Write a text of 17 MiB once, as the value of two rows."""
    text = pa.DictionaryArray.from_arrays(pa.array([0, 0], pa.int32()), pa.array(["x" * OVER]))
    options = {"compression": "zstd", "store_schema": False, "dictionary_pagesize_limit": 2 * OVER}
    pq.write_table(pa.table({"problem": text}), path, write_statistics=False, **options)


def negative(path: Path) -> None:
    """Write a row group of no columns and -3 rows, where it had 0."""
    table({})(path)
    group = b"\x19\x0c\x16\x00\x16%c&"
    path.write_bytes(path.read_bytes().replace(group % 0, group % 5))


def cut(start: float, stop: float) -> Callable[[Path], object]:
    """Return what writes a part of a good file."""

    def write(path: Path) -> None:
        table(ROWS)(path)
        data = path.read_bytes()
        path.write_bytes(data[int(start * len(data)) : int(stop * len(data))])

    return write


def patched(at: slice, new: bytes) -> Callable[[Path], object]:
    """Return what writes a file that isn't packed, and changes bytes of it."""

    def write(path: Path) -> None:
        table(ROWS, compression="none", use_dictionary=False, row_group_size=1000)(path)
        data = bytearray(path.read_bytes())
        data[at] = new
        path.write_bytes(data)

    return write


def renamed(path: Path) -> None:
    """Write a table with a column whose name is no UTF-8."""
    table(PROBLEM | {"abcdefgh": [1]})(path)
    path.write_bytes(path.read_bytes().replace(b"abcdefgh", b"abc\xff\xfefgh"))


def same_names(*names: str) -> Callable[[Path], object]:
    """Return what writes columns of these names."""
    return lambda path: pq.write_table(pa.table([["p"] for _ in names], names=names), path)


def _table(
    name: str, about: str, outcome: list[str] | str, content: bytes | Callable[[Path], object]
) -> Entry:
    return Entry("parquet", name, about, outcome, content)


DAMAGED = "is no Parquet file, or a damaged one"
FILES = [
    _table("empty.parquet", "no byte", "empty.parquet is empty", b""),
    _table("text.parquet", "text that starts as Parquet does", DAMAGED, b"PAR1 is how this starts"),
    _table("lines.parquet", "JSON Lines under the wrong name", DAMAGED, OK),
    _table("only-marks.parquet", "the marks of both ends", DAMAGED, b"PAR1PAR1"),
    _table("footer.parquet", "a footer of 4 GiB", DAMAGED, b"PAR1" + b"\xff" * 4 + b"PAR1"),
    _table("encrypted.parquet", "the mark of encryption", DAMAGED, b"PARE\0\0\0\0\0\0\0\0PARE"),
    _table("first-half.parquet", "cut in half", DAMAGED, cut(0, 0.5)),
    _table("second-half.parquet", "the second half of a file", DAMAGED, cut(0.5, 1)),
    _table("no-end.parquet", "the last bytes are missing", DAMAGED, cut(0, 0.99)),
    _table("zeros.parquet", "zeros within a page", DAMAGED, patched(slice(9, 60), bytes(51))),
    _table(
        "bad-page.parquet",
        "nonsense for the head of the third row group",
        DAMAGED,
        patched(slice(50_000, 52_000), b"\xff" * 2000),
    ),
    _table(
        "no-rows.parquet", "no row", "holds no rows", table({"problem": pa.array([], "string")})
    ),
    _table("no-columns.parquet", "no column", "has no columns", table({})),
    _table("negative.parquet", "no column, and -3 rows", "has no columns", negative),
]
NAMES = [
    _table(
        "twice.parquet",
        "two columns of one name",
        "of one name: 'problem'",
        same_names("problem", "problem"),
    ),
    _table(
        "twice-within.parquet",
        "two fields of one name in a struct",
        "two columns of one name: 'a'",
        table(
            PROBLEM | {"x": pa.StructArray.from_arrays([pa.array([1]), pa.array([2])], ["a", "a"])}
        ),
    ),
    _table(
        "control.parquet",
        "names that drive a terminal",
        r"of one name: '\x1b[31mred'",
        same_names("\x1b[31mred", "\x1b[31mred"),
    ),
    _table("name.parquet", "a name that is not UTF-8", "a column whose name is not UTF-8", renamed),
    _table(
        "odd-names.parquet",
        "no name, a NUL, a dot",
        ["ok"],
        table(PROBLEM | {"": [1], "\0": [2], "a.b": [3]}),
    ),
    _table(
        "no-problem.parquet",
        "a column of another name",
        ["missing_field"],
        table({"question": ["p"]}),
    ),
]
VALUES = [
    _table(
        "bad-text.parquet",
        "text that is not UTF-8, among good rows",
        ["ok", "invalid_utf8", "empty_prompt", "nul_character", "ok"],
        table({"problem": text(b"a", b"caf\xe9", b" ", b"a\0b", b"b")}),
    ),
    _table(
        "bad-text-within.parquet",
        "text that is not UTF-8, in a list in a struct",
        ["invalid_utf8"],
        table(
            PROBLEM
            | {
                "x": pa.StructArray.from_arrays(
                    [pa.ListArray.from_arrays([0, 1], text(b"\xff"))], ["y"]
                )
            }
        ),
    ),
    _table(
        "nulls.parquet",
        "prompts that are null",
        ["ok", "wrong_type"],
        table({"problem": ["p", None]}),
    ),
    _table(
        "only-nulls.parquet",
        "a column without a type",
        ["wrong_type"],
        table({"problem": pa.nulls(1)}),
    ),
    _table(
        "numbers.parquet", "prompts that are numbers", ["wrong_type"], table({"problem": [1.5]})
    ),
    _table(
        "bytes.parquet",
        "prompts that are bytes become base64",
        ["ok"],
        table({"problem": [b"\xff"]}),
    ),
    _table(
        "nan.parquet",
        "NaN and infinity, as a value and as the reference",
        ["ok", "ok"],
        table({"problem": ["p", "q"], "reference_answer": [float("nan"), -float("inf")]}),
    ),
    _table(
        "far.parquet",
        "dates and times that no calendar holds",
        ["ok"],
        table(
            PROBLEM
            | {"x": pa.array([2**60], pa.timestamp("us")), "y": pa.array([2**30], pa.date32())}
        ),
    ),
    _table(
        "zone.parquet",
        "a time zone that nobody knows",
        "Not/A/Zone",
        table(PROBLEM | {"x": pa.array([1], pa.timestamp("us", "Not/A/Zone"))}),
    ),
    _table(
        "types.parquet",
        "types that JSON lacks",
        ["ok"],
        table(
            PROBLEM
            | {
                "a": [dt.timedelta(days=1)],
                "b": pa.array([1], pa.decimal256(60, 5)),
                "c": pa.array([b"0" * 16], pa.uuid()),
                "d": pa.array([dt.date(2026, 1, 1)]).dictionary_encode(),
                "e": pa.array([[(1, None)]], pa.map_(pa.int8(), pa.time32("s"))),
                "f": pa.array([1.5], pa.float16()),
            }
        ),
    ),
    _table("deep.parquet", "structs inside each other", ["ok"], nested(40)),
    _table(
        "too-deep.parquet", "150 structs inside each other", ["too_deep"], nested(150, schema=False)
    ),
    _table(
        "far-too-deep.parquet",
        "2,000 structs inside each other",
        "nested deeper than 100",
        nested(2000, schema=False),
    ),
    _table(
        "long.parquet",
        "a row of 17 MiB",
        ["ok", "too_large", "ok"],
        table({"problem": ["p", "x" * OVER, "q"]}),
    ),
    _table("dictionary.parquet", "17 MiB in 2 KiB, as two rows", ["too_large"] * 2, one_text),
    _table("long-list.parquet", "a row of 20 million nulls", ["too_large"], nulls(pa.int8())),
    _table(
        "long-nulls.parquet", "20 million nulls without a type", ["too_large"], nulls(pa.null())
    ),
    _table(
        "long-bits.parquet",
        "a row of 20 million nulls of a bit each",
        ["too_large"],
        nulls(pa.bool_()),
    ),
    _table(
        "one-a-group.parquet",
        "a row group for each row",
        ["ok"] * 300,
        table({"problem": ["p"] * 300}, row_group_size=1),
    ),
    _table(
        "many-columns.parquet",
        "2,000 columns",
        ["ok"],
        table(PROBLEM | {f"c{i}": [i] for i in range(2000)}),
    ),
]
TABLES = FILES + NAMES + VALUES
