"""What a source's path says before its files are opened: checks, names and identities."""

import os
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from potstill.errors import SourceError
from potstill.sources import globs, hub, local, s3

_ALSO = {".ndjson": "jsonl", ".tsv": "csv"}
"""Endings that are not the name of the source that reads them."""
_PACKED = (".zst", ".gz")


class Input(NamedTuple):
    """What a stage reads from elsewhere."""

    path: str
    """An address."""
    commit: str | None
    """The commit of a dataset on the hub."""


def is_remote(path: str) -> bool:
    """Return whether a path is an address, not of this machine."""
    return "://" in path


def check(path: str) -> None:
    """Look whether an address can be used, without a look at what lies there.

    Raises:
        InputError: It is of no known form, or needs a package that is not installed.
    """
    if hub.is_address(path):
        hub.parse(path)
        hub.check_installed()
    elif not s3.is_address(path):
        raise SourceError(f"{path} is no address that is read: s3://BUCKET/KEY or {hub.FORM}")
    elif path.removeprefix(s3.SCHEME).startswith(("/", "*")) or path == s3.SCHEME:
        raise SourceError(f"{path} names no bucket: s3://BUCKET/KEY")


def exists(path: str) -> bool:
    """Return whether a path of this machine is a file, a folder, or a pattern of some file's."""
    return local.exists(Path(path))


def pin(path: str) -> str | None:
    """Look whether there is something to read at an address; return the commit of a dataset.

    Raises:
        InputError: There is nothing, or it can't be reached.
    """
    check(path)
    commit = hub.resolve(path) if hub.is_address(path) else None
    _names(path, commit)
    return commit


def name_of(path: str) -> str:
    """Return the default name of a source: of a file, folder, dataset, or a pattern's folder.

    That of a file is without its ending, and that of its packing.
    """
    if (repo := hub.repo_of(path)) is not None:
        return repo.rpartition("/")[2]
    folder, pattern = globs.split(path.rstrip("/"))
    at = PurePosixPath(folder)
    return at.name if pattern is not None or os.path.isdir(path) else _unpacked(at).stem


def uses_of(path: str, known: Sequence[str]) -> list[str]:
    """Return which of the known sources read what a path means, by the endings of its files.

    Raises:
        InputError: It is an address at which there is nothing, or that can't be reached.
    """
    if not is_remote(path):
        files = local.paths(Path(path)) if os.path.isdir(path) else [Path(path)]
        names = [file.name for file in files if not file.name.startswith(".")]
    else:
        check(path)
        names = [_within(path)]
        if not PurePosixPath(names[0]).suffix:
            names = _names(path, None)
    return sorted({use for name in names if (use := _by_ending(name, known)) is not None})


def _names(address: str, commit: str | None) -> list[str]:
    return hub.names(address, commit) if hub.is_address(address) else s3.names(address)


def _within(address: str) -> str:
    """Return the part of an address below the dataset or bucket."""
    if hub.is_address(address):
        return hub.parse(address).path
    return address.removeprefix(s3.SCHEME).partition("/")[2]


def _by_ending(path: str, known: Sequence[str]) -> str | None:
    ending = _unpacked(PurePosixPath(path.lower())).suffix
    use = _ALSO.get(ending, ending[1:])
    return use if use in known else None


def _unpacked(path: PurePosixPath) -> PurePosixPath:
    return path.with_suffix("") if path.suffix.lower() in _PACKED else path


def stamps(given: Input) -> list[str]:
    """Return texts that change when what lies at an address does.

    Of a dataset the commit tells all; of objects on S3 their sizes and ETags.

    Raises:
        SourceError: The address can't be reached.
    """
    if hub.is_address(given.path):
        return [f"{given.path} {given.commit}"]
    return s3.stamps(given.path)
