"""The tables, fits and plan of `scale.md`, from the figures of `scale.json`.

python benchmarks/scale_report.py benchmarks/scale.json benchmarks/scale.md
"""

import json
import math
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from synthetic import Spec

PLANNED = (1_400_000, 2_600_000, 25_700_000)
_ENOUGH = 100_000
"""Smaller sizes are left out of fits: starting takes a good part of their time."""


class Run(NamedTuple):
    """The figures of one size."""

    rows: int
    """How many rows."""
    length: str
    """Of the problems."""
    response: int
    """Characters of the response to each row."""
    items: int
    """Of the benchmark."""
    engine: str
    """`local` or `ray`."""
    seconds: float
    """Of the whole command."""
    given_bytes: int
    """Of the rows to read."""
    most_bytes: int
    """On disk at most, besides them."""
    stages: dict[str, dict[str, float]]
    """Of each stage: `seconds` by its events, and `bytes` of what it leaves."""
    phases: dict[str, dict[str, float]]
    """Of each stage, and each rule that keeps a table: see `tree.Phase`."""
    found: dict[str, float | str]
    """What was found of what is planted."""

    @property
    def key(self) -> tuple[object, ...]:
        """What makes two runs the same measurement."""
        return self.rows, self.length, self.response, self.items, self.engine

    @property
    def kind(self) -> tuple[object, ...]:
        """What the sizes of one curve share."""
        return self.key[1:]

    def phase(self, name: str, figure: str) -> float:
        """Return a figure of a phase; 0 where the run was too short to see it."""
        return self.phases.get(name, {}).get(figure, 0.0)


class Needed(NamedTuple):
    """What a size takes."""

    seconds: float
    """With the making of its rows."""
    bytes: float
    """Of disk, with its rows."""


def predicted(runs: Sequence[Run], spec: Spec) -> Needed:
    """Return what a size will take, by the largest one so far of its kind, with a fifth more."""
    alike = [r for r in runs if (r.length, r.response) == (spec.length, spec.response)]
    if not alike:
        return Needed(0.0, 0.0)
    largest = max(alike, key=lambda run: run.rows)
    seconds = largest.seconds + largest.rows / 50_000
    factor = 1.2 * spec.rows / largest.rows
    return Needed(factor * seconds, factor * (largest.most_bytes + largest.given_bytes))


class Power(NamedTuple):
    """A figure as `scale` × rows ^ `exponent`."""

    scale: float
    exponent: float

    def __call__(self, rows: float) -> float:
        """Return the figure for so many rows."""
        return self.scale * rows**self.exponent


def fitted(rows: Sequence[float], figures: Sequence[float]) -> Power:
    """Return the least-squares line through the logarithms; through one point, in proportion."""
    pairs = [(math.log(r), math.log(f)) for r, f in zip(rows, figures, strict=True) if f > 0]
    if not pairs:
        return Power(0.0, 1.0)
    if len(pairs) == 1:
        return Power(math.exp(pairs[0][1] - pairs[0][0]), 1.0)
    exponent, constant = np.polyfit(*np.array(pairs).T, 1)
    return Power(math.exp(constant), float(exponent))


class Line(NamedTuple):
    """A figure as `fixed` + `each` × rows."""

    fixed: float
    each: float

    def __call__(self, rows: float) -> float:
        """Return the figure for so many rows."""
        return self.fixed + self.each * rows


def line(rows: Sequence[float], figures: Sequence[float]) -> Line:
    """Return the least-squares line; through one point, the constant."""
    if len(rows) == 1:
        return Line(figures[0], 0.0)
    each, fixed = np.polyfit(rows, figures, 1)
    return Line(float(fixed), float(each))


def report(runs: Sequence[Run], machine: dict[str, str | int]) -> Iterator[str]:
    """Yield the lines of `scale.md`."""
    yield "# Seconds, memory and disk against rows"
    yield ""
    yield (
        f"Measured by `python benchmarks/scale.py` on {machine['cores']} cores with "
        f"{machine['memory_gb']} GB, {machine['system']}; figures in [scale.json](scale.json)."
    )
    for kind in dict.fromkeys(run.kind for run in runs):
        curve = sorted(run for run in runs if run.kind == kind)
        yield from _curve(curve)
        yield from _fits(curve)
    yield from _plan(runs)


