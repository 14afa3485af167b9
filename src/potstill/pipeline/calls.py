"""How many calls a recipe still has to make, counted against the journal; nothing is asked."""

from collections.abc import Generator, Iterable
from contextlib import contextmanager
from pathlib import Path

from pydantic import Field

from potstill.models.money import Usage, cost
from potstill.models.tokens import estimate
from potstill.recipe import DistilSpec, TeacherSpec
from potstill.records import Message, Problem, Record
from potstill.stages.collect import is_done
from potstill.stages.plan import requests_to
from potstill.storage.journal import Journal


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
    """An estimate, by the kinds of characters: see `models.tokens.estimate`."""
    most_usd: float | None
    """What they can cost at most, with that estimate; None where the recipe has no prices."""


class _Count:
    """Adds up the calls to one teacher."""

    def __init__(self, teacher: TeacherSpec, spec: DistilSpec) -> None:
        self._teacher, self._spec = teacher, spec
        self._calls = self._journaled = self._characters = self._tokens = 0

    def take(self, problem: Problem, journal: Journal | None) -> None:
        known: tuple[Message, ...] = ()
        characters = tokens = 0
        for request in requests_to(self._teacher, problem, self._spec):
            self._calls += 1
            if journal is not None and is_done(journal, request, self._teacher.policies):
                self._journaled += 1
                continue
            if request.messages != known:  # the samples of a prompt share it
                known = request.messages
                characters = sum(len(message.content) for message in known)
                tokens = sum(estimate(message.content) for message in known)
            self._characters += characters
            self._tokens += tokens

    def plan(self) -> TeacherPlan:
        teacher, to_ask = self._teacher, self._calls - self._journaled
        most = Usage(self._tokens, to_ask * teacher.sampling.max_tokens)
        return TeacherPlan(
            model=teacher.model,
            at=", ".join(place.base_url for place in teacher.places()) or teacher.local or "",
            calls=self._calls,
            journaled=self._journaled,
            to_ask=to_ask,
            most_completion_tokens=most.completion,
            prompt_characters=self._characters,
            estimated_prompt_tokens=most.prompt,
            most_usd=None if teacher.prices is None else float(cost(most, teacher.prices)),
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
    with reading(path) as journal:
        for problem in problems:
            for count in counts:
                count.take(problem, journal)
    return tuple(count.plan() for count in counts)


@contextmanager
def reading(path: Path) -> Generator[Journal | None]:
    """Open a journal to look into it; None where there is none yet, as opening would make it."""
    if not path.exists():
        yield None
        return
    with Journal(path) as journal:
        yield journal
