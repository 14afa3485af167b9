"""A model's word on suspects: whether a problem and a benchmark's item are the same."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Literal

from potstill.models.budget import Budget
from potstill.models.endpoints import Sites
from potstill.recipe import DistilSpec
from potstill.records import Contamination, Dropped, Message, Problem, Sample
from potstill.stages.decontaminate import Suspect
from potstill.stages.distil import distil
from potstill.stages.io import StageIO
from potstill.storage.journal import Journal

_QUESTION = """\
Below are two problems, A and B. Decide whether somebody who has seen A with its solution has \
thereby seen the solution of B.

Answer yes if they are the same problem: word for word, in other words, in another language or \
programming language, with other names of people and things, shortened, or one as a part of the \
other. Answer no if they only share a topic or a form, or if the numbers, conditions or what is \
asked for differ so that the answer has to be worked out anew.

<A>
{item}
</A>

<B>
{problem}
</B>

Reply with one word, yes or no."""
_WORDS = {"yes": True, "no": False, "是": True, "否": False}


class Judge:
    """Asks models about suspects, through the journal as every call."""

    def __init__(
        self,
        io: StageIO[Problem, Problem],
        spec: DistilSpec,
        journal: Journal,
        items: Callable[[], Iterable[Problem]],
        *,
        sites: Sites | None = None,
        budget: Budget | None = None,
    ) -> None:
        """Ask nobody yet.

        Args:
            io: The stage, for its progress, pause and totals.
            spec: Whom to ask and how often; the majority of what is said counts.
            journal: Where answers are kept.
            items: Opens the benchmarks' items.
            sites: The limits of the endpoints, where other stages ask them too.
            budget: What may be spent, and for which run.
        """
        self._io, self._spec, self._journal, self._items = io, spec, journal, items
        self._sites, self._budget = sites, budget

    def __call__(self, suspects: Callable[[], Iterator[Suspect]], /) -> Mapping[int, Contamination]:
        """Return what the models say, by row; where they are of two minds or silent, nothing.

        Raises:
            EndpointError: An endpoint refuses every call.
            Paused: Somebody asked the run to stop, or the budget is spent.
        """
        found = {suspect.row: suspect.found for suspect in suspects()}
        votes = self._ask(suspects, {match.item for match in found.values()}) if found else {}
        said = {row: _verdict(votes[row]) for row in found if row in votes}
        judged = {
            row: found[row].model_copy(update={"method": "judge", "verdict": verdict})
            for row, verdict in said.items()
            if verdict is not None
        }
        counts = Counter(match.verdict for match in judged.values())
        self._io.totals |= {
            "judged_contaminated": counts["contaminated"],
            "judged_clean": counts["clean"],
            "judge_undecided": len(found) - len(judged),
        }
        return judged

    def _ask(
        self, suspects: Callable[[], Iterator[Suspect]], wanted: set[str]
    ) -> dict[int, Counter[bool | None]]:
        texts = {item.row_id: item.text for item in self._items() if item.row_id in wanted}
        votes: dict[int, Counter[bool | None]] = {}

        def pairs(start: int = 0) -> Iterator[Problem]:
            for number, suspect in enumerate(suspects()):
                if number >= start:
                    yield _pair(suspect, texts[suspect.found.item])

        asking: StageIO[Problem, Sample] = StageIO(
            self._io.stage,
            pairs,
            kept=_Votes(votes),
            dropped=_Unanswered(),
            folder=_made(self._io.folder / "scratch" / "judge"),
            events=self._io.events,
            pause=self._io.pause,
            total=sum(1 for _ in suspects()),
            identity=self._io.identity,
        )
        distil(asking, self._spec, self._journal, sites=self._sites, budget=self._budget)
        return votes


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _pair(suspect: Suspect, item: str) -> Problem:
    texts = {"item": item, "problem": suspect.text}
    asked = re.sub(r"\{(item|problem)\}", lambda match: texts[match[1]], _QUESTION)
    message = Message(role="user", content=asked)
    return Problem(source="judge", file="pairs", line=suspect.row + 1, messages=(message,))


class _Votes:
    """Counts what is said, by row."""

    def __init__(self, votes: dict[int, Counter[bool | None]]) -> None:
        self._votes = votes

    def write(self, row: Sample) -> None:
        votes = self._votes.setdefault(row.problem.line - 1, Counter())
        votes[_said(row.response.answer)] += 1


class _Unanswered:
    """Lets go of questions without an answer: their rows stay suspects."""

    def write(self, row: Dropped) -> None:
        pass


def _said(answer: str) -> bool | None:
    """Return what an answer says: its first word that says anything."""
    words = re.findall(r"\w+", answer.casefold())
    return next((_WORDS[word] for word in words if word in _WORDS), None)


def _verdict(votes: Counter[bool | None]) -> Literal["contaminated", "clean"] | None:
    if votes[True] == votes[False]:
        return None
    return "contaminated" if votes[True] > votes[False] else "clean"
