"""Which files a source's path means: here, on S3, or on the Hugging Face hub."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from potstill.protocols import Place
from potstill.sources import hub, local, s3
from potstill.sources.file import File


def files(place: Place, endings: Sequence[str]) -> Iterator[File]:
    """Yield the files to read, in the order of their names.

    Of a folder those with one of `endings` are read, of a pattern those that match, and a single
    file whatever it is called.

    Raises:
        SourceError: There is nothing to read, or a file is empty or can't be reached.
    """
    if s3.is_address(place.path):
        return s3.files(place.path, endings)
    if hub.is_address(place.path):
        return hub.files(place.path, place.commit, endings)
    return local.files(Path(place.path), endings)
