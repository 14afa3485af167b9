"""The benchmarks that lie on this machine, each in one file with a record of what it is.

Both are written by `potstill benchmarks`: `NAME.jsonl`, an item a line, and, last, `NAME.json`.
"""

import os
import re
from pathlib import Path

from pydantic import ValidationError

from potstill.decontaminate.benchmarks import NAMES
from potstill.errors import InputError
from potstill.records import Record
from potstill.registry import nearest

FOLDER = "POTSTILL_BENCHMARKS"
"""The variable that names the folder."""
_DEFAULT = Path("~/.cache/potstill/benchmarks")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


class AtHand(Record):
    """A benchmark on this machine."""

    name: str
    """As recipes write it."""
    items: int
    """How many items it has."""
    unreadable: int = 0
    """Rows of its files that were no items."""
    sha256: str
    """Of `NAME.jsonl`, in hexadecimal."""
    hub: str | None = None
    """The dataset that it was fetched from; None where a file was added."""
    commit: str | None = None
    """The commit of that dataset."""
    license: str | None = None
    """Its licence, by the hub's name for it."""
    language: str | None = None
    """ISO 639-1 code of its language."""


def folder() -> Path:
    """Return the folder of the benchmarks, which need not exist."""
    return Path(os.environ.get(FOLDER) or _DEFAULT).expanduser().absolute()


def items_path(name: str) -> Path:
    """Return where the items of a benchmark lie."""
    return folder() / f"{name}.jsonl"


def record_path(name: str) -> Path:
    """Return where it is told what a benchmark is."""
    return folder() / f"{name}.json"


def check_name(name: str) -> None:
    """Look whether a benchmark could be called so.

    Raises:
        InputError: It couldn't.
    """
    if not _NAME.fullmatch(name):
        raise InputError(
            f"{name[:80]!r} is no name of a benchmark: at most 100 letters, digits, '.', '_' and "
            "'-', a letter or digit first"
        )


def at_hand() -> dict[str, AtHand]:
    """Return the benchmarks that are at hand by name: the known ones first, in their order.

    Raises:
        InputError: A record is damaged.
    """
    there = {path.stem for path in folder().glob("*.json") if _NAME.fullmatch(path.stem)}
    names = [*(name for name in NAMES if name in there), *sorted(there - NAMES.keys())]
    return {name: _read(name) for name in names}


def missing() -> list[str]:
    """Return the names of the known benchmarks that are not at hand."""
    return [name for name in NAMES if not record_path(name).is_file()]


def find(name: str) -> AtHand:
    """Return a benchmark that is at hand.

    Raises:
        InputError: It is not, or nothing is called so; the text says what to do.
    """
    if _NAME.fullmatch(name) and record_path(name).is_file():
        return _read(name)
    if name in NAMES:
        raise InputError(
            f"the benchmark {name!r} is not at hand: `potstill benchmarks fetch {name}` gets it"
        )
    known = [*NAMES, *at_hand()]
    raise InputError(
        f"no benchmark is called {name!r}{nearest(name, known)}: "
        f"{', '.join(dict.fromkeys(known))}; a file of yours is given as `path: FILE`"
    )


def _read(name: str) -> AtHand:
    path = record_path(name)
    try:
        return AtHand.model_validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        again = f"fetch {name}" if name in NAMES else f"add {name} FILE"
        raise InputError(
            f"{path} is damaged or can't be read: `potstill benchmarks {again}` writes it anew"
        ) from error
