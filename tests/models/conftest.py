"""Fixtures for tests that ask the scripted teacher."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from potstill.models.requests import Request, Sampling
from potstill.records import Message
from potstill.storage.journal import Journal


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    with Journal(tmp_path / "journal.sqlite") as opened:
        yield opened


@pytest.fixture
def request_for() -> Callable[..., Request]:
    """Make a request with little said."""

    def make(text: str = "What is 1 + 1?", **fields) -> Request:
        given = {
            "model": "m",
            "messages": (Message(role="user", content=text),),
            "sampling": Sampling(temperature=0.6),
            "reasoning": "on",
        }
        return Request.model_validate(given | fields)

    return make
