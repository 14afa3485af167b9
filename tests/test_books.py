"""The books balance, or the run stops."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from potstill.books import Ledger
from potstill.errors import BooksError

COUNTS = st.dictionaries(st.sampled_from(["duplicate", "empty", "too_large"]), st.integers(1, 50))


@given(kept=st.integers(0, 50), dropped=COUNTS)
def test_balanced_books_close(kept: int, dropped: dict[str, int]) -> None:
    ledger = Ledger("rows")
    ledger.entered, ledger.kept = kept + sum(dropped.values()), kept
    ledger.dropped.update(dropped)
    account = ledger.balance()
    assert (account.kept, account.dropped) == (kept, dropped)


@given(kept=st.integers(0, 50), dropped=COUNTS, off=st.integers(-3, 3).filter(bool))
def test_a_lost_or_doubled_row_stops(kept: int, dropped: dict[str, int], off: int) -> None:
    ledger = Ledger("rows")
    ledger.entered, ledger.kept = kept + sum(dropped.values()) + off, kept
    ledger.dropped.update(dropped)
    with pytest.raises(BooksError, match="don't balance"):
        ledger.balance()


def test_a_tally_must_add_up_to_what_is_kept() -> None:
    ledger = Ledger("rows")
    ledger.entered = ledger.kept = 3
    ledger.tally["pass"] = 2
    with pytest.raises(BooksError, match="'pass': 2"):
        ledger.balance()


def test_reasons_must_add_up_to_their_part_of_the_tally() -> None:
    ledger = Ledger("rows")
    ledger.entered = ledger.kept = 3
    ledger.tally.update({"pass": 1, "fail": 2})
    ledger.reasons["fail"] = Counter(different=2)
    assert ledger.balance().reasons == {"fail": {"different": 2}}
    ledger.reasons["fail"]["no_answer"] += 1
    with pytest.raises(BooksError, match="don't balance"):
        ledger.balance()
