"""Benchmarks that are brought to this machine: from the hub, or from a file of the user's."""

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from pydantic import JsonValue

from potstill.decontaminate.at_hand import (
    AtHand,
    at_hand,
    check_name,
    folder,
    items_path,
    record_path,
)
from potstill.decontaminate.benchmarks import NAMES, Benchmark
from potstill.errors import InputError
from potstill.pipeline.heads import head_of
from potstill.pipeline.job import Job
from potstill.pipeline.reading import read_source
from potstill.recipe import SourceSpec
from potstill.recipe.decontaminate import ALL
from potstill.recipe.document import Document
from potstill.recipe.load import read_document
from potstill.records import Dropped, Problem, Record
from potstill.registry import nearest
from potstill.sources import hub
from potstill.storage.files import explained, sha256, write_text
from potstill.storage.rows import RowWriter

_JOB = Job(Path())


class Listed(Record):
    """One line of the table of benchmarks."""

    name: str
    """As recipes write it."""
    items: int
    """How many items it has, or should have."""
    language: str | None
    """Its language; None where nobody said."""
    hub: str | None
    """The dataset on the hub; None for a file of the user's."""
    revision: str | None
    """The commit that is at hand, else the revision that would be fetched."""
    license: str | None
    """Its licence."""
    gated: bool
    """Whether its terms must be accepted first."""
    at_hand: bool
    """Whether it lies on this machine."""


def benchmarks() -> list[Listed]:
    """Return every benchmark that is known or at hand.

    Raises:
        InputError: A record in the folder is damaged.
    """
    here = at_hand()
    own = [name for name in here if name not in NAMES]
    return [_listed(name, NAMES.get(name), here.get(name)) for name in (*NAMES, *own)]


def fetch_benchmarks(names: Sequence[str]) -> Iterator[AtHand]:
    """Fetch benchmarks from the hub, one after another; what is there already is fetched anew.

    The hub is that of HF_ENDPOINT, the token that of HF_TOKEN. What huggingface_hub has in its
    cache is not loaded again.

    Args:
        names: Names of known benchmarks; see `benchmarks`.

    Raises:
        InputError: A name is not known, or the hub does not give the dataset.
        StorageError: The files can't be written.
    """
    for name in names:
        if name not in NAMES:
            legal = ", ".join(NAMES)
            raise InputError(f"no benchmark is called {name!r}{nearest(name, NAMES)}: {legal}")
    return map(_fetch, (NAMES[name] for name in names))


def add_benchmark(
    name: str,
    file: str | os.PathLike[str],
    *,
    map: Mapping[str, str] | None = None,
    schema: str | None = None,
) -> AtHand:
    """Bring a file or folder of the user's to hand under a name.

    Args:
        name: What recipes then call it; one of a known benchmark stands for that.
        file: Whatever a source reads.
        map: Field of a problem (`problem`, `reference_answer`) to the file's column.
        schema: The shape of the rows, such as `mcq`.

    Raises:
        InputError: The name or the file is not usable.
        StorageError: The files can't be written.
    """
    check_name(name)
    if name == ALL:
        raise InputError(f"{ALL!r} stands for every benchmark: choose another name")
    document = Document("{}", "the benchmark")
    document.put("name", name, "NAME")
    document.put("sources.0.path", os.fspath(file), "FILE")
    document.put("decontaminate", "off", "the benchmark")
    for field, column in (map or {}).items():
        document.put(f"sources.0.map.{field}", column, "--map")
    if schema is not None:
        document.put("sources.0.schema", schema, "--from")
    (spec,) = read_document(document, Path.cwd()).sources
    return _write(AtHand(name=name, items=0, sha256=""), read_source(spec, _JOB))


def _listed(name: str, known: Benchmark | None, here: AtHand | None) -> Listed:
    best = here or known
    assert best is not None
    commit = here.commit if here else None
    return Listed(
        name=name,
        items=best.items,
        language=best.language,
        hub=best.hub,
        revision=commit or (known.revision if known and not here else None),
        license=best.license,
        gated=known.gated if known else False,
        at_hand=here is not None,
    )


def _fetch(benchmark: Benchmark) -> AtHand:
    commit = hub.resolve(benchmark.address)
    address = f"hf://datasets/{benchmark.hub}@{commit}/{benchmark.files}"
    told: dict[str, JsonValue] = {
        "use": Path(benchmark.files).suffix.removeprefix("."),
        "path": address,
        "name": benchmark.name,
    }
    if benchmark.choices:
        told["schema"] = "mcq"
    else:
        told["map"] = {"problem": benchmark.problem}
        if benchmark.reference is not None:
            told["map"] |= {"reference_answer": benchmark.reference}
    rows = read_source(SourceSpec.model_validate(told), _JOB)
    known = AtHand(
        name=benchmark.name,
        items=0,
        sha256="",
        hub=benchmark.hub,
        commit=commit,
        license=benchmark.license,
        language=benchmark.language,
    )
    return _write(known, _whole(rows, benchmark, address, commit))


def _whole(
    rows: Iterable[Problem | Dropped], benchmark: Benchmark, address: str, commit: str
) -> Iterator[Problem | Dropped]:
    """Give rows that are too long to be read whole, by tests that they carry, their problem."""
    for row in rows:
        if isinstance(row, Dropped) and row.reason == "too_large":
            yield head_of(row, benchmark.problem, hub.files(address, commit, ())) or row
        else:
            yield row


def _write(known: AtHand, rows: Iterable[Problem | Dropped]) -> AtHand:
    """Write the items, and last what they are: without that they count as not there."""
    path = items_path(known.name)
    with explained(folder()):
        folder().mkdir(parents=True, exist_ok=True)
        record_path(known.name).unlink(missing_ok=True)
    writer = RowWriter(path)
    counts: Counter[type] = Counter()
    try:
        for row in rows:
            counts[type(row)] += 1
            if isinstance(row, Problem):
                writer.write(_item(row))
        writer.close()
    finally:
        writer.abandon()
    found = known.model_copy(
        update={
            "items": counts[Problem],
            "unreadable": counts[Dropped],
            "sha256": sha256(path),
        }
    )
    write_text(record_path(known.name), found.model_dump_json(indent=1) + "\n")
    return found


def _item(problem: Problem) -> dict[str, JsonValue]:
    """Return an item as it is kept, with the place where it lay."""
    row: dict[str, JsonValue] = {"problem": problem.text}
    if problem.reference_answer is not None:
        row["reference_answer"] = problem.reference_answer
    return row | {"row": f"{problem.file}:{problem.line}"}
