"""The columns that a condition may name, and their values in a row."""

from typing import Literal, NamedTuple, get_args

from potstill.records import UNUSABLE, Ending, Outcome, Problem, Reasoning, Sample

Kind = Literal["text", "number", "boolean"]
Value = str | int | float | bool | None


class Column(NamedTuple):
    """What a column holds."""

    kind: Kind
    """Type of its values; any column may be null."""
    doc: str
    """Meaning, as the documentation shows it."""
    values: tuple[str, ...] = ()
    """All that it may hold beside null, where that is a closed set."""


PROBLEM_COLUMNS: dict[str, Column] = {
    "source": Column("text", "Name of the source in the recipe."),
    "file": Column("text", "File in the source: its name, or its path below the folder."),
    "line": Column("number", "Line of a text file, or row of another one, from 1."),
    "row_id": Column("text", "`source:file:line`."),
    "problem_id": Column("text", "Hash of the problem's messages and tools."),
    "category": Column("text", "What kind of problem it is, such as `math`; null if unknown."),
    "language": Column("text", "`en`, `zh`, another ISO 639-1 code or `mixed`; null if unknown."),
    "has_reference": Column("boolean", "Whether the right answer is known."),
    "has_tests": Column("boolean", "Whether there are tests of a program that solves it."),
    "has_tools": Column("boolean", "Whether the prompt offers tools."),
    "license": Column("text", "Licence, as the source gives it; null if unknown."),
    "origin": Column("text", "Data set that its source has it from; null if unknown."),
    "contamination": Column(
        "text",
        "`suspect` where decontamination found what may be a benchmark's item, else `clean`.",
        ("clean", "suspect"),
    ),
}
"""The columns of a problem."""

COLUMNS: dict[str, Column] = PROBLEM_COLUMNS | {
    "teacher": Column("text", "Name of the model that answered."),
    "reasoning": Column(
        "text",
        "How the teacher was asked to think: `on`, `off` or `prompted`.",
        get_args(Reasoning),
    ),
    "sample": Column("number", "Which sample of this problem and teacher, from 0."),
    "round": Column("number", "Which round of the sample, from 0."),
    "ending": Column("text", "How the call ended, such as `ok` or `truncated`.", get_args(Ending)),
    "has_think": Column("boolean", "Whether the response holds thinking."),
    "has_tool_calls": Column("boolean", "Whether the response calls tools."),
    "prompt_tokens": Column("number", "Tokens of the prompt; null if not counted."),
    "completion_tokens": Column("number", "Tokens of thinking and answer; null if not counted."),
    "outcome": Column(
        "text", "`pass`, `fail` or `undecided`; null before the verify stage.", get_args(Outcome)
    ),
    "verifier": Column("text", "Whose verdict the outcome is; null where no verifier applied."),
    "reason": Column("text", "Its reason, such as `equal`, `different` or `timeout`."),
    "reference_unusable": Column(
        "boolean", "Whether a verifier could not use the problem's reference."
    ),
    "response_id": Column("text", "Hash that names the response."),
}
"""The columns of a sample: those of its problem, and its own."""

RESULT_COLUMNS: dict[str, Column] = COLUMNS | {
    "dropped_by": Column("text", "The rule that dropped it later; null where none did."),
    "dropped_reason": Column("text", "Why it was dropped, such as `truncated`."),
    "exported": Column("boolean", "Whether a dataset holds it; null before the export."),
}
"""The columns of a sample in a run: also where it went."""

DROPPED_COLUMNS: dict[str, Column] = {
    "stage": Column("text", "The stage that dropped the row."),
    "rule": Column("text", "The plug-in, or the stage's own rule, that dropped it."),
    "reason": Column("text", "Why, such as `duplicate`, `contaminated` or `not_json`."),
    "row_id": Column("text", "`source:file:line`."),
    "problem_id": Column("text", "Hash of the problem's messages and tools; null before it."),
    "response_id": Column("text", "Hash that names the response; null before there was one."),
}
"""The columns of a dropped row."""

Table = Literal["problem", "sample", "result", "dropped"]

TABLES: dict[Table, dict[str, Column]] = {
    "problem": PROBLEM_COLUMNS,
    "sample": COLUMNS,
    "result": RESULT_COLUMNS,
    "dropped": DROPPED_COLUMNS,
}
"""The columns that a condition may name, by what it is about."""


def problem_columns(problem: Problem) -> dict[str, Value]:
    """Return what a condition sees of a problem."""
    return {
        "source": problem.source,
        "file": problem.file,
        "line": problem.line,
        "row_id": problem.row_id,
        "problem_id": problem.id,
        "category": problem.category,
        "language": problem.language,
        "has_reference": problem.reference_answer is not None,
        "has_tests": bool(problem.tests),
        "has_tools": bool(problem.tools),
        "license": problem.license,
        "origin": problem.origin,
        "contamination": problem.contamination.verdict if problem.contamination else "clean",
    }


def sample_columns(sample: Sample) -> dict[str, Value]:
    """Return what a condition sees of a sample."""
    response, verdict = sample.response, sample.verdict
    return problem_columns(sample.problem) | {
        "teacher": response.teacher,
        "reasoning": response.reasoning,
        "sample": response.sample,
        "round": response.round,
        "ending": response.ending,
        "has_think": response.think is not None,
        "has_tool_calls": bool(response.tool_calls),
        "prompt_tokens": response.prompt_tokens,
        "completion_tokens": response.completion_tokens,
        "outcome": sample.outcome,
        "verifier": verdict.verifier if verdict else None,
        "reason": verdict.reason if verdict else None,
        "reference_unusable": any(each.reason == UNUSABLE for each in sample.verdicts),
        "response_id": response.id,
    }
