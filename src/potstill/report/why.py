"""What became of one row: its way through the stages, with every reason and piece of evidence."""

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from pydantic import JsonValue

from potstill.errors import InputError
from potstill.models.requests import Request
from potstill.recipe import read_dumped
from potstill.records import ANSWERED, Dropped, Label, Problem, Record, Sample, to_json
from potstill.report.tables import Table, find_journal, tables
from potstill.report.turns import prompt_details, response_details
from potstill.stages.plan import requests
from potstill.storage.journal import Entry, Journal
from potstill.text.printable import printable


class Step(Record):
    """What one stage did with the row, or with one response to it."""

    stage: str
    """The stage."""
    text: str
    """What happened, in one line."""
    details: dict[str, str] = {}
    """Prompts, answers and evidence, by name."""

    def lines(self) -> Iterator[str]:
        """Yield the lines that tell it, safe for a terminal."""
        yield f"{self.stage:>14}  {printable(self.text)}"
        for name, text in self.details.items():
            first, *more = map(printable, text.splitlines() or [""])
            if text:
                yield f"{'':>16}{printable(name)}: {first}"
                yield from (f"{'':>18}{line}" for line in more)


class Story(Record):
    """A row's way, as far as it came."""

    row_id: str
    """The row."""
    steps: tuple[Step, ...]
    """What happened to it, in order."""

    def __str__(self) -> str:
        """Return the story as a person reads it, with nothing in it that could drive a terminal."""
        steps = (line for step in self.steps for line in step.lines())
        return "\n".join([printable(self.row_id), *steps])


class _Wanted(NamedTuple):
    """What is asked for: rows, and one response to them or all."""

    rows: list[str]
    response: str | None = None

    def has(self, response: str | None) -> bool:
        return self.response in (None, response)


def why(directory: Path, wanted: str) -> list[Story]:
    """Tell the story of a row, a problem or a response.

    Args:
        directory: The run directory.
        wanted: The id of a row, a problem or a response, a unique beginning of one, or the unique
            end of a row's, such as `problems.jsonl:5`.

    Returns:
        One story, or one for each row that holds the same problem.

    Raises:
        InputError: Nothing in the run has that id, or several things do.
        StorageError: A part, a manifest or the journal is damaged.
    """
    stages = tables(directory)
    if not stages:
        raise InputError(f"{directory} holds no run with a complete stage")
    found = _resolve(stages, wanted)
    return [Story(row_id=row, steps=tuple(_steps(stages, row, found))) for row in found.rows]


def _resolve(stages: Sequence[Table], wanted: str) -> _Wanted:
    gather = stages[0]
    found: dict[str, _Wanted] = {}
    for row in (*gather.find_problems("row_id", wanted), *gather.find_dropped(wanted)):
        found[row.row_id] = _Wanted([row.row_id])
    for problem in gather.find_problems("id", wanted):
        found.setdefault(problem.id, _Wanted([])).rows.append(problem.row_id)
    for table in stages:
        if table.stage in ("distil", "responses"):
            for sample in table.find_samples("response.id", wanted):
                found[sample.response.id] = _Wanted([sample.problem.row_id], sample.response.id)
    if wanted in found:
        return found[wanted]
    if not found:
        found = {row: _Wanted([row]) for row in gather.row_ids(wanted)}
    if not found:
        raise InputError(
            f"no row, problem or response has an id that begins with {wanted!r}, nor a row one "
            "that ends with it"
        )
    if len(found) > 1:
        some = ", ".join(sorted(found)[:5])
        raise InputError(f"{len(found)} ids are like {wanted!r}; give more of one: {some} …")
    return next(iter(found.values()))


def _steps(stages: Sequence[Table], row_id: str, wanted: _Wanted) -> Iterator[Step]:
    problem: Problem | None = None
    for table in stages:
        drops = [
            d
            for d in table.find_dropped(row_id)
            if d.row_id == row_id and wanted.has(d.response_id)
        ]
        if table.manifest.rows == "problem":
            if drops and table.stage != "label":  # which only notes there what failed
                yield _dropped(drops[0])
                return
            problem = next(p for p in table.find_problems("row_id", row_id) if p.row_id == row_id)
            yield _passed(table.stage, problem, drops)
            continue
        samples = [
            s
            for s in table.find_samples("problem.row_id", row_id)
            if s.problem.row_id == row_id and wanted.has(s.response.id)
        ]
        yield from _SAMPLE_STEPS[table.stage](table, samples, drops)


def _passed(stage: str, problem: Problem, notes: Sequence[Dropped]) -> Step:
    if stage == "gather":
        return _gathered(problem)
    if stage == "label":
        return _labelled(problem, notes)
    return Step(stage=stage, text="kept")


def _gathered(problem: Problem) -> Step:
    details = prompt_details(problem)
    for name in ("reference_answer", "category", "language"):
        if (value := getattr(problem, name)) is not None:
            details[name.replace("_", " ")] = value
    return Step(
        stage="gather",
        text=f"read from {problem.file} line {problem.line} as problem {problem.id}",
        details=details,
    )


