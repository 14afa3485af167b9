"""A stage's manifest: written last, so that its presence means that the stage is complete."""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, JsonValue

from potstill.books import Account
from potstill.errors import StorageError
from potstill.records import Record
from potstill.storage.files import remedy, write_text
from potstill.storage.parts import Part

SCHEMA_VERSION = 4
"""Version of what lies in a run directory; raised when an older potstill could misread it."""

NAME = "manifest.json"

FIRST = "gather"
"""The stage with which every run begins."""


class _Version(BaseModel):
    schema_version: int
    potstill: str = "of unknown version"


class Manifest(Record):
    """What a stage made, and from what."""

    schema_version: int = SCHEMA_VERSION
    """Version of the layout and of the records."""
    potstill: str
    """Version of the code that made it."""
    stage: str
    """The stage's name."""
    rows: Literal["problem", "sample"]
    """What the rows are that it passes on."""
    settings: dict[str, JsonValue]
    """The part of the recipe that the stage's output depends on."""
    inputs: tuple[str, ...]
    """Hashes of what it read: the parts before it, and the files that the settings name."""
    accounts: tuple[Account, ...]
    """The books: the first account counts the stage's rows."""
    parts: tuple[Part, ...]
    """The rows that it kept."""
    dropped: tuple[Part, ...] = ()
    """The rows that it dropped."""
    exported: tuple[Part, ...] = ()
    """The files of its datasets, each with its path below the stage's folder."""
    totals: dict[str, int] = {}
    """What else the stage counted, such as tokens."""

    def account(self, name: str) -> Account:
        """Return the account called `name`."""
        return next(a for a in self.accounts if a.name == name)


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Declare the stage in `folder` complete.

    Raises:
        StorageError: The file can't be written.
    """
    write_text(folder / NAME, manifest.model_dump_json(indent=1) + "\n")


def read_manifest(folder: Path) -> Manifest | None:
    """Return the manifest in `folder`, or None where the stage is not complete.

    Raises:
        StorageError: The manifest is damaged or of another schema version.
    """
    path = folder / NAME
    try:
        text = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StorageError(f"{path} can't be read: {error.strerror}") from error
    try:
        _check_version(path, text)
        return Manifest.model_validate_json(text)
    except ValueError as error:  # pydantic's error is one, too
        raise StorageError(f"{path} is damaged; {remedy(folder)}") from error


def _check_version(path: Path, text: bytes) -> None:
    """Look at the version before anything else: other fields may have been others then.

    Raises:
        StorageError: It is another one.
        ValueError: The text is no manifest.
    """
    found = _Version.model_validate_json(text)
    if found.schema_version == SCHEMA_VERSION:
        return
    made = "an older" if found.schema_version < SCHEMA_VERSION else "a newer"
    raise StorageError(
        f"{path} was made by {made} potstill ({found.potstill}) with schema version "
        f"{found.schema_version}, this one reads {SCHEMA_VERSION}: `potstill run RECIPE --from "
        f"{FIRST}` does every stage anew, with the answers in the journal, or name another run "
        "directory"
    )
