"""Write the samples that the recipe selects, in each format that it asks for."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path

from potstill.books import Ledger
from potstill.engine.plugins import Failure, guarded
from potstill.protocols import NotExpressible
from potstill.recipe.conditions import Condition
from potstill.records import Record, Sample
from potstill.stages.io import StageIO
from potstill.storage.dataset import DatasetWriter


class Exporter:
    """One exported dataset of the recipe, with its own account."""

    def __init__(
        self,
        name: str,
        when: Condition | None,
        convert: Callable[[Sample], Record],
        record: type[Record],
    ) -> None:
        """Name what is exported, and how; nothing is written yet."""
        self.name, self.when, self.convert, self.record = name, when, convert, record

    def row(self, sample: Sample) -> Record | Failure:
        """Return the sample as a row of this dataset, or why it isn't one."""
        if self.when is not None and not self.when.matches(sample):
            return Failure("not_selected", f"when: {self.when}")
        try:
            return guarded(self.convert, sample)
        except NotExpressible as error:
            return Failure(error.reason, str(error))


def export(io: StageIO[Sample, Sample], exporters: Sequence[Exporter]) -> None:
    """Offer every sample to every exporter.

    Each exporter has an account of its own: rows in = exported + dropped by reason. The stage's
    rows count as kept where at least one exporter took them.

    Args:
        io: Samples in; the datasets are written below the stage's folder.
        exporters: The recipe's exporters.
    """
    open_ = [(each, io.account(each.name), _writer(io.folder, each)) for each in exporters]
    with ExitStack() as stack:
        for _, _, writer in open_:
            stack.callback(writer.abandon)
        for sample in io.rows():
            taken = [_offer(io, sample, *each) for each in open_]
            if any(taken):
                io.keep(sample)
            else:
                io.ledger.dropped["not_selected"] += 1
        for exporter, _, writer in open_:
            for part in writer.close():
                name = f"{exporter.name}/{part.name}"
                io.exported.append(part.model_copy(update={"name": name}))


def _writer(folder: Path, exporter: Exporter) -> DatasetWriter[Record]:
    return DatasetWriter(folder / exporter.name, exporter.record)


def _offer(
    io: StageIO[Sample, Sample],
    sample: Sample,
    exporter: Exporter,
    account: Ledger,
    writer: DatasetWriter[Record],
) -> bool:
    account.entered += 1
    row = exporter.row(sample)
    if isinstance(row, Failure):
        account.dropped[row.kind] += 1
        io.note(sample, exporter.name, row.kind, detail=row.detail)
        return False
    account.kept += 1
    writer.write(row)
    return True
