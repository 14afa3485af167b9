"""A model's word on suspects: whether a problem and a benchmark's item are the same."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Literal

from potstill.records import Contamination, Problem, Response
from potstill.stages.decontaminate import Suspect
from potstill.stages.io import StageIO
from potstill.stages.votes import Models, Question

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
        io: StageIO[Any, Any],
        models: Models,
        items: Callable[[], Iterable[Problem]],
    ) -> None:
        """Ask nobody yet.

        Args:
            io: The stage, for its progress, pause and totals.
            models: Whom to ask and how often; the majority of what is said counts.
            items: Opens the benchmarks' items.
        """
        self._io, self._models, self._items = io, models, items

    def __call__(self, suspects: Callable[[], Iterator[Suspect]], /) -> Mapping[int, Contamination]:
        """Return what the models say, by row; where they are of two minds or silent, nothing.

        Raises:
            EndpointError: An endpoint refuses every call.
            Paused: Somebody asked the run to stop, or the budget is spent.
        """
        found = {suspect.row: suspect.found for suspect in suspects()}
        votes = self._ask(suspects, found) if found else []
        judged = {
            row: match.model_copy(update={"method": "judge", "verdict": verdict})
            for (row, match), said in zip(found.items(), votes, strict=True)
            if (verdict := _verdict(said)) is not None
        }
        counts = Counter(match.verdict for match in judged.values())
        self._io.totals |= {
            "judged_contaminated": counts["contaminated"],
            "judged_clean": counts["clean"],
            "judge_undecided": len(found) - len(judged),
        }
        return judged

    def _ask(
        self, suspects: Callable[[], Iterator[Suspect]], found: Mapping[int, Contamination]
    ) -> list[Counter[bool | None]]:
        """Return what is said of each suspect, in their order."""
        wanted = {match.item for match in found.values()}
        texts = {item.row_id: item.text for item in self._items() if item.row_id in wanted}
        votes: list[Counter[bool | None]] = []

        def questions() -> Iterator[Question]:
            return (_pair(each, texts[each.found.item]) for each in suspects())

        def take(_: Problem, answers: list[Response]) -> None:
            votes.append(Counter(_said(each.answer) for each in answers))

        self._models.ask(self._io, "judge", questions, take)
        return votes


def _pair(suspect: Suspect, item: str) -> Question:
    texts = {"item": item, "problem": suspect.text}
    return Question(re.sub(r"\{(item|problem)\}", lambda match: texts[match[1]], _QUESTION))


def _said(answer: str) -> bool | None:
    """Return what an answer says: its first word that says anything."""
    words = re.findall(r"\w+", answer.casefold())
    return next((_WORDS[word] for word in words if word in _WORDS), None)


def _verdict(votes: Counter[bool | None]) -> Literal["contaminated", "clean"] | None:
    if votes[True] == votes[False]:
        return None
    return "contaminated" if votes[True] > votes[False] else "clean"
