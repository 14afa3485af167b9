"""The rows of a stage alone, as files with the input's columns."""

import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from pydantic import JsonValue

from potstill.records import Dropped, Problem, Sample
from potstill.report.confusion import label_of
from potstill.report.tables import Table
from potstill.stages.verify import NO_VERIFIER
from potstill.storage.rows import RowWriter

_Row = dict[str, JsonValue]


def write_output(
    made: Sequence[Table],
    output: Path | None,
    dropped: Path | None,
    *,
    expected: str | None = None,
) -> None:
    """Write what the last stage kept, and what all of them dropped.

    Args:
        made: The complete stages, in order.
        output: The file for the kept rows; None for JSON Lines on standard output.
        dropped: The file for the dropped ones; None for none.
        expected: The column of labels, which verified rows have as `expected`, too.

    Raises:
        StorageError: A file can't be written.
    """
    if output is None:
        for row in _kept(made[-1], expected):
            sys.stdout.write(json.dumps(row, ensure_ascii=False) + "\n")
        sys.stdout.flush()
    else:
        _fill(output, _kept(made[-1], expected))
    if dropped is not None:
        # A column of a table has one type; in JSON, evidence and rows are what they are.
        flat = dropped.suffix == ".parquet"
        _fill(dropped, (_drop(row, flat=flat) for table in made for row in table.dropped()))


def _fill(path: Path, rows: Iterator[_Row]) -> None:
    writer = RowWriter(path)
    try:
        for row in rows:
            writer.write(row)
        writer.close()
    finally:
        writer.abandon()


def _drop(dropped: Dropped, *, flat: bool) -> _Row:
    """Return a dropped row: where it was, why it was dropped, and its own columns."""
    row: _Row = {name: getattr(dropped, name) for name in ("row_id", "stage", "rule", "reason")}
    row["evidence"] = _text(dropped.evidence) if flat else dropped.evidence
    columns = _columns(dropped)
    row["row"] = _text(columns) if flat else columns
    return row


def _text(value: JsonValue) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _columns(dropped: Dropped) -> JsonValue:
    """Return the input's columns, or its text where it was no row."""
    if dropped.problem_id is None:
        return dropped.row
    if dropped.response_id is not None:
        return Sample.model_validate_json(dropped.row).problem.extra
    return Problem.model_validate_json(dropped.row).extra


def _kept(table: Table, expected: str | None) -> Iterator[_Row]:
    if table.stage == "export":
        for file in sorted(table.folder.glob("*/jsonl/*.jsonl")):
            with file.open(encoding="utf-8") as lines:
                yield from map(json.loads, lines)
        return
    for row in table.rows():
        if isinstance(row, Sample):
            columns = _COLUMNS[table.stage](row)
            if expected is not None:
                columns.setdefault("expected", label_of(row, expected))
            yield columns
        else:
            yield _problem(table.stage, row)


def _problem(stage: str, problem: Problem) -> _Row:
    if stage != "label":
        return problem.extra
    values: _Row = {label.name: label.value for label in problem.labels}
    for field in values.keys() & {"category", "language"}:  # the source's own may stand
        values[field] = getattr(problem, field)
    labels: list[JsonValue] = [label.model_dump() for label in problem.labels]
    values["labels"] = labels
    return problem.extra | values


def _answered(sample: Sample) -> _Row:
    response = sample.response
    text = response.answer
    if response.think is not None:
        text = f"<think>\n{response.think}\n</think>\n\n{text}"
    own = ("teacher", "reasoning", "sample", "ending", "prompt_tokens", "completion_tokens")
    columns: _Row = {name: getattr(response, name) for name in own}
    if response.tool_calls:
        columns["tool_calls"] = [*response.tool_calls]
    return sample.problem.extra | {"response": text} | columns


def _tagged(sample: Sample) -> _Row:
    verdict = sample.verdict
    return sample.problem.extra | {
        "outcome": sample.outcome,
        "reason": verdict.reason if verdict else NO_VERIFIER,
        "verifier": verdict.verifier if verdict else None,
    }


def _untouched(sample: Sample) -> _Row:
    return sample.problem.extra


_COLUMNS = {"distil": _answered, "verify": _tagged, "filter": _untouched}
