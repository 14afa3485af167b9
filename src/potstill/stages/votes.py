"""Ask models questions about rows: each call journaled, the answers brought together by question.

Whatever a stage wants to know of a row, it puts into a prompt; what the answers mean is its own
matter. The calls are those of distil: at the endpoints' pace, within the budget, none paid twice.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from potstill.models.budget import Budget
from potstill.models.endpoints import Sites
from potstill.recipe import DistilSpec
from potstill.records import Dropped, Message, Problem, Response, Sample, content_hash
from potstill.stages.distil import distil
from potstill.stages.io import StageIO
from potstill.storage.journal import Journal

Vote = TypeVar("Vote")

_SEEN = {"source", "file", "line", "category", "language", "license", "origins"}
"""Fields of a row that its question shares, beside its number and its prompt."""


class Question(NamedTuple):
    """What is asked about a row."""

    text: str
    """The prompt."""
    about: Problem | None = None
    """The row's problem, whose columns the conditions of teachers see."""


Take = Callable[[Problem, list[Response]], None]
"""Is given each question, as a problem, with the answers to it, in the order of the questions."""


class Models(NamedTuple):
    """Whom to ask, and where the answers are kept."""

    spec: DistilSpec
    """The models, and how often each is asked."""
    journal: Journal
    """Where answers are kept."""
    sites: Sites | None = None
    """The limits of the endpoints, where other stages ask them too."""
    budget: Budget | None = None
    """What may be spent, and for which run."""

    def ask(
        self,
        io: StageIO[Any, Any],
        name: str,
        questions: Callable[[], Iterable[Question]],
        take: Take,
    ) -> None:
        """Ask every question that the journal lacks the answers to, then pass all of them on.

        Calls, and tokens as `NAME_prompt_tokens` and `NAME_completion_tokens`, go into the stage's
        books. A call that may still be answered counts as `unanswered`, so that the stage is done
        again by the next run.

        Args:
            io: The stage, for its progress, pause and books.
            name: Who asks, in the books and in the stage's scratch folder.
            questions: Opens the questions; they are read several times, and never all held.
            take: Takes each question and its answers, none where no model gave one.

        Raises:
            EndpointError: An endpoint refuses every call.
            Paused: Somebody asked the run to stop, or the budget is spent.
        """

        def problems(start: int = 0) -> Iterator[Problem]:
            numbered = enumerate(questions())
            return (_problem(number, each) for number, each in islice(numbered, start, None))

        replies = _Replies(take)
        asking: StageIO[Problem, Sample] = StageIO(
            io.stage,
            problems,
            kept=replies,
            dropped=replies,
            folder=_made(io.folder / "scratch" / name),
            events=io.events,
            pause=io.pause,
            total=sum(1 for _ in questions()),
            identity=content_hash([io.identity, name]),
        )
        distil(asking, self.spec, self.journal, sites=self.sites, budget=self.budget)
        replies.close()
        _book(io, name, asking)


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _problem(number: int, question: Question) -> Problem:
    messages = (Message(role="user", content=question.text),)
    if question.about is None:
        return Problem(source="", file="", line=1, row_id=str(number), messages=messages)
    about = question.about.model_dump(include=_SEEN)
    return Problem.model_validate({**about, "row_id": str(number), "messages": messages})


def _book(io: StageIO[Any, Any], name: str, asked: StageIO[Problem, Sample]) -> None:
    calls = [each for each in asked.balance() if each.name == "calls"]
    totals = Counter(asked.totals)
    unanswered = totals.pop("unanswered", 0)
    io.add(
        [each.model_copy(update={"name": f"{name} calls"}) for each in calls],
        {f"{name}_{what}": count for what, count in totals.items()},
    )
    if unanswered:
        io.add((), {"unanswered": unanswered})


class _Replies:
    """Brings the answers to one question together: they come in the order of the questions."""

    def __init__(self, take: Take) -> None:
        self._take = take
        self._question: Problem | None = None
        self._answers: list[Response] = []

    def write(self, row: Sample | Dropped) -> None:
        if isinstance(row, Dropped):
            self._begin(Problem.model_validate_json(row.row))
            return
        if self._question is None or self._question.row_id != row.problem.row_id:
            self._begin(row.problem)
        self._answers.append(row.response)

    def _begin(self, question: Problem | None) -> None:
        if self._question is not None:
            self._take(self._question, self._answers)
        self._question, self._answers = question, []

    def close(self) -> None:
        self._begin(None)


def majority(votes: Mapping[Vote, int], of: int) -> Vote | None:
    """Return the vote that more than half of all have, silent ones counted; None where none has.

    Args:
        votes: How often each was given.
        of: How many there could be.
    """
    return next((vote for vote, count in votes.items() if 2 * count > of), None)
