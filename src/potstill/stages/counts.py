"""What a session of asking has done so far, told as events."""

import time
from collections import Counter
from collections.abc import Callable, Iterable

from pydantic import JsonValue

from potstill.models.batches.client import BatchClient
from potstill.records import Ending, Problem, Sample
from potstill.stages.io import StageIO
from potstill.storage.journal import Attempt


class Counts:
    """Counts the calls of a session."""

    def __init__(self, io: StageIO[Problem, Sample]) -> None:
        """Start at zero."""
        self._io = io
        self._started = time.monotonic()
        self.planned: int | None = None
        """Calls that the recipe makes; None while that is not known."""
        self.journaled = 0
        """Those of them that are known to have an end in the journal."""
        self.requests = 0
        """Requests that were sent."""
        self.in_flight: Callable[[], int] = int
        """Returns the requests that are being sent or waited for."""
        self.window: Callable[[], int] = int
        """Returns how many the endpoints bear at a time, as far as is known."""
        self.in_batches: list[BatchClient] = []
        """Clients whose calls wait in batches."""
        self._reused = 0
        self._tokens: Counter[str] = Counter()
        self._endings: Counter[Ending] = Counter()

    def reuse(self, calls: int = 1) -> None:
        """Count calls that need not be asked."""
        self._reused += calls
        self.tell()

    def end(self, ending: Ending) -> None:
        """Count how a call ended."""
        self._endings[ending] += 1
        self.tell()

    def came(self, attempt: Attempt) -> None:
        """Count a call that came back in a batch."""
        self.attempt(attempt)
        self._endings[attempt.ending] += 1
        self.tell()

    def again(self, endings: Iterable[Ending]) -> None:
        """Take endings back: their calls are asked once more."""
        self._endings.subtract(endings)

    def attempt(self, attempt: Attempt) -> None:
        """Count a request and its tokens."""
        self.requests += 1
        self._tokens["prompt"] += attempt.prompt_tokens or 0
        self._tokens["completion"] += attempt.completion_tokens or 0

    def tell(self) -> None:
        """Tell how far the asking is, at most twice a second."""
        if not self._io.is_due:
            return
        done = self._reused + self._endings.total()
        left = None
        if self.planned is not None:
            left = self.planned - max(self.journaled, self._reused) - self._endings.total()
        self._io.progress(
            done=done,
            total=self.planned,
            unit="calls",
            reused=self._reused,
            left=left,
            window=self.window(),
            in_flight=self.in_flight() + sum(each.in_flight for each in self.in_batches),
            completion_tokens=self._tokens["completion"],
            endings=self._nonzero(),
        )

    def report(self, usd: float) -> None:
        """Tell what this session asked and what that cost, however it ended."""
        self._io.events.emit(
            "asked",
            requests=self.requests,
            reused=self._reused,
            endings=self._nonzero(),
            prompt_tokens=self._tokens["prompt"],
            completion_tokens=self._tokens["completion"],
            usd=usd,
            seconds=round(time.monotonic() - self._started, 3),
        )

    def _nonzero(self) -> dict[str, JsonValue]:
        return {ending: n for ending, n in sorted(self._endings.items()) if n}
