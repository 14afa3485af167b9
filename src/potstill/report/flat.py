"""Rows of a run as a flat table: the columns that a condition may name, and the texts."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from pydantic import JsonValue

from potstill.recipe.columns import TABLES, Table, Value, problem_columns, sample_columns
from potstill.records import Dropped, Label, Message, Problem, Sample, to_json
from potstill.report.destinations import Destination

if TYPE_CHECKING:
    import pyarrow as pa


class Text(NamedTuple):
    """A column that is there to be read; conditions don't name it."""

    kind: str
    """`text`, `json` (as text), `names` (a list of texts), `messages` or `labels` (of records)."""
    doc: str
    """Meaning."""


_PROBLEM_TEXTS = {
    "problem": Text("text", "The last user turn."),
    "messages": Text("messages", "The whole prompt, as the source has it."),
    "tools": Text("json", "The functions that the prompt offers; null where there are none."),
    "reference_answer": Text("text", "The right answer, as its source gives it; null if unknown."),
    "labels": Text("labels", "What labelers said of it."),
    "extra": Text("json", "The source's other columns."),
}
_RESULT_TEXTS = _PROBLEM_TEXTS | {
    "think": Text("text", "The thinking, without its tags; null where there is none."),
    "answer": Text("text", "What follows the thinking."),
    "tool_calls": Text("json", "The tools that the response calls; null where there are none."),
    "evidence": Text("json", "What the verifier compared, and how; null where none applied."),
    "datasets": Text("names", "The datasets that hold it; null before the export."),
}
TEXTS: dict[Table, dict[str, Text]] = {
    "problem": _PROBLEM_TEXTS,
    "result": _RESULT_TEXTS,
    "dropped": {
        "evidence": Text("json", "What shows that the reason holds."),
        "row": Text("text", "The row: a record as JSON, or the source's text."),
    },
}
"""The columns that a table has beside those of `recipe.columns.TABLES`."""


def columns(row: Problem | Sample | Dropped, to: Destination) -> dict[str, Value]:
    """Return what a condition sees of a row of a run."""
    if isinstance(row, Dropped):
        fields = row.model_dump()
        return {name: fields[name] for name in TABLES["dropped"]}
    if isinstance(row, Problem):
        return problem_columns(row)
    return sample_columns(row) | {
        "dropped_by": to.dropped.rule if to.dropped else None,
        "dropped_reason": to.dropped.reason if to.dropped else None,
        "exported": None if to.datasets is None and to.dropped is None else bool(to.datasets),
    }


def flat(row: Problem | Sample | Dropped, to: Destination) -> dict[str, Any]:
    """Return a row of a run as one row of its table: `columns`, and the texts."""
    return {**columns(row, to), **_texts(row, to)}


def _texts(row: Problem | Sample | Dropped, to: Destination) -> Mapping[str, object]:
    if isinstance(row, Dropped):
        return {"evidence": to_json(row.evidence), "row": row.row}
    if isinstance(row, Problem):
        return {
            "problem": row.text,
            "messages": [message.model_dump() for message in row.messages],
            "tools": _listed(row.tools),
            "reference_answer": row.reference_answer,
            "labels": [label.model_dump() for label in row.labels],
            "extra": to_json(row.extra),
        }
    verdict = row.verdict
    return {
        **_texts(row.problem, to),
        "think": row.response.think,
        "answer": row.response.answer,
        "tool_calls": _listed(row.response.tool_calls),
        "evidence": to_json(verdict.evidence) if verdict else None,
        "datasets": to.datasets,
    }


def _listed(values: Sequence[JsonValue]) -> str | None:
    return to_json([*values]) if values else None


def flat_schema(table: Table) -> "pa.Schema":
    """Return the Arrow schema of a table of `flat` rows; each field says what it holds."""
    import pyarrow as pa

    from potstill.storage.schema import arrow_schema

    types = {
        "text": pa.string(),
        "json": pa.string(),
        "number": pa.int64(),
        "boolean": pa.bool_(),
        "names": pa.list_(pa.string()),
        "messages": pa.list_(pa.struct(arrow_schema(Message))),
        "labels": pa.list_(pa.struct(arrow_schema(Label))),
    }
    found = (TABLES[table] | TEXTS[table]).items()
    return pa.schema([pa.field(name, types[c.kind], metadata={"doc": c.doc}) for name, c in found])
