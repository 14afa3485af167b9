"""Find problems that hold a benchmark's item: drop what is sure, tag what is suspect."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import islice
from typing import NamedTuple, Protocol, cast

import pyarrow as pa

from potstill.engine.shared import Shared, share
from potstill.protocols import Lookup, Mapped
from potstill.recipe.conditions import Condition
from potstill.records import Contamination, Finding, Problem, Record
from potstill.stages.tables import Decided, Decision, Tables

_BATCH = 1_000
_COLUMNS = [name for name in Problem.model_fields if name != "responses"]


class Rule(NamedTuple):
    """One pass of the recipe."""

    name: str
    """The rule's name, such as `ngram`."""
    lookup: Lookup
    """Looks problems up among its benchmarks."""
    drop: Finding = "contaminated"
    """What is dropped: what is sure, or what is suspect, too."""
    where: Condition | None = None
    """Which problems are looked up; None is all."""

    def drops(self, found: Contamination) -> bool:
        """Return whether a row with this finding is dropped."""
        return found.verdict == "contaminated" or self.drop == "suspect"


class Suspect(NamedTuple):
    """A row that holds something of a benchmark, and may stay."""

    row: int
    """Its place in the table."""
    text: str
    """The problem."""
    found: Contamination
    """What was found."""


class Judge(Protocol):
    """Says of suspects whether problem and item are the same."""

    def __call__(self, suspects: Callable[[], Iterator[Suspect]], /) -> Mapping[int, Contamination]:
        """Return what it says by row; a suspect that it can't judge is left out."""
        ...


def decide(
    tables: Tables, rules: Sequence[Rule], judges: Mapping[str, Judge] | None = None
) -> Iterator[Decided]:
    """Look every row up, have judges look at suspects, and yield what to do, by shard.

    Of several findings on one row the first that drops it counts, else the first. A later rule
    does not look at what an earlier one drops.

    Args:
        tables: The rows.
        rules: The passes, in order.
        judges: By the rule whose suspects they are asked about, of rows that no rule drops; what
            they call contaminated is dropped.
    """
    shared = share(tuple(rules), tables.folder / "rules.pickle")
    table = tables.all("found", "looking up", alone=shared is None)
    results = table.map(_Find(shared, () if shared else tuple(rules)), _COLUMNS)

    judged: dict[int, Contamination] = {}
    for name, judge in (judges or {}).items():
        judged |= judge(partial(_suspects, results, name))
    rows, row = _rows(results), 0
    for shard in tables.shards:
        decisions: dict[int, Decision] = {}
        for place, found in enumerate(islice(rows, shard.rows)):
            if found is not None:
                match = judged.get(row + place, found.match)
                decisions[place] = _decision(match, found.drop or match.verdict == "contaminated")
        yield Decided(shard, decisions)
        row += shard.rows


def _suspects(results: Mapped, rule: str) -> Iterator[Suspect]:
    """Yield the rows that a rule suspects and none drops."""
    for row, found in enumerate(_rows(results)):
        if found is not None and not found.drop and found.match.method == rule:
            yield Suspect(row, found.text, found.match)


def _decision(match: Contamination, drop: bool) -> Decision:
    if not drop:
        return Decision(match.method, match.verdict, {}, match)
    return Decision(match.method, match.verdict, match.model_dump(exclude={"method"}))


class _Found(Record):
    """What was found of one row."""

    match: Contamination
    """What the row holds."""
    drop: bool
    """Whether that drops it."""
    text: str
    """The problem."""


def _rows(results: Mapped) -> Iterator[_Found | None]:
    for batch in results.batches:
        for text in cast(list[str | None], batch.column("found").to_pylist()):
            yield None if text is None else _Found.model_validate_json(text)


class _Find(NamedTuple):
    """Looks up a batch of rows; in a process that has the rules, or gets them once."""

    shared: Shared[tuple[Rule, ...]] | None
    rules: tuple[Rule, ...]

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        rules = self.rules if self.shared is None else self.shared.get()
        problems = [Problem.model_validate(row) for row in batch.to_pylist()]
        found: list[str | None] = []
        for i in range(0, len(problems), _BATCH):
            some = problems[i : i + _BATCH]
            matches = zip(some, find(some, rules), strict=True)
            found += [_json(problem, *match) if match else None for problem, match in matches]
        return pa.record_batch({"found": pa.array(found, pa.string())})


def _json(problem: Problem, match: Contamination, drop: bool) -> str:
    return _Found(match=match, drop=drop, text=problem.text).model_dump_json()


def find(
    problems: Sequence[Problem], rules: Sequence[Rule]
) -> list[tuple[Contamination, bool] | None]:
    """Return what the rules find in each problem, and whether that drops it."""
    found: list[tuple[Contamination, bool] | None] = [None] * len(problems)
    for rule in rules:
        asked = [i for i, problem in enumerate(problems) if _concerns(rule, problem, found[i])]
        matches = rule.lookup([problems[i] for i in asked]) if asked else ()
        for i, match in zip(asked, matches, strict=True):
            if match is None:
                continue
            whole = Contamination(
                **match._asdict(), benchmark=match.item.partition(":")[0], method=rule.name
            )
            if found[i] is None or rule.drops(whole):
                found[i] = whole, rule.drops(whole)
    return found


def _concerns(rule: Rule, problem: Problem, found: tuple[Contamination, bool] | None) -> bool:
    dropped = found is not None and found[1]
    return not dropped and (rule.where is None or rule.where.matches(problem))
