"""What lies where a recipe says, and how to tell that it has changed."""

from collections.abc import Iterator
from pathlib import Path

from potstill.recipe.specs import LocationSpec
from potstill.records import content_hash
from potstill.sources.local import paths
from potstill.sources.locations import Input, is_remote, stamps


def inputs(spec: LocationSpec) -> Iterator[Path | Input]:
    """Yield every file at a place of this machine, or the address of another one."""
    if is_remote(spec.path):
        yield Input(spec.path, spec.commit)
    else:
        yield from paths(Path(spec.path))


def stamp(file: Path | Input) -> str:
    """Return a text that changes when the file does: name, size and time of the last change.

    Raises:
        SourceError: It is an address that can't be reached.
    """
    if isinstance(file, Input):
        return content_hash([*stamps(file)])
    stat = file.stat()
    return f"{file.name} {stat.st_size} {stat.st_mtime_ns}"
