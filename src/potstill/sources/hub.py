"""Datasets on the Hugging Face hub: `hf://datasets/OWNER/NAME@REVISION/path/or/pattern`.

The hub is that of `HF_ENDPOINT`, the token that of `HF_TOKEN`. A file is read from the cache of
huggingface_hub, which gets it there whole and checks its size and ETag.
"""

from __future__ import annotations

import errno
import logging
import os
import re
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, BinaryIO, NamedTuple, TypeVar
from urllib.parse import unquote

from potstill.errors import InputError, SourceError
from potstill.sources import globs
from potstill.sources.file import File, reason
from potstill.text.printable import printable

if TYPE_CHECKING:
    from huggingface_hub import HfApi

T = TypeVar("T")

SCHEME = "hf://"
FORM = "hf://datasets/OWNER/NAME, with @REVISION and /path/or/pattern where they are needed"

_ADDRESS = re.compile(
    r"hf://datasets/(?P<repo>[\w.-]+/[\w.-]+)"
    r"(?:@(?P<revision>refs/(?:pr|convert)/[^/]+|[^/]+))?"
    r"(?:/(?P<path>.*))?"
)
_COMMIT = re.compile(r"[0-9a-f]{40}")
_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM)
WAITS = (1.0, 2.0, 4.0)
"""Seconds before each further attempt, where the network or the hub fails."""


class Unreachable(SourceError):
    """No connection to the hub: no other dataset of it can be read, either."""


class Address(NamedTuple):
    """What an address names."""

    repo: str
    """OWNER/NAME."""
    revision: str
    """A branch, a tag or a commit."""
    path: str
    """A file, a folder or a pattern; empty for the whole dataset."""


def is_address(path: str) -> bool:
    """Return whether a source's path names a dataset on the hub."""
    return path.startswith(SCHEME)


def parse(address: str) -> Address:
    """Return what an address names; the revision is `main` where it names none.

    Raises:
        SourceError: It is not of the form that is read.
    """
    match = _ADDRESS.fullmatch(address)
    if match is None:
        raise SourceError(f"{printable(address)} is not of the form {FORM}")
    revision = unquote(match["revision"] or "main")
    return Address(match["repo"], revision, (match["path"] or "").strip("/"))


def repo_of(path: str) -> str | None:
    """Return the OWNER/NAME in an address; None where it is no address of the hub."""
    match = _ADDRESS.fullmatch(path)
    return match["repo"] if match else None


def check_installed() -> None:
    """Look whether the hub can be used at all.

    Raises:
        InputError: huggingface_hub is not installed.
    """
    from importlib.util import find_spec

    if find_spec("huggingface_hub") is None:
        raise InputError("hf:// needs huggingface_hub: pip install 'potstill[hub]'")


def resolve(address: str) -> str:
    """Return the commit that the address's revision stands for now.

    Raises:
        SourceError: There is no such dataset or revision, or the hub can't be reached.
    """
    at = parse(address)
    if _COMMIT.fullmatch(at.revision):
        return at.revision
    api = _api()
    with _explained(api, at):
        found = _tried(lambda: api.dataset_info(at.repo, revision=at.revision, timeout=60).sha)
    if found is None:
        raise SourceError(f"the hub names no commit for {printable(address)}")
    return found


def files(address: str, commit: str | None, endings: Sequence[str]) -> Iterator[File]:
    """Yield the files that an address means at a commit, in the order of their paths.

    Raises:
        SourceError: There is no such dataset, revision or file, a file is empty, or the hub can't
            be reached.
    """
    at = parse(address)
    at = at._replace(revision=commit or resolve(address))
    api = _api()
    for path, size in _listed(api, at, endings):
        shown = f"{SCHEME}datasets/{at.repo}@{at.revision}/{printable(path)}"
        if not size:
            raise SourceError(f"{shown} is empty")
        yield File(path, shown, partial(_open, api, at._replace(path=path)))


def names(address: str, commit: str | None) -> list[str]:
    """Return the paths of all files that an address means at a commit, but hidden ones.

    Raises:
        SourceError: There is no such dataset, revision or file, or the hub can't be reached.
    """
    at = parse(address)
    at = at._replace(revision=commit or resolve(address))
    return [path for path, _ in _listed(_api(), at, ("",))]


def _listed(api: HfApi, at: Address, endings: Sequence[str]) -> list[tuple[str, int]]:
    with _explained(api, at), _quiet():
        return _found(api, at, endings)


def _api() -> HfApi:
    check_installed()
    from huggingface_hub import HfApi

    # Its own default is what HF_ENDPOINT was when it was imported.
    return HfApi(endpoint=os.environ.get("HF_ENDPOINT"), library_name="potstill")


