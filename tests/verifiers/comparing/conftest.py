"""What the tests of comparisons share."""

from collections.abc import Callable

import pytest

from potstill.verifiers.comparing.compare import compare
from potstill.verifiers.expressions.parse import read
from potstill.verifiers.finding import Finding

Check = Callable[[str, str, str], None]


def found(reference: str, answer: str) -> Finding:
    expected, given = read(reference), read(answer)
    assert expected, f"can't read {reference}"
    assert given, f"can't read {answer}"
    return compare(expected[0], given[0])


@pytest.fixture
def check() -> Check:
    """Asserts what comes of comparing two answers, and of comparing them the other way round."""

    def checked(reference: str, answer: str, outcome: str) -> None:
        assert found(reference, answer).outcome == outcome
        assert found(answer, reference).outcome == outcome

    return checked


@pytest.fixture
def one_way() -> Check:
    """Asserts what comes of comparing an answer with a reference, where the order counts."""

    def checked(reference: str, answer: str, outcome: str) -> None:
        assert found(reference, answer).outcome == outcome

    return checked
