"""A stage's manifest: written last, so that its presence means that the stage is complete."""

from pathlib import Path
from typing import Literal

from pydantic import JsonValue, ValidationError

from potstill.books import Account
from potstill.errors import StorageError
from potstill.records import Record
from potstill.storage.files import write_text
from potstill.storage.parts import Part

SCHEMA_VERSION = 2
"""Version of what lies in a run directory; raised when an older potstill could misread it."""

NAME = "manifest.json"


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
        manifest = Manifest.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return None
    except ValidationError as error:
        raise StorageError(
            f"{path} is damaged or was written by another version of potstill: "
            f"{error.error_count()} fields don't fit; delete the folder to run the stage again"
        ) from error
    if manifest.schema_version != SCHEMA_VERSION:
        raise StorageError(
            f"{path} has schema version {manifest.schema_version}; this potstill reads "
            f"{SCHEMA_VERSION}; use another run directory"
        )
    return manifest
