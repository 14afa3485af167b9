"""What differs between two runs, as a person reads it."""

from collections import Counter
from collections.abc import Iterable, Mapping

from rich.table import Table

from potstill.books import Account
from potstill.cli.console import console as open_console
from potstill.report.diff import Diff, ResponseDiff, RowDiff, Side, StageDiff
from potstill.text.printable import printable


def show_diff(found: Diff, count: int) -> None:
    """Print what differs: stages, and at most `count` rows and as many responses."""
    console = open_console()
    if (books := _books(found.stages)).row_count:
        console.print(books)
    lines = [
        *(f"{stage.stage}: {clause}" for stage in found.stages for clause in stage.because),
        *_rows(found.rows(), count),
        *_responses(found.responses(), count),
    ]
    for line in lines or ["the runs do not differ"] * (not found.stages):
        console.print(printable(line), markup=False, soft_wrap=True)


def _books(stages: Iterable[StageDiff]) -> Table:
    table = Table(title="what differs in the books")
    for name in ("stage", "in", "kept", "by reason, ending or outcome"):
        table.add_column(name, justify="right" if name in ("in", "kept") else "left")
    for stage in stages:
        before = {account.name: account for account in stage.before or ()}
        after = {account.name: account for account in stage.after or ()}
        for name in before | after:
            old, new = before.get(name), after.get(name)
            if old != new and (stage.stage, name) != ("export", "rows"):
                title = stage.stage if name == "rows" else f"{stage.stage}: {name}"
                table.add_row(title, *_account(old, new))
    return table


def _account(old: Account | None, new: Account | None) -> tuple[str, str, str]:
    before = old.dropped | old.tally if old else {}
    after = new.dropped | new.tally if new else {}
    counts = (f"{name} {_was(before.get(name), after.get(name))}" for name in before | after)
    return (
        _was(old and old.entered, new and new.entered),
        _was(old and old.kept, new and new.kept),
        ", ".join(count for count in counts if "→" in count),
    )


def _was(old: int | None, new: int | None) -> str:
    was, now = (str(number or 0) for number in (old, new))
    return was if was == now else f"{was} → {now}"


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in counts.items())


def _rows(rows: Iterable[RowDiff], count: int) -> list[str]:
    shown: list[str] = []
    counts: Counter[str] = Counter()
    for row in rows:
        old, new = (fate.partition(" by ")[0] for fate in (row.before, row.after))
        counts[f"{old} → {new}"] += 1
        if len(shown) < count:
            shown.append(_row(row))
    return _section("rows", counts.total(), counts, shown)


def _row(row: RowDiff) -> str:
    notes = ["its text changed"] if row.text_changed else []
    if row.row_id_after not in (None, row.row_id):
        notes.append(f"now {row.row_id_after}")
    told = f" ({', '.join(notes)})" if notes else ""
    return f"{row.row_id}{told}: {row.before} → {row.after}"


def _responses(responses: Iterable[ResponseDiff], count: int) -> list[str]:
    """Return the section of the responses, those with another outcome first."""
    outcomes: list[str] = []
    others: list[str] = []
    counts: Counter[str] = Counter()
    total = 0
    for response in responses:
        total += 1
        counts.update(_kinds(response))
        shown = outcomes if "outcome" in response.changed else others
        if len(shown) < count:
            shown.append(_response(response))
    return _section("responses", total, counts, [*outcomes, *others][:count])


def _kinds(response: ResponseDiff) -> list[str]:
    before, after = response.before, response.after
    if before is None or after is None:
        return ["only in the second run" if before is None else "only in the first run"]
    outcome = f"outcome {before.outcome} → {after.outcome}"
    return [outcome if name == "outcome" else f"other {name}" for name in response.changed]


def _response(response: ResponseDiff) -> str:
    old, new = response.before, response.after
    if old is None or new is None:
        side, which = (old, "first") if new is None else (new, "second")
        told = [f"only in the {which} run: {_verdict(side)}" if side else ""]
    else:
        pairs = {
            "teacher": (old.teacher, new.teacher),
            "outcome": (_verdict(old), _verdict(new)),
            "destination": (old.destination, new.destination),
        }
        told = [f"{a} → {b}" for name, (a, b) in pairs.items() if name in response.changed]
        told = told or [f"other {' and '.join(response.changed)}, still {_verdict(new)}"]
    because = [f"because {', '.join(response.because)}"] if response.because else []
    return f"{response.row_id}: {'; '.join((*told, *because))}"


def _verdict(side: Side) -> str:
    judged = f"{side.outcome} ({side.verifier}: {side.reason})"
    return judged if side.verifier else side.outcome or "no verdict"


def _section(what: str, total: int, counts: Mapping[str, int], shown: list[str]) -> list[str]:
    if not total:
        return []
    more = f"  … {total - len(shown):,} more" if total > len(shown) else ""
    title = f"{what} that differ: {total:,} ({_counts(counts)})"
    return [title, *(f"  {line}" for line in shown), *filter(None, [more])]
