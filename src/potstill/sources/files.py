"""Which files a source's path means."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NoReturn

from potstill.errors import SourceError


def files(path: Path, endings: Sequence[str]) -> Iterator[tuple[str, Path]]:
    """Yield the files to read, each under the name that its rows carry.

    A file is read whatever it is called, under its own name. Of a folder, every file below it with
    one of `endings` is read, in the order of the names, which are paths below the folder. Hidden
    files and folders are left out, and links to folders are not followed.

    Raises:
        SourceError: There is nothing to read, or a file can't be read or is empty: a download that
            failed, mostly.
    """
    try:
        found = _found(path, endings)
        if not found:
            raise SourceError(f"the folder {path} holds no file that ends in {_list(endings)}")
        for name, file in found:
            if not file.is_file():
                raise SourceError(f"{file} is no file, or a link to none: take it away")
            if file.stat().st_size == 0:
                raise SourceError(f"{file} is empty: fill it or take it away")
            yield name, file
    except OSError as error:
        raise SourceError(f"{error.filename} can't be read: {error.strerror}") from error


def _found(path: Path, endings: Sequence[str]) -> list[tuple[str, Path]]:
    if path.is_dir():
        return sorted((_name(file, path), file) for file in _below(path, endings))
    if path.is_file():
        return [(_name(path, path.parent), path)]
    if path.exists() or path.is_symlink():
        raise SourceError(f"{path} is neither a file nor a folder that can be read")
    raise SourceError(f"{path} does not exist: give a file, or a folder of {_list(endings)}")


def _below(folder: Path, endings: Sequence[str]) -> Iterator[Path]:
    for parent, folders, names in os.walk(folder, onerror=_refuse):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in names:
            if name.endswith(tuple(endings)) and not name.startswith("."):
                yield Path(parent, name)


def _refuse(error: OSError) -> NoReturn:
    raise error


def _name(file: Path, folder: Path) -> str:
    """Return the path below `folder`; a name that is not UTF-8 is shown with escapes."""
    name = file.relative_to(folder).as_posix()
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def _list(endings: Sequence[str]) -> str:
    return " or ".join(endings)