def _curve(curve: Sequence[Run]) -> Iterator[str]:
    first = curve[0]
    along = f" and responses of {first.response:,} characters" if first.response else ""
    yield ""
    yield f"## {first.length.capitalize()} rows{along}, engine `{first.engine}`"
    yield ""
    names = _phases(curve)
    yield "| rows | seconds | rows/s | " + " | ".join(f"{name}, µs a row" for name in names) + " |"
    yield "|--:" * (3 + len(names)) + "|"
    for run in curve:
        each = (f"{1e6 * run.phase(name, 'seconds') / run.rows:,.1f}" for name in names)
        yield (
            f"| {run.rows:,} | {run.seconds:,.0f} | {run.rows / run.seconds:,.0f} | "
            + " | ".join(each)
            + " |"
        )
    yield ""
    yield "| rows | CPU s | peak MB of all processes, by phase (without files mapped) | at most |"
    yield "|--:|--:|---|--:|"
    for run in curve:
        cpu = sum(run.phase(name, "cpu_s") for name in run.phases)
        peaks = "; ".join(f"{name} {run.phase(name, 'own_mb'):,.0f}" for name in names)
        most = max(run.phase(name, "rss_mb") for name in run.phases)
        yield f"| {run.rows:,} | {cpu:,.0f} | {peaks} | {most:,.0f} |"
    yield ""
    stages = [*curve[-1].stages]
    yield (
        "| rows | bytes a row: read | " + " | ".join(stages) + " | most on disk, without what is "
        "read | near found | repeats found | false | items found | false items |"
    )
    yield "|--:" * (8 + len(stages)) + "|"
    for run in curve:
        each = [f"{run.given_bytes / run.rows:,.0f}"]
        each += [f"{run.stages[name]['bytes'] / run.rows:,.0f}" for name in stages]
        each += [f"{run.most_bytes / run.rows:,.0f}"]
        each += [f"{run.found[k]:,} of {run.found[f'{k}_of']:,}" for k in ("near", "repeat")]
        each += [f"{run.found['false']:,}", f"{run.found['items']:,} of {run.found['items_of']:,}"]
        yield f"| {run.rows:,} | " + " | ".join(each) + f" | {run.found['false_items']:,} |"


def _phases(curve: Sequence[Run]) -> list[str]:
    return [name for name in curve[-1].phases if name != "start"]


def _fits(curve: Sequence[Run]) -> Iterator[str]:
    used = [run for run in curve if run.rows >= _ENOUGH] or curve
    if len(used) < 2:
        return
    rows = [float(run.rows) for run in used]
    yield ""
    yield "| phase | seconds grow as rows to the power | own memory, MB | bytes of memory a row |"
    yield "|---|--:|--:|--:|"
    for name in _phases(curve):
        seconds = fitted(rows, [run.phase(name, "seconds") for run in used])
        memory = line(rows, [run.phase(name, "own_mb") for run in used])
        yield (
            f"| {name} | {seconds.exponent:.2f} | {memory.fixed:,.0f} "
            f"| {memory.each * 2**20:,.0f} |"
        )


def _plan(runs: Sequence[Run]) -> Iterator[str]:
    """Yield the plan for rows as long as the published ones."""
    long = [run for run in runs if run.response]
    short = [run for run in runs if not run.response and run.rows >= _ENOUGH]
    if not (long and short):
        return
    measured = max(long, key=lambda run: run.rows)
    curve = [
        run for run in short if run.length == short[-1].length and run.engine == short[-1].engine
    ]
    yield ""
    yield "## Plan for rows of real length"
    yield ""
    yield (
        f"Of rows with a prompt of about 1,000 characters and a response of {measured.response:,}, "
        f"{measured.rows:,} were measured (above). The plan takes each phase's seconds a row from "
        f"there, times what the {curve[-1].length} rows show of its growth from {measured.rows:,} "
        "rows to the planned number (by the fitted power, where that is above 1); memory is that "
        "of the measured run plus the bytes a row of the fits, since what a set stage keeps of a "
        "row does not depend on its length; disk is bytes a row."
    )
    yield ""
    yield "| rows | hours | by phase, minutes | memory, GB | disk, GB, without what is read |"
    yield "|--:|--:|---|--:|--:|"
    for rows in PLANNED:
        minutes, memory = _planned(rows, measured, curve)
        told = "; ".join(f"{name} {value:,.0f}" for name, value in minutes.items())
        disk = measured.most_bytes / measured.rows * rows / 1e9
        hours = sum(minutes.values()) / 60
        yield f"| {rows:,} | {hours:,.1f} | {told} | {memory / 1024:,.1f} | {disk:,.0f} |"


def _planned(rows: int, measured: Run, curve: Sequence[Run]) -> tuple[dict[str, float], float]:
    """Return the minutes of each phase, and the most memory in MB."""
    sizes = [float(run.rows) for run in curve]
    minutes: dict[str, float] = {}
    most = 0.0
    for name in _phases([measured]):
        power = fitted(sizes, [run.phase(name, "seconds") for run in curve])
        growth = (rows / measured.rows) ** max(0.0, power.exponent - 1)
        minutes[name] = measured.phase(name, "seconds") / measured.rows * rows * growth / 60
        memory = line(sizes, [run.phase(name, "own_mb") for run in curve])
        more = max(0.0, memory.each) * (rows - measured.rows)
        most = max(most, measured.phase(name, "own_mb") + more)
    return minutes, most


def write_report(figures: Path, path: Path) -> None:
    """Write the report of a file of figures."""
    body = json.loads(figures.read_text())
    runs = [Run(**each) for each in body["runs"]]
    path.write_text("\n".join(report(runs, body["machine"])) + "\n")


if __name__ == "__main__":
    write_report(Path(sys.argv[1]), Path(sys.argv[2]))
