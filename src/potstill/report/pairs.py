"""Rows and responses of two runs, found again in each other; only ids and short texts are kept.

They lie in a temporary SQLite database, so that the memory does not grow with the rows: a few
hundred bytes of each row and each response are on the disk while two runs are compared.
"""

import sqlite3
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from potstill.errors import StorageError
from potstill.records import Sample, content_hash
from potstill.report.destinations import drops
from potstill.report.rows import complete, rows
from potstill.storage.parts import read_columns

_TABLES = """
CREATE TABLE row (
    n INTEGER PRIMARY KEY, run INTEGER, row_id TEXT, key TEXT, reference TEXT, fate TEXT);
CREATE UNIQUE INDEX row_by_id ON row (run, row_id);
CREATE TABLE response (
    n INTEGER PRIMARY KEY, run INTEGER, row INTEGER, slot TEXT, response_id TEXT, call TEXT,
    teacher TEXT, text TEXT, outcome TEXT, reason TEXT, verifier TEXT, version TEXT,
    destination TEXT);
CREATE TABLE pair (a INTEGER, b INTEGER, how TEXT);
"""

_PAIRS = """
CREATE TABLE numbered AS SELECT
    n, run, key, row_number() OVER (PARTITION BY run, key ORDER BY n) AS occurrence FROM row;
CREATE INDEX numbered_by_key ON numbered (run, key, occurrence);
INSERT INTO pair SELECT a.n, b.n, 'same' FROM numbered a JOIN numbered b
    ON b.run = 1 AND b.key = a.key AND b.occurrence = a.occurrence WHERE a.run = 0;
CREATE INDEX pair_a ON pair (a);
CREATE INDEX pair_b ON pair (b);
INSERT INTO pair SELECT a.n, b.n, 'changed' FROM row a JOIN row b
    ON b.run = 1 AND b.row_id = a.row_id WHERE a.run = 0
    AND NOT EXISTS (SELECT 1 FROM pair WHERE pair.a = a.n)
    AND NOT EXISTS (SELECT 1 FROM pair WHERE pair.b = b.n);
INSERT INTO pair SELECT n, NULL, 'before' FROM row WHERE run = 0
    AND NOT EXISTS (SELECT 1 FROM pair WHERE pair.a = row.n);
INSERT INTO pair SELECT NULL, n, 'after' FROM row WHERE run = 1
    AND NOT EXISTS (SELECT 1 FROM pair WHERE pair.b = row.n);
CREATE INDEX response_by_slot ON response (row, slot);
"""

_ROWS = """
SELECT a.row_id, b.row_id, a.fate, b.fate, how FROM pair
LEFT JOIN row a ON a.n = pair.a LEFT JOIN row b ON b.n = pair.b
WHERE how <> 'same' OR a.fate <> b.fate ORDER BY coalesce(pair.a, pair.b)
"""

_SIDE = "response_id, call, teacher, outcome, reason, verifier, version, destination, text"
_BOTH = ", ".join(f"{run}.{name}" for run in "xy" for name in _SIDE.split(", "))

_RESPONSES = f"""
SELECT 0, a.n, x.n, a.row_id, a.reference IS b.reference, {_BOTH}
FROM pair JOIN row a ON a.n = pair.a JOIN row b ON b.n = pair.b
JOIN response x ON x.row = a.n LEFT JOIN response y ON y.row = b.n AND y.slot = x.slot
WHERE a.fate = '' AND b.fate = '' AND (
    y.n IS NULL OR x.teacher <> y.teacher OR x.text <> y.text OR x.outcome IS NOT y.outcome
    OR x.reason IS NOT y.reason OR x.destination <> y.destination)
UNION ALL
SELECT 1, a.n, y.n, a.row_id, a.reference IS b.reference, {_BOTH}
FROM pair JOIN row a ON a.n = pair.a JOIN row b ON b.n = pair.b
JOIN response y ON y.row = b.n LEFT JOIN response x ON x.row = a.n AND x.slot = y.slot
WHERE a.fate = '' AND b.fate = '' AND x.n IS NULL
ORDER BY 1, 2, 3
"""


