"""What the scripted teacher was asked: the proof of what a client did."""

from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager

from pydantic import JsonValue

from potstill.models.script.plan import Plan
from potstill.models.script.script import Fault


class Stats:
    """Counts of one server, from its start."""

    def __init__(self) -> None:
        """Start from nothing."""
        self.requests = 0
        """Requests that came in."""
        self.in_flight = 0
        """Requests that are being answered."""
        self.most_in_flight = 0
        """Most of them at one time."""
        self.limited = 0
        """Requests that a limit refused."""
        self.by_request: Counter[str] = Counter()
        """Answers given, by the request's hash."""
        self.by_status: Counter[int] = Counter()
        """Replies by their HTTP status; one that is reset before its headers has none."""
        self.by_fault: Counter[Fault] = Counter()
        """Faults that were drawn."""
        self.prompt_tokens = 0
        """Billed: of every answer, those that broke off included."""
        self.completion_tokens = 0
        """Billed: of every answer, those that broke off included."""

    @contextmanager
    def request(self) -> Generator[None, None, None]:
        """Count a request while it is being answered."""
        self.requests += 1
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            yield
        finally:
            self.in_flight -= 1

    def begin(self, plan: Plan) -> None:
        """Count a reply whose first byte is about to be sent."""
        if plan.pieces:
            self.by_status[plan.status] += 1
        self.prompt_tokens += plan.prompt_tokens
        self.completion_tokens += plan.completion_tokens

    def finish(self, plan: Plan) -> None:
        """Count a reply whose last byte has been sent."""
        if plan.answered:
            self.by_request[plan.request] += 1

    @property
    def answers(self) -> int:
        """Complete answers given."""
        return self.by_request.total()

    @property
    def doubled(self) -> int:
        """Requests that were answered more than once."""
        return sum(count > 1 for count in self.by_request.values())

    def as_json(self, *, brief: bool = False) -> dict[str, JsonValue]:
        """Return all counts; without `by_request`, which may be long, where `brief`."""
        counts: dict[str, JsonValue] = {
            "requests": self.requests,
            "answers": self.answers,
            "doubled": self.doubled,
            "in_flight": self.in_flight,
            "most_in_flight": self.most_in_flight,
            "limited": self.limited,
            "prompt_tokens": self.prompt_tokens,
            "completion_tokens": self.completion_tokens,
            "by_status": {str(status): self.by_status[status] for status in sorted(self.by_status)},
            "by_fault": {fault: self.by_fault[fault] for fault in sorted(self.by_fault)},
        }
        if not brief:
            counts["by_request"] = {**self.by_request}
        return counts

    def summary(self) -> str:
        """Return what counts on one line."""
        statuses = ", ".join(f"{n:,} × {status}" for status, n in sorted(self.by_status.items()))
        return (
            f"{self.requests:,} requests, {self.answers:,} answers to {len(self.by_request):,} "
            f"different requests, {self.doubled:,} answered more than once; most in flight "
            f"{self.most_in_flight:,}; tokens {self.prompt_tokens:,} + "
            f"{self.completion_tokens:,}; status {statuses or 'none'}"
        )
