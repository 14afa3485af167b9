"""The calls to one teacher that is asked by batches."""

from collections.abc import Iterator

from potstill.models.batches.client import BatchClient
from potstill.models.requests import Request
from potstill.recipe import TeacherSpec
from potstill.records import Ending
from potstill.stages.collect import is_done
from potstill.stages.rounds import Asker
from potstill.storage.journal import Entry


class BatchRounds:
    """Asks one teacher by batches."""

    def __init__(self, asker: Asker, teacher: TeacherSpec) -> None:
        """Ask nothing yet."""
        self._asker, self._teacher = asker, teacher
        self._came: dict[str, Ending] = {}
        self._begun = False

    async def ask(self, client: BatchClient, salvage: int) -> str | None:
        """Ask what is missing; return why it ended before all was answered, if it did.

        Args:
            client: Where to ask; it tells `came` of each call.
            salvage: How often what failed is asked again that may not fail for ever.
        """
        return await client.ask_all(
            self._requests, rounds=1 + salvage, stop=lambda: self._asker.is_stopping
        )

    def _requests(self) -> Iterator[Request]:
        first, self._begun = not self._begun, True
        for problem in self._asker.scan(0):
            for request in self._asker.requests(self._teacher, problem):
                if not is_done(self._asker.journal, request, self._teacher.policies):
                    self._asker.show_prompt(problem, request)
                    yield request
                elif first:
                    self._asker.counts.reuse()

    def came(self, entry: Entry) -> None:
        """Count a call that came back; one that came before is counted by its last end."""
        if (before := self._came.pop(entry.key, None)) is not None:
            self._asker.counts.again(before)
        last = entry.attempts[-1]
        self._asker.counts.came(last)
        if not is_done(self._asker.journal, entry, self._teacher.policies):
            self._came[entry.key] = last.ending
