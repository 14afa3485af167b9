"""A teacher: which model at which endpoint, and what that endpoint bears."""

import os
from dataclasses import dataclass

from yarl import URL

from potstill.errors import InputError


@dataclass(frozen=True)
class Teacher:
    """A model behind an OpenAI-compatible endpoint."""

    model: str
    """Name of the model, as the endpoint knows it."""
    base_url: str
    """Where `/chat/completions` is appended, such as `http://127.0.0.1:8000/v1`."""
    key_env: str | None = None
    """The environment variable that holds the key; None where no key is needed."""
    max_in_flight: int = 64
    """Most calls at a time."""
    seed: bool = True
    """Whether each call sends its own seed; some endpoints take none."""
    stall_s: float = 3600.0
    """Seconds without a byte after which a call counts as stalled; replies come whole."""

    def __post_init__(self) -> None:
        """Check the address.

        Raises:
            InputError: It is no http(s) address, or holds a password, which would end in files.
        """
        where = f"base_url of teacher {self.model!r}"
        try:
            url = URL(self.base_url)
        except ValueError:
            url = URL()
        if url.user is not None or url.password is not None:
            raise InputError(f"{where} holds a name or password: put the key in key_env's variable")
        if url.scheme not in ("http", "https") or not url.host:
            raise InputError(f"{where} must be an address like http://host/v1: {self.base_url!r}")

    @property
    def url(self) -> URL:
        """Where a call is posted; a query in `base_url` (such as `api-version`) is kept."""
        base = URL(self.base_url)
        return (base / "chat/completions").with_query(base.query)

    @property
    def address(self) -> str:
        """`base_url` without its query: what may stand in messages."""
        return str(URL(self.base_url).with_query(None).with_fragment(None))

    def read_key(self) -> str | None:
        """Return the key from the environment, or None where none is needed.

        Raises:
            InputError: The variable is missing, empty, or can't stand in a header.
        """
        return None if self.key_env is None else read_key(self.key_env, self.model)


def read_key(name: str, model: str) -> str:
    """Return the key of `model` from the environment variable `name`.

    Raises:
        InputError: The variable is missing, empty, or can't stand in a header.
    """
    key = os.environ.get(name, "").strip()
    variable = f"the environment variable {name}, which holds the key of {model!r}"
    if not key:
        raise InputError(f"{variable}, is not set")
    if not (key.isascii() and key.isprintable()):
        raise InputError(f"{variable}, has characters that no key can have")
    return key
