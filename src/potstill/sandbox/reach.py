"""Which files another user can read."""

import os
import stat
from pathlib import Path

NOBODY = 65534
"""Who programs run as if potstill runs as root."""


def sandbox_uid() -> int:
    """Return whom bubblewrap is started as: never root, which its namespaces would not hold."""
    return os.geteuid() or NOBODY


def reachable(path: Path, uid: int) -> bool:
    """Return whether a user, who is in no group, can read and execute a file or folder.

    Every folder on the way, also that of links, has to let them pass.
    """
    if uid == os.geteuid():
        return os.access(path, os.R_OK | os.X_OK)
    real = Path(os.path.realpath(path))
    return all(_open(each, uid) for each in [real, *real.parents]) and _links_open(path, uid)


def _links_open(path: Path, uid: int) -> bool:
    return all(_open(each, uid, read=False) for each in path.absolute().parents)


def _open(path: Path, uid: int, *, read: bool = True) -> bool:
    try:
        about = path.stat()
    except OSError:
        return False
    shift = 6 if about.st_uid == uid else 0
    needed = stat.S_IXOTH
    if read and not stat.S_ISDIR(about.st_mode):
        needed |= stat.S_IROTH
    return (about.st_mode >> shift) & needed == needed
