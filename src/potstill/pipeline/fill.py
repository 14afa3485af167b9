"""Prompts that a source leaves out, indexed from the user's copies of the sets that have them."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from pydantic import JsonValue

from potstill.errors import SourceError
from potstill.pipeline.inputs import inputs, stamp
from potstill.pipeline.job import Job
from potstill.protocols import Place
from potstill.recipe.specs import FillSpec
from potstill.records import Dropped, Problem, content_hash
from potstill.schemas.originals import KEY, ORIGINALS
from potstill.storage.originals import Entry, Prompts, write_prompts
from potstill.version import VERSION

_SPLIT = re.compile(r"(?<![a-z])(train|test|valid(?:ation)?|dev)(?![a-z])")


def originals(fill: Sequence[FillSpec], job: Job) -> Prompts | None:
    """Return the prompts of some data sets, or None where a source names none of them.

    Their file lies beside the journal under a name made from that of every set's files, their sizes
    and times, so that it is made once, and anew where one of them has changed.

    Raises:
        SourceError: A set can't be read, or its split can't be told.
        StorageError: The file can't be written.
    """
    if not fill:
        return None
    made_of: list[JsonValue] = [VERSION]
    for spec in fill:
        stamps: list[JsonValue] = [*map(stamp, inputs(spec))]
        made_of += [spec.model_dump(mode="json", exclude={"path"}), stamps]
    path = job.journal.absolute().parent / f"originals-{content_hash(made_of)}.sqlite3"
    if not path.exists():
        write_prompts(path, (entry for spec in fill for entry in _entries(spec, job)))
    return Prompts(path, frozenset(spec.as_ for spec in fill))


def _entries(spec: FillSpec, job: Job) -> Iterator[Entry]:
    """Yield the prompts of one set.

    Raises:
        SourceError: It can't be read, has no row that can be used, or its split can't be told.
    """
    original = ORIGINALS[spec.as_]
    # No row is asked for its language: telling it would take most of the time.
    place = Place(
        spec.as_, spec.path, {}, {"language": "en"}, schema=original.read, commit=spec.commit
    )
    rows, found = Counter[str](), 0
    for row in job.bound("sources", spec)(place):
        if isinstance(row, Dropped) and row.reason == "blank_row":
            continue
        split = "" if original.key else spec.split or _split(spec, row.row_id)
        if isinstance(row, Problem):
            key = row.extra[KEY] if original.key else f"{split}:{rows[split]}"
            yield Entry(spec.as_, str(key), row.text)
            found += 1
        rows[split] += 1
    if not found:
        raise SourceError(
            f"{spec.path}: none of the {rows.total():,} rows that were read is one of {spec.as_}"
        )


def _split(spec: FillSpec, row_id: str) -> str:
    """Return the split that the name of a row's file tells."""
    file = row_id.removeprefix(f"{spec.as_}:").rpartition(":")[0]
    told = _SPLIT.findall(file.lower())
    if not told:
        raise SourceError(
            f"{spec.path}: {file} doesn't tell which split of {spec.as_} it is: add `split`, such "
            "as `split: train`"
        )
    return told[-1]
