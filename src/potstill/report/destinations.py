"""Where the rows of a stage went: into which datasets, or dropped by which later rule."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from potstill.records import Problem, Sample
from potstill.report.tables import Table
from potstill.storage.parts import read_columns


class Drop(NamedTuple):
    """A row that a later stage dropped, or that an exporter left out."""

    row_id: str
    response_id: str | None
    stage: str
    """The stage."""
    rule: str
    """Its rule or, of the export, the dataset."""
    reason: str
    """Why."""

    def __str__(self) -> str:
        """Return all of it as one clause."""
        return f"dropped by {self.stage}: {self.rule}: {self.reason}"


class Destination(NamedTuple):
    """Where one row went, as far as the run has come."""

    dropped: Drop | None = None
    """How it left the line; None where it did not, or not yet."""
    datasets: tuple[str, ...] | None = None
    """The datasets that hold it; None where the run has no export yet."""
    left_out: tuple[Drop, ...] = ()
    """Why the other datasets don't."""

    def __str__(self) -> str:
        """Return it as one clause, empty where nothing is known yet."""
        if self.dropped is not None:
            return str(self.dropped)
        if self.datasets:
            return f"exported to {', '.join(self.datasets)}"
        if self.datasets is None:
            return ""
        reasons = dict.fromkeys(drop.reason for drop in self.left_out)
        return f"in no dataset ({', '.join(reasons)})"


class Destinations:
    """Finds where rows went, as long as it is asked in the order in which a stage kept them.

    Every later stage wrote what it dropped in that order too, so that one pass over each is enough
    and only one row of each is held in memory.
    """

    def __init__(self, later: Sequence[Table]) -> None:
        """Open the dropped rows of the stages after the one whose rows are asked for."""
        self._stages = [_Drops(table) for table in later if table.stage != "export"]
        self._exports = [_Drops(table) for table in later if table.stage == "export"]

    def of(self, row: Problem | Sample) -> Destination:
        """Return where `row` went; to be called once for each row, in order."""
        if isinstance(row, Problem):
            return self.of_ids(row.row_id, None)
        return self.of_ids(row.problem.row_id, row.response.id)

    def of_ids(self, row_id: str, response_id: str | None) -> Destination:
        """Return where the row with these ids went; a problem has no `response_id`."""
        for stage in self._stages:
            if drops := stage.take(row_id, response_id):
                return Destination(drops[0])
        for export in self._exports:
            if response_id is not None:
                left_out = export.take(row_id, response_id)
                refused = {drop.rule for drop in left_out}
                datasets = tuple(name for name in export.names if name not in refused)
                return Destination(None, datasets, tuple(left_out))
        return Destination()


class _Drops:
    """Reads the dropped rows of one stage along with the rows that entered it."""

    def __init__(self, table: Table) -> None:
        self.names = [account.name for account in table.manifest.accounts[1:]]
        self._rows = drops(table)
        self._next = next(self._rows, None)

    def take(self, row_id: str, response_id: str | None) -> list[Drop]:
        """Return the drops of one row, if they are the next ones."""
        found: list[Drop] = []
        while self._next is not None and self._next[:2] == (row_id, response_id):
            found.append(self._next)
            self._next = next(self._rows, None)
        return found


def drops(table: Table) -> Iterator[Drop]:
    """Yield which rows a stage dropped, in order; of the export, what each dataset left out.

    What a stage only noted, such as a labeler that failed, is not dropped.
    """
    booked = table.manifest.accounts[0].dropped
    for row in read_columns(table.folder, table.manifest.dropped, Drop._fields):
        if table.stage == "export" or row["reason"] in booked:
            yield Drop(**row)
