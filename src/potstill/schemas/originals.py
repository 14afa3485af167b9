"""Prompts in the sets that others take them from without passing them on.

Source: NeMo-Skills (recipes/opencodereasoning) for code, by the row's place in its split; for
lmsys-chat-1m, its card.
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from pydantic import JsonValue

from potstill.protocols import NotReadable
from potstill.schemas.canonical import Row, column, user
from potstill.schemas.code import statement

KEY = "key"
"""The column in which `Original.read` leaves a row's own key."""


class Original(NamedTuple):
    """How one set is read."""

    prompt: Callable[[Row], str]
    """Returns a row's prompt."""
    key: str | None = None
    """The column by which others name a row; None where they name its place in a split."""

    def read(self, row: Row, /) -> dict[str, JsonValue]:
        """Return a canonical row with the prompt, and the row's own key if it has one.

        Raises:
            NotReadable: The row is not of the set's shape.
        """
        found: dict[str, JsonValue] = {"messages": [user(self.prompt(row))], "response": None}
        return found | ({KEY: column(row, self.key, str)} if self.key else {})


def _question(row: Row) -> str:
    return column(row, "question", str)


def _description(row: Row) -> str:
    return column(row, "description", str)


def _first_message(row: Row) -> str:
    for turn in column(row, "conversation", list):
        if isinstance(turn, dict) and turn.get("role") == "user":
            return column(turn, "content", str)
    raise NotReadable("no_user_turn")


ORIGINALS: Mapping[str, Original] = {
    "lmsys-chat-1m": Original(_first_message, "conversation_id"),
    "taco": Original(_question),
    "apps": Original(_question),
    "code_contests": Original(_description),
    "open-r1/codeforces": Original(statement),
}
"""The sets by the names that Nemotron's metadata has for them."""
