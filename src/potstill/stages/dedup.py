"""Drop problems that repeat another one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pyarrow as pa
from pydantic import JsonValue

from potstill.engine.table import Results
from potstill.protocols import Dedup, Problems
from potstill.recipe.conditions import Condition
from potstill.records import Problem
from potstill.stages.tables import Decided, Decision, Tables

if TYPE_CHECKING:
    from numpy.typing import NDArray

_KEPT = -1

_Name = dict[str, Any]


class Rule(NamedTuple):
    """One deduplication of the recipe."""

    name: str
    where: Condition | None
    find: Dedup


def decide(tables: Tables, rules: Sequence[Rule]) -> Iterator[Decided]:
    """Apply the rules in order, each to what those before it left; yield what to drop, by shard.

    It takes 18 bytes a row, beside what the rules take.

    Args:
        tables: The rows.
        rules: What to apply.
    """
    drops = _Drops(tables.rows, [rule.name for rule in rules])
    for number, rule in enumerate(rules):
        chosen = drops.rule == _KEPT
        if rule.where is not None:
            asked = tables.all(f"where-{number}", f"{rule.name}: which rows")
            found = asked.map(_Where(rule.where), [*Problem.model_fields])
            chosen &= found.column("chosen").astype(np.bool_)
        table = tables.chosen(f"rule-{number}", rule.name, chosen)
        if len(table):
            drops.take(number, rule.find, table, np.flatnonzero(chosen))
    names = tables.all("names", "ids").map(_same, ["row_id", "reference_answer"])
    start = 0
    for shard in tables.shards:
        yield Decided(shard, drops.decisions(start, shard.rows, names))
        start += shard.rows


class _Drops:
    """Which rows are dropped, and why."""

    def __init__(self, rows: int, names: Sequence[str]) -> None:
        self._names = names
        self.rule = np.full(rows, _KEPT, dtype=np.int8)
        self._of = np.full(rows, -1, dtype=np.int64)
        self._similarity = np.zeros(rows)
        self._conflict = np.zeros(rows, dtype=np.bool_)

    def take(self, number: int, find: Dedup, problems: Problems, places: NDArray[np.int64]) -> None:
        """Take what a rule finds among problems that lie at these places of the whole table."""
        for found in find(problems):
            row = places[found.row]
            self.rule[row] = number
            self._of[row] = places[found.of]
            self._similarity[row] = found.similarity
            self._conflict[row] = found.reason == "reference_conflict"

    def decisions(self, start: int, rows: int, names: Results) -> dict[int, Decision]:
        """Return the decisions on some rows, by their places from `start` on."""
        dropped = np.flatnonzero(self.rule[start : start + rows] != _KEPT) + start
        of, own = names.rows(self._of[dropped]), names.rows(dropped)
        return {
            row - start: self._decision(row, *both)
            for row, *both in zip(dropped.tolist(), own, of, strict=True)
        }

    def _decision(self, row: int, own: _Name, of: _Name) -> Decision:
        evidence: dict[str, JsonValue] = {
            "of": of["row_id"],
            "similarity": round(float(self._similarity[row]), 4),
        }
        rule, reason = self._names[int(self.rule[row])], "duplicate"
        if self._conflict[row]:
            reason = "reference_conflict"
            evidence["reference"] = own["reference_answer"]
            evidence["reference_of"] = of["reference_answer"]
        return Decision(rule, reason, evidence)


class _Where(NamedTuple):
    """Says of each row whether a condition holds."""

    condition: Condition

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        rows = map(Problem.model_validate, batch.to_pylist())
        chosen = pa.array([self.condition.matches(row) for row in rows], pa.bool_())
        return pa.record_batch({"chosen": chosen})


def _same(batch: pa.RecordBatch) -> pa.RecordBatch:
    return batch
