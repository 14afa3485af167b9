"""Write the samples that the recipe selects, in each format that it asks for."""

from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

from potstill.books import Ledger
from potstill.engine.plugins import Failure, guarded
from potstill.protocols import NotExpressible
from potstill.recipe.conditions import Condition
from potstill.records import Record, Sample
from potstill.stages.io import StageIO
from potstill.storage.dataset import DatasetWriter
from potstill.storage.files import sha256, write_text
from potstill.storage.parts import Part

CARD = "README.md"
"""File in a dataset's folder that says what it is, as the hub shows it."""
MOST_GROUPS = 1_000
"""Of rows that are counted apart; what comes beyond them is counted together."""


class Group(NamedTuple):
    """Rows of one origin."""

    source: str
    """The source's name."""
    license: str | None
    """Their licence; None where the source tells none."""
    origin: str | None
    """Where the source has them from; None where it doesn't tell."""


class Tally:
    """What the rows of one dataset are."""

    def __init__(self) -> None:
        """Begin with none."""
        self.rows = 0
        self.groups: Counter[Group | None] = Counter()
        """None stands for those beyond `MOST_GROUPS`."""
        self.languages: Counter[str] = Counter()
        self.teachers: Counter[str] = Counter()
        self.outcomes: Counter[str] = Counter()

    def add(self, sample: Sample) -> None:
        """Count one row."""
        problem = sample.problem
        group = Group(problem.source, problem.license, problem.origin)
        is_counted = group in self.groups or len(self.groups) < MOST_GROUPS
        self.rows += 1
        self.groups[group if is_counted else None] += 1
        self.languages[problem.language or ""] += 1
        self.outcomes[sample.outcome or ""] += 1
        if sample.response.teacher in self.teachers or len(self.teachers) < MOST_GROUPS:
            self.teachers[sample.response.teacher] += 1


Describe = Callable[[str, Tally, Ledger], str]
"""Returns the card of a dataset: of its name, what its rows are, and its account."""


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
        self.tally = Tally()

    def row(self, sample: Sample) -> Record | Failure:
        """Return the sample as a row of this dataset, or why it isn't one."""
        if self.when is not None and not self.when.matches(sample):
            return Failure("not_selected", f"when: {self.when}")
        try:
            return guarded(self.convert, sample)
        except NotExpressible as error:
            return Failure(error.reason, str(error))


def export(io: StageIO[Sample, Sample], exporters: Sequence[Exporter], describe: Describe) -> None:
    """Offer every sample to every exporter.

    Each exporter has an account of its own: rows in = exported + dropped by reason. The stage's
    rows count as kept where at least one exporter took them.

    Args:
        io: Samples in; the datasets are written below the stage's folder.
        exporters: The recipe's exporters.
        describe: Writes the card of each dataset.
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
        for exporter, account, writer in open_:
            parts = writer.close()
            text = describe(exporter.name, exporter.tally, account)
            for part in (*parts, _card(io.folder / exporter.name, text)):
                name = f"{exporter.name}/{part.name}"
                io.exported.append(part.model_copy(update={"name": name}))


def _card(folder: Path, text: str) -> Part:
    write_text(folder / CARD, text)
    return Part(name=CARD, rows=0, sha256=sha256(folder / CARD))


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
    exporter.tally.add(sample)
    writer.write(row)
    return True
