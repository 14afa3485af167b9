"""Objects on S3, or on a server that speaks its protocol: `s3://BUCKET/KEY`.

The server is that of `AWS_ENDPOINT_URL`, else Amazon's. Credentials are those of the usual
variables and files; where there are none, requests are anonymous.
"""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, cast

from potstill.errors import SourceError
from potstill.sources import globs
from potstill.sources.file import File, reason
from potstill.text.printable import printable

if TYPE_CHECKING:
    from typing import BinaryIO

    from pyarrow.fs import S3FileSystem

SCHEME = "s3://"

_CREDENTIALS = (
    "AWS_ACCESS_KEY_ID",
    "AWS_PROFILE",
    "AWS_ROLE_ARN",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
)
_FILES = {"AWS_SHARED_CREDENTIALS_FILE": "credentials", "AWS_CONFIG_FILE": "config"}
_ATTEMPTS = 4
"""Times that a request is sent, with waits that double, where the network or the server fails."""
_WORDS = {
    "Path does not exist": "there is no such object or prefix",
    "NO_SUCH_BUCKET": "there is no such bucket",
    "ACCESS_DENIED": "access is denied to these credentials (AWS_ACCESS_KEY_ID, AWS_PROFILE)",
    "INVALID_ACCESS_KEY_ID": "S3 does not know the key in AWS_ACCESS_KEY_ID",
    "SIGNATURE_DOES_NOT_MATCH": "the key in AWS_SECRET_ACCESS_KEY is wrong",
    "NETWORK_CONNECTION": "the server does not answer (AWS_ENDPOINT_URL says which)",
}
"""What S3's commonest errors mean, by how pyarrow calls them."""
_TIMEOUT = 60
"""Seconds without an answer after which a request has failed."""
_AT_ONCE = 16
"""Objects whose ETag is asked for at the same time."""


def is_address(path: str) -> bool:
    """Return whether a source's path names objects on S3."""
    return path.startswith(SCHEME)


class Listed(NamedTuple):
    """One object."""

    name: str
    """Its key below the prefix."""
    key: str
    """Its bucket and key."""
    size: int
    """Its bytes."""


def files(address: str, endings: Sequence[str]) -> Iterator[File]:
    """Yield the objects that an address means, in the order of their keys.

    Raises:
        SourceError: There is no such object or bucket, one is empty, or S3 can't be reached.
    """
    with _explained(address):
        system = _connect(address)
        found = _found(system, address, endings)
    for each in found:
        if not each.size:
            raise SourceError(f"{SCHEME}{each.key} is empty: fill it or take it away")
        yield File(each.name, SCHEME + each.key, partial(_open, system, each.key))


def names(address: str) -> list[str]:
    """Return the names of all objects that an address means, but hidden ones.

    Raises:
        SourceError: There is no such object or bucket, or S3 can't be reached.
    """
    with _explained(address):
        return [each.name for each in _found(_connect(address), address, ("",))]


def stamps(address: str) -> list[str]:
    """Return, for each object that an address means, a text that changes when the object does.

    Raises:
        SourceError: There is no such object or bucket, or S3 can't be reached.
    """
    with _explained(address):
        system = _connect(address)
        found = _found(system, address, ("",))
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            tags = pool.map(partial(_etag, system), (each.key for each in found))
            return [f"{SCHEME}{e.key} {e.size} {tag}" for e, tag in zip(found, tags, strict=True)]


def _connect(address: str) -> S3FileSystem:
    from pyarrow.fs import AwsStandardS3RetryStrategy, S3FileSystem, resolve_s3_region

    endpoint = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL")
    region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
    bucket = address.removeprefix(SCHEME).partition("/")[0]
    if not (endpoint or region):
        region = resolve_s3_region(bucket)
    return S3FileSystem(
        anonymous=not _has_credentials(os.environ),
        region=region,
        endpoint_override=endpoint,
        connect_timeout=_TIMEOUT,
        request_timeout=_TIMEOUT,
        retry_strategy=AwsStandardS3RetryStrategy(max_attempts=_ATTEMPTS),
    )


def _has_credentials(environment: Mapping[str, str]) -> bool:
    home = Path.home() / ".aws"
    files = (Path(environment.get(name) or home / file) for name, file in _FILES.items())
    return any(map(environment.get, _CREDENTIALS)) or any(map(Path.is_file, files))


def _found(system: S3FileSystem, address: str, endings: Sequence[str]) -> list[Listed]:
    path = address.removeprefix(SCHEME)
    folder, pattern = globs.split(path.rstrip("/"))
    if pattern is not None:
        listed = _below(system, folder, deep=globs.is_deep(pattern))
        found = [each for each in listed if globs.matches(each.name, pattern)]
        missing = f"no object matches {address}"
    elif (one := _object(system, path)) is not None:
        return [one]
    else:
        listed = _below(system, folder, deep=True)
        found = [each for each in listed if each.key.endswith(tuple(endings))]
        missing = f"{address} holds no object that ends in {' or '.join(endings)}"
    if not found:
        raise SourceError(missing)
    return sorted(found)


def _object(system: S3FileSystem, path: str) -> Listed | None:
    if path.endswith("/") or "/" not in path:
        return None
    (found,) = system.get_file_info([path])
    return Listed(path.rpartition("/")[2], path, found.size) if found.is_file else None


def _below(system: S3FileSystem, folder: str, *, deep: bool) -> Iterator[Listed]:
    """Yield the objects below a prefix; hidden ones are left out."""
    from pyarrow.fs import FileSelector

    for each in system.get_file_info(FileSelector(folder, recursive=deep)):
        name = globs.below(folder, each.path)
        if each.is_file and not any(part.startswith(".") for part in name.split("/")):
            yield Listed(name, each.path, each.size)


def _open(system: S3FileSystem, key: str) -> BinaryIO:
    with _explained(SCHEME + key):
        return cast("BinaryIO", system.open_input_file(key))


def _etag(system: S3FileSystem, key: str) -> str:
    with system.open_input_file(key) as file:
        about = cast("dict[str, bytes]", file.metadata())  # the stubs have bytes as keys, too
    return about["ETag"].decode("ascii", "backslashreplace").strip('"')


@contextmanager
def _explained(address: str) -> Generator[None]:
    """Turn what S3 or the network answers into a sentence."""
    try:
        yield
    except OSError as error:
        said = str(error)
        words = next((words for code, words in _WORDS.items() if code in said), reason(error))
        raise SourceError(f"{printable(address)} can't be read: {words}") from error
