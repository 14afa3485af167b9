"""Rows as a person reads them: formulas left as they are, long thinking folded."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from pydantic import JsonValue
from rich.console import Console
from rich.text import Text

from potstill.cli.text import count_words, fold, wrap
from potstill.models.chat import call_text, tool_text
from potstill.records import Dropped, Message, Problem, Response, Sample, Verdict, to_json
from potstill.text.printable import printable

WIDEST = 100
"""Cells of a line: longer ones are hard to read."""
COLOURS = {"pass": "green", "fail": "red", "undecided": "yellow"}


class _Fold(NamedTuple):
    first: int
    last: int


_THINK, _TEXT = _Fold(4, 3), _Fold(30, 8)


def show_sample(
    console: Console,
    sample: Sample,
    *,
    full: bool = False,
    prompt: Sequence[Message] | None = None,
    note: str = "",
) -> None:
    """Print a sample: the prompt, the thinking, the answer, the reference and the verdicts.

    Args:
        console: Where to.
        sample: The sample.
        full: Whether long texts are shown whole.
        prompt: The messages as they were sent; the problem's own by default.
        note: Where the sample ended, in one line.
    """
    page, response = _Page(console, full), sample.response
    page.title(sample.problem.row_id, sample.outcome or "")
    page.line(_call(response))
    page.tools(sample.problem)
    page.messages(sample.problem.messages if prompt is None else prompt)
    if response.think is not None:
        page.text("think", response.think, _THINK)
    if response.answer or not response.tool_calls:
        page.text("answer", response.answer or "(empty)")
    page.calls(response)
    if sample.problem.reference_answer is not None:
        page.text("reference", sample.problem.reference_answer)
    for verdict in sample.verdicts:
        page.verdict(verdict)
    page.end(note)


def show_problem(console: Console, problem: Problem, *, full: bool = False, note: str = "") -> None:
    """Print a problem: the prompt, the reference, and what else is known of it."""
    page = _Page(console, full)
    page.title(problem.row_id)
    known = (problem.category, problem.language, f"problem {problem.id[:12]}")
    page.line(" · ".join(filter(None, known)))
    page.tools(problem)
    page.messages(problem.messages)
    if problem.reference_answer is not None:
        page.text("reference", problem.reference_answer)
    page.end(note)


def show_dropped(console: Console, dropped: Dropped, *, full: bool = False) -> None:
    """Print a dropped row, and by which rule, for what reason and on what evidence."""
    page = _Page(console, full)
    match _record(dropped):
        case Sample() as sample:
            show_sample(console, sample, full=full)
        case Problem() as problem:
            show_problem(console, problem, full=full)
        case text:
            page.title(dropped.row_id)
            page.text("row", text)
    page.label("dropped", f"by {dropped.stage}: {dropped.rule}: {dropped.reason}", "red")
    page.evidence(dropped.evidence)


def _record(dropped: Dropped) -> Sample | Problem | str:
    """Return what was dropped; the source's text where the row never became a problem."""
    if dropped.stage == "gather" or not dropped.row:
        return dropped.row
    record = Sample if dropped.response_id is not None else Problem
    return record.model_validate_json(dropped.row)


def _call(response: Response) -> str:
    used = (response.prompt_tokens, response.completion_tokens)
    tokens = "{} tokens in, {} out".format(*("?" if n is None else f"{n:,}" for n in used))
    return " · ".join(
        (
            *filter(None, [response.teacher]),
            f"reasoning {response.reasoning}",
            f"sample {response.sample}",
            f"ended {response.ending}",
            *([] if used == (None, None) else [tokens]),
            f"response {response.id[:12]}",
        )
    )


class _Page(NamedTuple):
    """Prints the parts of one row."""

    console: Console
    full: bool

    @property
    def width(self) -> int:
        return min(self.console.width, WIDEST)

    def title(self, row_id: str, outcome: str = "") -> None:
        text = Text(printable(row_id), "bold")
        if outcome:
            text.append(f"  {outcome}", COLOURS[outcome])
        self._print(text)

    def line(self, text: str) -> None:
        self._print_all(wrap(text, self.width), "dim")

    def messages(self, messages: Sequence[Message]) -> None:
        for message in messages:
            if message.content or not message.tool_calls:
                self.text(" ".join(filter(None, (message.role, message.name))), message.content)
            self.calls(message)

    def tools(self, problem: Problem) -> None:
        if problem.tools:
            self.text("tools", "\n".join(map(tool_text, problem.tools)))

    def calls(self, turn: Message | Response) -> None:
        if turn.tool_calls:
            self.text("tool calls", "\n".join(map(call_text, turn.tool_calls)))

    def text(self, label: str, text: str, limits: _Fold = _TEXT) -> None:
        self._print(Text(printable(label), "bold cyan"))
        lines = list(wrap(text.strip("\n"), self.width - 2))
        if not self.full:
            lines = fold(lines, count_words(text), first=limits.first, last=limits.last)
        self._print_all(f"  {line}".rstrip() for line in lines)

    def verdict(self, verdict: Verdict) -> None:
        text = f"{verdict.outcome} by {verdict.verifier}: {verdict.reason}"
        self.label("verdict", text, COLOURS[verdict.outcome])
        self.evidence(verdict.evidence)

    def label(self, name: str, text: str, style: str = "") -> None:
        first, *rest = wrap(text, self.width - len(name) - 2)
        self._print(Text(f"{name}  ", "bold cyan").append(first, style))
        self._print_all((f"{'':{len(name) + 2}}{line}" for line in rest), style)

    def evidence(self, evidence: Mapping[str, JsonValue]) -> None:
        for name, value in evidence.items():
            text = value if isinstance(value, str) else to_json(value)
            first, *rest = wrap(f"{name}: {text}", self.width - 4)
            self._print_all((f"  {first}", *(f"    {line}" for line in rest)), "dim")

    def end(self, note: str) -> None:
        if note:
            self._print_all(wrap(note, self.width), "italic")

    def _print_all(self, lines: Iterable[str], style: str = "") -> None:
        for line in lines:
            self._print(Text(line, style))

    def _print(self, text: Text) -> None:
        self.console.print(text, soft_wrap=True)
