"""Tables of records: they come back as written, byte for byte the same, or not at all."""

import os
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from potstill.errors import StorageError
from potstill.records import Dropped, Message, Problem, Response, Sample, Verdict
from potstill.storage.parts import PartWriter, find, read_part, read_parts

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)


def problem(line: int, text: str = "1 + 1?", **fields: object) -> Problem:
    messages = (Message(role="user", content=text),)
    known = {"source": "s", "file": "s.jsonl", "line": line, "messages": messages}
    return Problem.model_validate(known | fields)


def sample(line: int, answer: str = "2") -> Sample:
    of = problem(line)
    response = Response(
        id=f"r{line}",
        problem_id=of.id,
        call="c",
        teacher="t",
        reasoning="on",
        sample=0,
        round=0,
        ending="ok",
        think=None,
        answer=answer,
    )
    verdict = Verdict(outcome="pass", reason="equal", evidence={"answer": answer})
    return Sample(problem=of, response=response, verdicts=(verdict,), outcome="pass")


@given(st.lists(st.tuples(TEXT, st.none() | TEXT, st.dictionaries(TEXT, JSON, max_size=4))))
@settings(max_examples=50, deadline=None)
def test_rows_come_back_as_written(
    tmp_path_factory: pytest.TempPathFactory, values: list[tuple]
) -> None:
    rows = [
        problem(i, text, reference_answer=answer, extra=extra)
        for i, (text, answer, extra) in enumerate(values, start=1)
    ]
    folder = tmp_path_factory.mktemp("parts")
    writer = PartWriter(folder, Problem, part_rows=3)
    for row in rows:
        writer.write(row)
    parts = writer.close()
    assert [part.rows for part in parts] == [len(rows[i : i + 3]) for i in range(0, len(rows), 3)]
    assert list(read_parts(folder, parts, Problem)) == rows


def test_nested_records_come_back(tmp_path: Path) -> None:
    writer = PartWriter(tmp_path, Sample)
    for i in range(1, 1200):
        writer.write(sample(i))
    (part,) = writer.close()
    assert list(read_part(tmp_path / part.name, Sample)) == [sample(i) for i in range(1, 1200)]


def test_equal_rows_make_equal_bytes(tmp_path: Path) -> None:
    hashes = set()
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        writer = PartWriter(tmp_path / name, Sample)
        for i in range(1, 50):
            writer.write(sample(i))
        hashes |= {part.sha256 for part in writer.close()}
    assert len(hashes) == 1


def test_an_unfinished_part_has_no_name(tmp_path: Path) -> None:
    writer = PartWriter(tmp_path, Problem)
    for i in range(1, 1000):
        writer.write(problem(i))
    writer.abandon()
    assert list(tmp_path.glob("part-*")) == []


def test_no_rows_no_file(tmp_path: Path) -> None:
    assert PartWriter(tmp_path, Problem).close() == ()
    assert list(tmp_path.iterdir()) == []


def test_long_rows_end_a_row_group_early(tmp_path: Path) -> None:
    writer = PartWriter(tmp_path, Dropped)
    for i in range(6):
        writer.write(Dropped(stage="s", rule="r", reason="x", row_id=str(i), row="x" * (6 << 20)))
    assert len(writer._group) < 6
    writer.close()


@pytest.mark.parametrize("cut", [0, 3, 200, -1])
def test_a_cut_part_is_one_sentence(tmp_path: Path, cut: int) -> None:
    writer = PartWriter(tmp_path, Problem)
    for i in range(1, 50):
        writer.write(problem(i, f"problem {i} " * 20))
    path = tmp_path / writer.close()[0].name
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(StorageError, match="part-00000.parquet can't be read"):
        list(read_part(path, Problem))


def test_a_flipped_byte_in_the_data_is_noticed(tmp_path: Path) -> None:
    writer = PartWriter(tmp_path, Problem)
    for i in range(1, 50):
        writer.write(problem(i, f"problem {i} " * 20))
    path = tmp_path / writer.close()[0].name
    content = bytearray(path.read_bytes())
    content[len(content) // 3] ^= 0xFF
    path.write_bytes(content)
    with pytest.raises(StorageError):
        list(read_part(path, Problem))


def test_any_flipped_byte_is_rows_or_one_sentence_and_never_wrong_rows(tmp_path: Path) -> None:
    writer = PartWriter(tmp_path, Problem)
    rows = [problem(i, f"problem {i} " * 20) for i in range(1, 20)]
    for row in rows:
        writer.write(row)
    (part,) = writer.close()
    path = tmp_path / part.name
    content = path.read_bytes()
    for position in range(0, len(content), 7):  # the data, and the schema behind it
        path.write_bytes(flipped(content, position))
        with suppress(StorageError):
            list(find(tmp_path, [part], Problem, "row_id", "s:"))  # looks without the hash
        with pytest.raises(StorageError, match="not as it was written; .*makes it anew"):
            list(read_parts(tmp_path, [part], Problem))


def flipped(content: bytes, position: int) -> bytes:
    return content[:position] + bytes([content[position] ^ 0x41]) + content[position + 1 :]


def test_rows_of_another_kind_are_refused(tmp_path: Path) -> None:
    writer = PartWriter(tmp_path, Problem)
    writer.write(problem(1))
    (part,) = writer.close()
    with pytest.raises(StorageError):
        list(read_part(tmp_path / part.name, Dropped))


def test_a_folder_that_is_gone_is_one_sentence(tmp_path: Path) -> None:
    writer = PartWriter(tmp_path / "gone", Problem)
    writer.write(problem(1))
    with pytest.raises(StorageError, match="can't write"):
        writer.close()


def test_find_reads_by_prefix_of_a_nested_column(tmp_path: Path) -> None:
    writer = PartWriter(tmp_path, Sample, part_rows=10)
    for i in range(1, 31):
        writer.write(sample(i))
    parts = writer.close()
    found = find(tmp_path, parts, Sample, "problem.row_id", "s:s.jsonl:2")
    assert [s.problem.line for s in found] == [2, *range(20, 30)]
    assert [s.problem.line for s in find(tmp_path, parts, Sample, "response.id", "r7")] == [7]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_folder_is_one_sentence(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    writer = PartWriter(tmp_path, Problem)
    writer.write(problem(1))
    with pytest.raises(StorageError, match="can't write"):
        writer.close()


def test_a_part_of_a_known_number_takes_all_rows_and_no_other_name(tmp_path):
    writer = PartWriter(tmp_path, Problem, part_rows=2, number=7)
    for line in range(5):
        writer.write(problem(line))
    [part] = writer.close()
    assert (part.name, part.rows) == ("part-00007.parquet", 5)
    assert [row.line for row in read_parts(tmp_path, [part], Problem)] == [*range(5)]
    assert os.listdir(tmp_path) == [part.name]
