"""How many calls a recipe still has to make, counted against the journal; nothing is asked."""

from collections.abc import Generator, Iterable
from contextlib import contextmanager
from pathlib import Path

from pydantic import Field

from potstill.recipe import DistilSpec, TeacherSpec
from potstill.records import Problem, Record
from potstill.stages.collect import is_done
from potstill.stages.plan import requests_to
from potstill.storage.journal import Journal

BYTES_PER_TOKEN = 4.0
"""Of UTF-8, in a prompt. Measured with SmolLM2's tokenizer: 3.3 (SAT mathematics), 3.9 (GSM8K) to
5.3 (LSAT) in English; 1.6 to 1.8 in Chinese, for which it was not made."""


class TeacherPlan(Record):
    """What one teacher would be asked."""

    model: str
    """Its name."""
    at: str
    """Its address, or the local model."""
    calls: int
    """Calls that the recipe makes: problems × reasoning modes × samples."""
    journaled: int
    """Those of them that the journal holds the end of: they are not asked again."""
    to_ask: int = Field(ge=0)
    """Those that are left. Equal problems count each, though they are asked once."""
    most_completion_tokens: int
    """What they can cost at most: `to_ask` times the recipe's `max_tokens`."""
    prompt_characters: int
    """Characters of the prompts that are left to send."""
    estimated_prompt_tokens: int
    """An estimate: a token for four bytes."""


class _Count:
    """Adds up the calls to one teacher."""

    def __init__(self, teacher: TeacherSpec, spec: DistilSpec) -> None:
        self._teacher, self._spec = teacher, spec
        self._calls = self._journaled = self._characters = self._bytes = 0

    def take(self, problem: Problem, journal: Journal | None) -> None:
        for request in requests_to(self._teacher, problem, self._spec):
            self._calls += 1
            if journal is not None and is_done(journal, request):
                self._journaled += 1
            else:
                texts = [message.content for message in request.messages]
                self._characters += sum(map(len, texts))
                self._bytes += sum(len(text.encode()) for text in texts)

    def plan(self) -> TeacherPlan:
        to_ask = self._calls - self._journaled
        return TeacherPlan(
            model=self._teacher.model,
            at=self._teacher.base_url or self._teacher.local or "",
            calls=self._calls,
            journaled=self._journaled,
            to_ask=to_ask,
            most_completion_tokens=to_ask * self._teacher.sampling.max_tokens,
            prompt_characters=self._characters,
            estimated_prompt_tokens=round(self._bytes / BYTES_PER_TOKEN),
        )


def count_calls(
    problems: Iterable[Problem], spec: DistilSpec, path: Path
) -> tuple[TeacherPlan, ...]:
    """Return what each teacher would be asked.

    Args:
        problems: The problems that the teachers get.
        spec: What they are asked.
        path: The journal, which need not be there yet.

    Raises:
        StorageError: The journal can't be read.
    """
    counts = [_Count(teacher, spec) for teacher in spec.teachers]
    with _reading(path) as journal:
        for problem in problems:
            for count in counts:
                count.take(problem, journal)
    return tuple(count.plan() for count in counts)


@contextmanager
def _reading(path: Path) -> Generator[Journal | None]:
    if not path.exists():
        yield None  # opening it would make it
        return
    with Journal(path) as journal:
        yield journal
