"""Which benchmarks a run's problems were compared with, and what was found."""

from collections.abc import Iterator
from typing import Any, cast

from potstill.decontaminate.benchmarks import NAMES
from potstill.report.markdown import code, escaped, table
from potstill.report.tables import Table

_HEAD = ("benchmark", "items", "which ones", "contaminated", "suspect")


def compared(totals: dict[str, int]) -> dict[str, int]:
    """Return how many items of each benchmark the problems were compared with."""
    found = (key.partition(":") for key in totals)
    return {name: totals[f"items:{name}"] for what, _, name in found if what == "items"}


def decontamination(stage: Table | None, rules: list[str]) -> Iterator[str]:
    """Yield the lines of a dataset's card about benchmarks.

    Args:
        stage: The stage decontaminate; None where it is off.
        rules: The stage's rules, a line each.
    """
    yield from ("## Decontamination", "")
    if stage is None:
        yield from ("**Off: the problems were compared with no benchmark.**", "")
        return
    totals = stage.manifest.totals
    items = compared(totals)
    if not items:
        text = "**None: no benchmark was at hand, so that the problems were compared with none.**"
        yield from (text, "")
    else:
        yield from (*rules, "")
        named = cast(dict[str, dict[str, Any]], stage.manifest.settings["benchmarks"])
        counts = (_counts(totals, name) for name in items)
        rows = (
            (code(name), items[name], _which(named.get(name)), *found)
            for name, found in zip(items, counts, strict=True)
        )
        yield from table(_HEAD, rows)
        yield from (_dropped(stage), "")
    if left := ", ".join(escaped(name) for name in NAMES if name not in items):
        yield from (f"Not compared with, of the benchmarks that potstill knows: {left}.", "")


def _counts(totals: dict[str, int], name: str) -> tuple[int, int]:
    return totals.get(f"contaminated:{name}", 0), totals.get(f"suspect:{name}", 0)


def _which(named: dict[str, Any] | None) -> str:
    if named is None:
        return "a file of the recipe"
    sha256 = f"sha256 {code(named['sha256'][:16])}"
    if named["hub"] is None:
        return f"a file that was added, {sha256}"
    return f"{escaped(named['hub'])}@{code(named['commit'][:12])}, {sha256}"


def _dropped(stage: Table) -> str:
    books = stage.manifest.accounts[0]
    found = sum(n for key, n in stage.manifest.totals.items() if key.startswith("suspect:"))
    kept = found - books.dropped.get("suspect", 0)
    tagged = f" {kept:,} suspect problems were kept, and tagged." if kept else ""
    return (
        f"Of {books.entered:,} problems, {sum(books.dropped.values()):,} were dropped.{tagged} A "
        "problem that holds items of several benchmarks counts for the nearest one."
    )
