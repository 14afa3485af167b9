"""The books: what came in is what was kept plus what was dropped, by reason."""

from collections import Counter

from potstill.errors import BooksError
from potstill.records import Record


class Account(Record):
    """One balance of a stage, as its manifest stores it."""

    name: str
    """What is counted: `rows`, `calls`, or an exporter's name."""
    entered: int
    """How many came in."""
    kept: int
    """How many went on."""
    dropped: dict[str, int] = {}
    """How many did not, by reason."""
    tally: dict[str, int] = {}
    """The kept ones by outcome or ending; empty where there is nothing to tell apart."""
    reasons: dict[str, dict[str, int]] = {}
    """Of some keys of the tally, how many had which reason."""


class Ledger:
    """Counts one account while a stage runs."""

    def __init__(self, name: str) -> None:
        """Open an empty account."""
        self.name = name
        self.entered = 0
        self.kept = 0
        self.dropped: Counter[str] = Counter()
        self.tally: Counter[str] = Counter()
        self.reasons: dict[str, Counter[str]] = {}

    def add(self, account: Account) -> None:
        """Count what another process has counted, and balanced."""
        self.entered += account.entered
        self.kept += account.kept
        self.dropped.update(account.dropped)
        self.tally.update(account.tally)
        for key, reasons in account.reasons.items():
            self.reasons.setdefault(key, Counter()).update(reasons)

    def balance(self) -> Account:
        """Close the account.

        Raises:
            BooksError: Something that came in was neither kept nor dropped, or was both.
        """
        lost = self.entered - self.kept - self.dropped.total()
        explained = all(of.total() == self.tally[key] for key, of in self.reasons.items())
        if lost or not explained or (self.tally and self.tally.total() != self.kept):
            raise BooksError(
                f"the books of {self.name} don't balance: {self.entered} in, {self.kept} kept "
                f"({dict(self.tally)}), {self.dropped.total()} dropped ({dict(self.dropped)})"
            )
        return Account(
            name=self.name,
            entered=self.entered,
            kept=self.kept,
            dropped=dict(sorted(self.dropped.items())),
            tally=dict(sorted(self.tally.items())),
            reasons={key: dict(sorted(of.items())) for key, of in sorted(self.reasons.items())},
        )
