"""Fixtures for the finders of repeated problems."""

from collections.abc import Callable, Iterable

import pytest

from potstill.engine.table import Table, in_memory
from potstill.records import Problem


@pytest.fixture(scope="session")
def table(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Table]:
    """A function that makes a table of problems, by default in several shards."""

    def make(problems: Iterable[Problem], shard_rows: int = 100) -> Table:
        return in_memory(problems, tmp_path_factory.mktemp("table"), shard_rows=shard_rows)

    return make