def _found(api: HfApi, at: Address, endings: Sequence[str]) -> list[tuple[str, int]]:
    """Return the paths and sizes of the files that an address means."""
    from huggingface_hub import RepoFile

    folder, pattern = globs.split(at.path)
    if pattern is None and at.path:
        one = _tried(
            lambda: api.get_paths_info(
                at.repo, [at.path], revision=at.revision, repo_type="dataset"
            )
        )
        if one and isinstance(one[0], RepoFile):
            return [(one[0].path, one[0].size)]
    deep = pattern is None or globs.is_deep(pattern)
    tree = api.list_repo_tree(  # it tries five times more by itself
        at.repo, folder or None, recursive=deep, revision=at.revision, repo_type="dataset"
    )
    listed = [(each.path, each.size) for each in tree if isinstance(each, RepoFile)]
    if pattern is None:
        found = [each for each in listed if _is_read(globs.below(folder, each[0]), endings)]
        missing = f"holds no file that ends in {' or '.join(endings)}"
    else:
        found = [each for each in listed if globs.matches(globs.below(folder, each[0]), pattern)]
        missing = "names no file of it"
    if not found:
        raise SourceError(f"{_shown(at)} {missing}")
    return sorted(found)


def _is_read(name: str, endings: Sequence[str]) -> bool:
    hidden = any(part.startswith(".") for part in name.split("/"))
    return not hidden and name.endswith(tuple(endings))


def _open(api: HfApi, at: Address) -> BinaryIO:
    from huggingface_hub.utils import silent_tqdm  # the run has bars of its own

    def get() -> str:
        return api.hf_hub_download(  # pyright: ignore[reportUnknownMemberType]
            at.repo,
            at.path,
            revision=at.revision,
            repo_type="dataset",
            tqdm_class=silent_tqdm,  # pyright: ignore[reportArgumentType]
        )

    with _explained(api, at), _quiet():
        path = _tried(get)
    return open(path, "rb")


@contextmanager
def _quiet() -> Generator[None]:
    """Keep warnings off the terminal: they show addresses that are signed with keys."""
    logger = logging.getLogger("huggingface_hub")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(level)


def _tried(work: Callable[[], T]) -> T:
    """Return what `work` does, trying again where the network or the server fails."""
    from httpx2 import HTTPError
    from huggingface_hub.errors import HfHubHTTPError

    for seconds in WAITS:
        try:
            return work()
        except HfHubHTTPError as error:
            if error.response.status_code < 500 and error.response.status_code != 429:
                raise
        except (HTTPError, OSError) as error:
            if _is_of_disk(error):
                raise
        time.sleep(seconds)
    return work()


def _is_of_disk(error: Exception) -> bool:
    return isinstance(error, OSError) and error.errno in _DISK


def _is_away(error: Exception) -> bool:
    from httpx2 import ConnectError, ConnectTimeout, UnsupportedProtocol

    away = (ConnectError, ConnectTimeout, UnsupportedProtocol)
    return isinstance(error, away) or isinstance(error.__cause__, away)


@contextmanager
def _explained(api: HfApi, at: Address) -> Generator[None]:
    """Turn what the hub or the network answers into a sentence.

    Raises:
        SourceError: The sentence.
    """
    from httpx2 import HTTPError

    try:
        yield
    except (HTTPError, OSError) as error:
        kind = Unreachable if _is_away(error) else SourceError
        raise kind(f"{_shown(at)}: {_sentence(api.endpoint, at, error)}") from error
    except (ValueError, TypeError, KeyError) as error:  # what huggingface_hub makes of other JSON
        said = f"{type(error).__name__}: {reason(error)}"
        raise SourceError(f"{_shown(at)}: {api.endpoint} answers as no hub does: {said}") from error


def _sentence(hub: str, at: Address, error: Exception) -> str:
    from huggingface_hub import errors

    match error:
        case errors.GatedRepoError():
            return (
                f"the dataset is gated: ask for access at {hub}/datasets/{at.repo}, and set "
                "HF_TOKEN to a token of that account"
            )
        case errors.RevisionNotFoundError():
            return f"the dataset has no branch, tag or commit {at.revision!r}"
        case errors.RemoteEntryNotFoundError():
            return "the dataset has no such file or folder"
        case errors.RepositoryNotFoundError():
            return f"{hub} has no such dataset, or shows it only to others: HF_TOKEN says who asks"
        case errors.HfHubHTTPError() if error.response.status_code in (401, 403):
            return f"{hub} refuses the token in HF_TOKEN (status {error.response.status_code})"
        case errors.HfHubHTTPError():
            return f"{hub} answers with status {error.response.status_code}"
        case errors.LocalEntryNotFoundError() if isinstance(error.__cause__, Exception):
            return _sentence(hub, at, error.__cause__)
        case _ if _is_of_disk(error):
            return f"huggingface_hub says that its cache can't be written: {reason(error)}"
        case _:
            return f"{hub} can't be reached: {reason(error)}"


def _shown(at: Address) -> str:
    path = f"/{at.path}" if at.path else ""
    return printable(f"{SCHEME}datasets/{at.repo}@{at.revision}{path}")
