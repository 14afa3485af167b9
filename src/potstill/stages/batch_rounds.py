"""The calls to one teacher that is asked by batches."""

from collections.abc import Iterator

from potstill.models.policies import is_final
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
        self._counted = False

    @property
    def is_needed(self) -> bool:
        """Whether the journal lacks the end of any call."""
        return next(self.requests(), None) is not None

    def requests(self) -> Iterator[Request]:
        """Yield the calls that lack an end; those that do not are counted, once."""
        reused = 0
        for problem in self._asker.scan(0):
            for request in self._asker.requests(self._teacher, problem):
                if is_done(self._asker.journal, request, self._teacher.policies):
                    reused += 1
                else:
                    self._asker.show_prompt(problem, request)
                    yield request
        if not self._counted:
            self._counted = True
            self._asker.counts.reuse(reused)

    def came(self, entry: Entry) -> None:
        """Count a call that came back; one that came before is counted by its last end."""
        if (before := self._came.pop(entry.key, None)) is not None:
            self._asker.counts.again([before])
        last = entry.attempts[-1]
        self._asker.counts.came(last)
        if not is_final(entry.ending, self._teacher.policies):
            self._came[entry.key] = last.ending
