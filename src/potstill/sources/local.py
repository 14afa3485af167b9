"""Files and folders of this machine."""

import os
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import NoReturn

from potstill.errors import SourceError
from potstill.sources import globs
from potstill.sources.file import File


def files(path: Path, endings: Sequence[str]) -> Iterator[File]:
    """Yield the files that a path means.

    A file is read whatever it is called, under its own name. Of a folder, every file below it with
    one of `endings` is read, in the order of the names, which are paths below the folder; of a
    pattern, every file that matches. Hidden files and folders are left out, and links to folders
    are not followed.

    Raises:
        SourceError: There is nothing to read, or a file can't be read or is empty: a download that
            failed, mostly.
    """
    try:
        for name, file in _found(path, endings):
            if not file.is_file():
                raise SourceError(f"{file} is no file, or a link to none: take it away")
            if file.stat().st_size == 0:
                raise SourceError(f"{file} is empty: fill it or take it away")
            yield file_at(file, name)
    except OSError as error:
        raise SourceError(f"{error.filename} can't be read: {error.strerror}") from error


def file_at(path: Path, name: str) -> File:
    """Return a file of this machine, under the name that its rows' ids carry."""
    return File(name, str(path), partial(path.open, "rb"))


def paths(path: Path) -> list[Path]:
    """Return every file that a path means, whatever its ending: what a stage's input is."""
    if path.is_dir():
        return sorted(each for each in path.rglob("*") if each.is_file())
    folder, pattern = globs.split(str(path))
    if pattern is None or path.exists():
        return [path]
    return [file for _, file in _matching(Path(folder), pattern)]


def exists(path: Path) -> bool:
    """Return whether a path is a file or a folder, or a pattern that a file matches."""
    folder, pattern = globs.split(str(path))
    if pattern is None or os.path.exists(path):  # pathlib's raises where a name is too long
        return os.path.exists(path)
    return bool(_matching(Path(folder), pattern))


def _found(path: Path, endings: Sequence[str]) -> list[tuple[str, Path]]:
    if path.is_dir():
        found = [file for file in _below(path) if file.name.endswith(tuple(endings))]
        if not found:
            raise SourceError(f"the folder {path} holds no file that ends in {_list(endings)}")
        return sorted((_name(file, path), file) for file in found)
    if path.is_file():
        return [(_name(path, path.parent), path)]
    folder, pattern = globs.split(str(path))
    if path.exists() or path.is_symlink():
        raise SourceError(f"{path} is neither a file nor a folder that can be read")
    if pattern is None:
        raise SourceError(f"{path} does not exist: give a file, or a folder of {_list(endings)}")
    if found := _matching(Path(folder), pattern):
        return found
    raise SourceError(f"no file matches {path}")


def _matching(folder: Path, pattern: str) -> list[tuple[str, Path]]:
    """Return the files below a folder whose paths match, in order."""
    files = _below(folder, deep=globs.is_deep(pattern)) if os.path.isdir(folder) else ()
    named = ((_name(file, folder), file) for file in files)
    return sorted((name, file) for name, file in named if globs.matches(name, pattern))


def _below(folder: Path, *, deep: bool = True) -> Iterator[Path]:
    for parent, folders, names in os.walk(folder, onerror=_refuse):
        folders[:] = [name for name in folders if deep and not name.startswith(".")]
        yield from (Path(parent, name) for name in names if not name.startswith("."))


def _refuse(error: OSError) -> NoReturn:
    raise error


def _name(file: Path, folder: Path) -> str:
    """Return the path below `folder`; a name that is not UTF-8 is shown with escapes."""
    name = file.relative_to(folder).as_posix()
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def _list(endings: Sequence[str]) -> str:
    return " or ".join(endings)