class Pairs:
    """Two runs, whose problems are paired by their text and their responses by what was asked.

    The same problem that comes several times in a run is paired in order. What is left is paired by
    its row id: such a row's text changed. Responses are paired by teacher, reasoning, sample and
    round; a teacher that only one run has stands for one that only the other has.
    """

    def __init__(self, before: Path, after: Path) -> None:
        """Read both runs.

        Raises:
            InputError: One of them is no run.
            StorageError: A part is damaged, or the disk has no room for the comparison.
        """
        self.connection = sqlite3.connect("")  # a temporary file that nobody else sees
        with self._closed_on_error(), _explained():
            self.connection.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;")
            self.connection.executescript(_TABLES)
            teachers = [self._load(run, each) for run, each in enumerate((before, after))]
            self._name_slots(*teachers)
            self.connection.executescript(_PAIRS)

    @contextmanager
    def _closed_on_error(self) -> Generator[None]:
        try:
            yield
        except BaseException:
            self.connection.close()
            raise

    def rows(self) -> Iterator[Sequence[Any]]:
        """Yield (row id before, after, fate before, after, how paired) of rows that differ."""
        return self._select(_ROWS)

    def responses(self) -> Iterator[Sequence[Any]]:
        """Yield (row id, whether the references are equal, side before, side after).

        Only of responses that differ, to problems that reached the teachers in both runs. A side
        is (response id, call, teacher, outcome, reason, verifier, version, destination, text); the
        text is a hash.
        """
        for _, _, _, row_id, same, *both in self._select(_RESPONSES):
            half = len(both) // 2
            yield row_id, same, both[:half], both[half:]

    def _select(self, query: str) -> Iterator[Sequence[Any]]:
        with _explained():
            yield from self.connection.execute(query)

    def _load(self, run: int, directory: Path) -> list[str]:
        """Store one run, and return its teachers in order."""
        self._load_rows(run, directory)
        chosen = rows(directory)
        if chosen.kind == "problem":
            return []
        teachers: dict[str, None] = {}
        for found in chosen.found():
            if isinstance(found.row, Sample):
                teachers[found.row.response.teacher] = None
                self._store(run, found.row, str(found.destination))
        return [*teachers]

    def _load_rows(self, run: int, directory: Path) -> None:
        first, *later = complete(directory)
        insert = "INSERT INTO row (run, row_id, key, reference, fate) VALUES (?, ?, ?, ?, ?)"
        names = ("row_id", "id", "reference_answer")
        for row in read_columns(first.folder, first.manifest.parts, names):
            reference = content_hash(row["reference_answer"])
            values = (run, row["row_id"], row["id"], reference, "")
            self.connection.execute(insert, values)
        for drop in drops(first):
            values = (run, drop.row_id, drop.row_id, None, str(drop))
            self.connection.execute(insert, values)
        update = "UPDATE row SET fate = ? WHERE run = ? AND row_id = ?"
        for drop in (each for table in later for each in drops(table)):
            if drop.response_id is None:
                self.connection.execute(update, (str(drop), run, drop.row_id))

    def _store(self, run: int, sample: Sample, destination: str) -> None:
        response = sample.response
        verdict = sample.verdict
        self.connection.execute(
            f"INSERT INTO response (run, row, slot, {_SIDE}) VALUES "
            "(?, (SELECT n FROM row WHERE run = ? AND row_id = ?), ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                run,
                run,
                sample.problem.row_id,
                f"{response.reasoning}/{response.sample}/{response.round}",
                response.id,
                response.call,
                response.teacher,
                sample.outcome,
                verdict.reason if verdict else None,
                verdict.verifier if verdict else None,
                verdict.version if verdict else None,
                destination,
                content_hash([response.think, response.answer, *response.tool_calls]),
            ),
        )

    def _name_slots(self, before: Sequence[str], after: Sequence[str]) -> None:
        left = [name for name in before if name not in after]
        new = [name for name in after if name not in before]
        alias = dict(zip(new, left, strict=False))
        update = "UPDATE response SET slot = ? || '/' || slot WHERE run = ? AND teacher = ?"
        for run, name in [*((0, n) for n in before), *((1, n) for n in after)]:
            slot = alias.get(name, name) if run else name
            self.connection.execute(update, (slot, run, name))


@contextmanager
def _explained() -> Generator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise StorageError(f"can't compare the runs in a temporary file: {error}") from error
