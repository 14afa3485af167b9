"""A teacher: which model at which endpoints, and what they bear."""

import os
from dataclasses import dataclass, field

from yarl import URL

from potstill.errors import InputError
from potstill.models.policies import POLICIES, Policies

MOST_IN_FLIGHT = 1024
"""Most calls at one time to an endpoint of which nobody said how many it bears."""
LONG_ANSWER = 4096
"""Answers that may have more tokens than this are streamed unless the recipe says otherwise: a
server that hangs is then told from one that thinks for long."""


@dataclass(frozen=True)
class Endpoint:
    """One address that speaks the OpenAI-compatible protocol, and what may be asked of it."""

    base_url: str
    """Where `/chat/completions` is appended, such as `http://127.0.0.1:8000/v1`."""
    key_env: str | None = None
    """The environment variable that holds the key; None where no key is needed."""
    weight: float = 1.0
    """Its share of the calls, among the endpoints of a teacher."""
    max_in_flight: int | None = None
    """Most calls at a time; None to find out how many it bears, up to `MOST_IN_FLIGHT`."""
    rpm: int | None = None
    """Most requests a minute; None for what its headers say, if anything."""
    tpm: int | None = None
    """Most tokens of prompts and answers a minute; None for what its headers say, if anything."""

    def __post_init__(self) -> None:
        """Check the address.

        Raises:
            InputError: It is no http(s) address, or holds a password, which would end in files.
        """
        try:
            url = URL(self.base_url)
        except ValueError:
            url = URL()
        if url.user is not None or url.password is not None:
            raise InputError("base_url holds a name or password: put the key in key_env's variable")
        if url.scheme not in ("http", "https") or not url.host:
            raise InputError(f"base_url must be an address like http://host/v1: {self.base_url!r}")

    @property
    def most(self) -> int:
        """Most calls at one time."""
        return MOST_IN_FLIGHT if self.max_in_flight is None else self.max_in_flight

    @property
    def url(self) -> URL:
        """Where a call is posted; a query in `base_url` (such as `api-version`) is kept."""
        return self.at("chat/completions")

    def at(self, path: str) -> URL:
        """Return the address of `path` below `base_url`, with the query of that."""
        base = URL(self.base_url)
        return (base / path).with_query(base.query)

    @property
    def address(self) -> str:
        """`base_url` without its query: what may stand in messages."""
        return str(URL(self.base_url).with_query(None).with_fragment(None))

    def read_key(self, model: str) -> str | None:
        """Return the key from the environment, or None where none is needed.

        Raises:
            InputError: The variable is missing, empty, or can't stand in a header.
        """
        return None if self.key_env is None else read_key(self.key_env, model)


@dataclass(frozen=True)
class Teacher:
    """A model behind one or more endpoints."""

    model: str
    """Name of the model, as the endpoints know it."""
    endpoints: tuple[Endpoint, ...]
    """Where it is served; at least one."""
    seed: bool = True
    """Whether each call sends its own seed; some endpoints take none."""
    stream: bool | None = None
    """Whether replies are streamed; None where answers may be long (`LONG_ANSWER`)."""
    stall_s: float = 600.0
    """Seconds without a byte after which a streamed call has stalled."""
    deadline_s: float = 7200.0
    """Seconds that a call may take in all; the only limit of a reply that comes whole."""
    policies: Policies = field(default_factory=lambda: POLICIES)
    """What is done about each ending."""

    def streams(self, max_tokens: int) -> bool:
        """Return whether a call with answers of at most so many tokens is streamed."""
        return max_tokens > LONG_ANSWER if self.stream is None else self.stream


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
