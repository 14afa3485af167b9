"""Patterns of paths: `*`, `?` and `[a-z]` within a name, `**` for any folders."""

from collections.abc import Sequence
from fnmatch import fnmatchcase
from posixpath import join

_ANY = "**"


def split(path: str) -> tuple[str, str | None]:
    """Return the folder before the first name with a wildcard, and the pattern from there on.

    The pattern is None where there is no wildcard.
    """
    names = path.split("/")
    first = next((i for i, name in enumerate(names) if set(name) & set("*?[")), None)
    if first is None:
        return path, None
    folder = "/".join(names[:first])
    return folder or ("/" if path.startswith("/") else ""), "/".join(names[first:])


def is_deep(pattern: str) -> bool:
    """Return whether what matches may lie in a folder below that of the pattern."""
    return "/" in pattern or _ANY in pattern


def matches(name: str, pattern: str) -> bool:
    """Return whether a path below the pattern's folder matches; no wildcard stands for a dot first.

    The time is at most names times names: patterns come from strangers.
    """
    parts = pattern.split("/")
    at = _with_skipped({0}, parts)
    for each in name.split("/"):
        stay = {i for i in at if parts[i : i + 1] == [_ANY] and not each.startswith(".")}
        step = {i + 1 for i in at if i < len(parts) and _fits(each, parts[i])}
        at = _with_skipped(stay | step, parts)
    return len(parts) in at


def _fits(name: str, part: str) -> bool:
    hidden = name.startswith(".") and not part.startswith(".")
    return part != _ANY and not hidden and fnmatchcase(name, part)


def _with_skipped(at: set[int], parts: Sequence[str]) -> set[int]:
    """Return the places in a pattern, and those behind each `**` that stands for no folder."""
    found = set(at)
    for i in range(len(parts)):
        if i in found and parts[i] == _ANY:
            found.add(i + 1)
    return found


def below(folder: str, key: str) -> str:
    """Return the part of a key that comes after a folder's own."""
    return key.removeprefix(join(folder, "") if folder else "")
