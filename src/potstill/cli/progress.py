"""How a run's events look: bars on a terminal, plain lines elsewhere."""

import sys
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager

import click
from pydantic import JsonValue
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)

from potstill.storage.events import Event, Listener

LINE_SECONDS = 10.0
"""Between two plain lines about the progress of one stage."""


@contextmanager
def listener() -> Generator[Listener]:
    """Yield what shows events on standard error."""
    if sys.stderr.isatty():
        with _Bars() as bars:
            yield bars
    else:
        yield _Lines()


def _text(event: Event) -> str | None:
    """Return an event as one line, or None where it is not worth one."""
    stage = event.get("stage")
    match event["event"]:
        case "run_started":
            return f"run directory {event['directory']}, journal {event['journal']}"
        case "stage_started":
            return f"{stage}: running ({event['why']})"
        case "stage_skipped":
            return f"{stage}: complete, not run again"
        case "stage_finished":
            return f"{stage}: {_accounts(event['accounts'])} in {event['seconds']} s"
        case "prompt":
            return f"first prompt to {event['model']}:\n{_prompt(event['messages'])}"
        case _:
            return None


def _prompt(messages: JsonValue) -> str:
    turns = messages if isinstance(messages, list) else []
    lines = [f"  [{m['role']}] {m['content']}" for m in turns if isinstance(m, dict)]
    return "\n".join(lines)


def _accounts(accounts: JsonValue) -> str:
    found = [a for a in accounts if isinstance(a, dict)] if isinstance(accounts, list) else []
    return "; ".join(
        f"{a['name']} {a['entered']} in, {a['kept']} kept{_counts(a['dropped'], ', dropped')}"
        for a in found
    )


def _counts(counts: JsonValue, title: str) -> str:
    if not isinstance(counts, Mapping) or not counts:
        return ""
    return f"{title} " + ", ".join(f"{name} {count}" for name, count in counts.items())


def _number(value: JsonValue) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


class _Lines:
    """Plain lines with the time, for logs."""

    def __init__(self) -> None:
        self._told: dict[str, float] = {}

    def __call__(self, event: Event) -> None:
        text = self._progress(event) if event["event"] == "progress" else _text(event)
        if text is not None:
            click.echo(f"{str(event['at'])[:19]} {text}", err=True)

    def _progress(self, event: Event) -> str | None:
        stage = str(event["stage"])
        now = time.monotonic()
        if now - self._told.setdefault(stage, now) < LINE_SECONDS:
            return None
        self._told[stage] = now
        return f"{stage}: {_describe(event)}"


def _describe(event: Event) -> str:
    of = f" of {event['total']}" if event.get("total") else ""
    text = f"{event['done']}{of}"
    if "in_flight" in event:
        text += f", {event['in_flight']} in flight, {event['completion_tokens']} tokens"
    return text + _counts(event.get("endings"), ";")


class _Bars:
    """One bar a stage; for distil also what is in flight, tokens a second and the endings."""

    def __init__(self) -> None:
        self._console = Console(stderr=True)
        self._progress = Progress(
            TextColumn("{task.description:>14}"),
            BarColumn(bar_width=30),
            MofNCompleteColumn(),
            TimeRemainingColumn(compact=True),
            TextColumn("{task.fields[note]}"),
            console=self._console,
        )
        self._bars: dict[str, tuple[TaskID, float]] = {}

    def __enter__(self) -> Listener:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def __call__(self, event: Event) -> None:
        stage = str(event.get("stage"))
        if event["event"] == "stage_started":
            bar = self._progress.add_task(stage, total=None, note="")
            self._bars[stage] = (bar, time.monotonic())
        if event["event"] == "progress":
            self._advance(stage, event)
        elif event["event"] == "stage_finished":
            self._progress.remove_task(self._bars.pop(stage)[0])
        if (text := _text(event)) is not None and event["event"] != "stage_started":
            self._console.print(text, markup=False, highlight=False)

    def _advance(self, stage: str, event: Event) -> None:
        bar, since = self._bars[stage]
        note = ""
        if "in_flight" in event:
            rate = _number(event["completion_tokens"]) / max(time.monotonic() - since, 0.1)
            endings = _counts(event["endings"], ";")
            note = f"{event['in_flight']} in flight, {rate:.0f} tokens/s{endings}"
        total = event.get("total")
        done = int(_number(event["done"]))
        self._progress.update(
            bar, completed=done, total=_number(total) if total else None, note=note
        )
