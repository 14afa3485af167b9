"""potstill's plug-ins, on the parts that gather wrote, by the local engine on every core."""

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from peers.dedup.common import Job, main

from potstill.engine.engines import open_engine
from potstill.engine.table import Table
from potstill.protocols import Duplicate
from potstill.storage.manifest import read_manifest
from potstill.storage.parts import PartShard


def find(job: Job, rule: Callable[[Table], Iterator[Duplicate]]) -> Iterator[int]:
    folder = job.gathered / "01-gather"
    manifest = read_manifest(folder)
    assert manifest is not None
    with tempfile.TemporaryDirectory(dir=".") as scratch:
        shards = [PartShard(folder, part) for part in manifest.parts]
        with open_engine() as engine:
            for found in rule(Table(shards, engine, Path(scratch))):
                yield found.row


def run(rule: Callable[[Job, Table], Iterator[Duplicate]]) -> None:
    """Measure a rule as the command line says."""
    main(lambda job: find(job, lambda table: rule(job, table)), "potstill")