def _labelled(problem: Problem, failures: Sequence[Dropped]) -> Step:
    told = [_told(label) for label in problem.labels]
    failed = [f"{row.rule} failed" for row in failures]
    details = {row.rule: _text(row.evidence["detail"]) for row in failures}
    return Step(stage="label", text=", ".join([*told, *failed]) or "no label", details=details)


def _told(label: Label) -> str:
    sure = "" if label.confidence is None else f" ({label.confidence:.2f})"
    return f"{label.name} {label.value} by {label.origin}{sure}"


def _dropped(row: Dropped) -> Step:
    of = f"response {row.response_id} " if row.response_id else ""
    details = {name: _text(value) for name, value in row.evidence.items()}
    if row.stage == "gather":
        details["row"] = row.row
    return Step(stage=row.stage, text=f"{of}dropped by {row.rule}: {row.reason}", details=details)


def _text(value: JsonValue) -> str:
    return value if isinstance(value, str) else to_json(value)


def _distilled(table: Table, samples: Sequence[Sample], drops: Sequence[Dropped]) -> Iterator[Step]:
    journal_of_run = find_journal(table.folder.parent)
    if journal_of_run is None:  # the run was moved away from its journal
        yield from (_answered(sample, None) for sample in samples)
    else:
        with Journal(journal_of_run) as journal:
            for sample in samples:
                yield _answered(sample, journal.get(sample.response.call))
            if problem := _problem(samples, drops):
                yield from _not_answered(table, problem, journal)
    yield from map(_dropped, drops)


def _brought(table: Table, samples: Sequence[Sample], drops: Sequence[Dropped]) -> Iterator[Step]:
    for sample in samples:
        response = sample.response
        text = f"response {response.id} came with the row"
        yield Step(stage="responses", text=text, details=response_details(response))
    yield from map(_dropped, drops)


def _problem(samples: Sequence[Sample], drops: Sequence[Dropped]) -> Problem | None:
    if samples:
        return samples[0].problem
    return Problem.model_validate_json(drops[0].row) if drops else None


def _not_answered(table: Table, problem: Problem, journal: Journal) -> Iterator[Step]:
    if not table.manifest.account("calls").dropped:
        return
    spec = read_dumped(table.folder.parent / "recipe.yaml").distil
    for request in requests(problem, spec) if spec else ():
        entry = journal.get(request.key)
        if entry is None or entry.ending not in ANSWERED:
            yield _unanswered(request, entry)


def _answered(sample: Sample, entry: Entry | None) -> Step:
    response = sample.response
    return Step(
        stage="distil",
        text=f"{response.teacher} answered sample {response.sample} ({response.ending}, "
        f"{response.completion_tokens} tokens) as response {response.id}",
        details=_sent(entry) | response_details(response),
    )


def _unanswered(request: Request, entry: Entry | None) -> Step:
    ending = entry.ending if entry else "not asked"
    return Step(
        stage="distil",
        text=f"{request.model} gave no answer to sample {request.sample}: {ending}",
        details=_sent(entry),
    )


def _sent(entry: Entry | None) -> dict[str, str]:
    if entry is None:
        return {}
    tries = [f"{a.at} {a.ending} {a.detail}".rstrip() for a in entry.attempts]
    return {
        "sent": json.dumps(json.loads(entry.request), ensure_ascii=False),
        "attempts": "\n".join(tries),
    }


def _verified(table: Table, samples: Sequence[Sample], drops: Sequence[Dropped]) -> Iterator[Step]:
    for sample in samples:
        if not sample.verdicts:
            text = f"response {sample.response.id}: {sample.outcome}, no verifier applies"
            yield Step(stage="verify", text=text)
        for v in sample.verdicts:
            yield Step(
                stage="verify",
                text=f"response {sample.response.id}: {v.outcome} by {v.verifier}: {v.reason}",
                details={name: _text(value) for name, value in v.evidence.items()},
            )


def _filtered(table: Table, samples: Sequence[Sample], drops: Sequence[Dropped]) -> Iterator[Step]:
    yield from map(_dropped, drops)
    for sample in samples:
        yield Step(stage="filter", text=f"response {sample.response.id} kept")


def _exported(table: Table, samples: Sequence[Sample], drops: Sequence[Dropped]) -> Iterator[Step]:
    refused = {(drop.response_id, drop.rule) for drop in drops}
    for drop in drops:
        text = f"response {drop.response_id} not in {drop.rule}: {drop.reason}"
        details = {name: _text(value) for name, value in drop.evidence.items()}
        yield Step(stage="export", text=text, details=details)
    for sample in samples:
        for account in table.manifest.accounts[1:]:
            if (sample.response.id, account.name) not in refused:
                text = f"response {sample.response.id} written to {account.name}"
                yield Step(stage="export", text=text)


_SAMPLE_STEPS: dict[str, Callable[[Table, Sequence[Sample], Sequence[Dropped]], Iterator[Step]]] = {
    "distil": _distilled,
    "responses": _brought,
    "verify": _verified,
    "filter": _filtered,
    "export": _exported,
}
