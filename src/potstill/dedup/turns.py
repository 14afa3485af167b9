"""The turns of many problems, as they are compared."""

from __future__ import annotations

import json
from hashlib import blake2b
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from potstill.dedup.arrow import column
from potstill.models.chat import without_id
from potstill.records import to_json
from potstill.text.characters import mixed
from potstill.text.tokens import sequence_hashes

COLUMNS = ("messages", "tools")
"""The columns of a problem that `turns_of` needs."""


class Turns(NamedTuple):
    """The turns of some rows, one row after another."""

    texts: list[str]
    """What is said in each turn."""
    roles: NDArray[np.uint64]
    """A random number for each turn's role."""
    offsets: NDArray[np.int64]
    """The turns of row `i` are `offsets[i]` to `offsets[i + 1]`."""

    def combined(self, *numbers: NDArray[np.uint64]) -> NDArray[np.uint64]:
        """Return a hash of each row of what its turns have: roles and `numbers`, in their order."""
        found = self.roles
        for each in numbers:
            found = mixed(mixed(found) + each)
        return sequence_hashes(found, self.offsets)


def turns_of(batch: pa.RecordBatch) -> Turns:
    """Return the turns of a batch of problems; calls and tools are turns of their own."""
    messages, tools = column(batch, "messages"), column(batch, "tools")
    turns = messages.flatten()
    roles = turns.field("role").dictionary_encode()
    numbers = np.array(
        [role_number(role) for role in roles.dictionary.to_pylist()], dtype=np.uint64
    )
    texts = turns.field("content").to_numpy(zero_copy_only=False).tolist()
    offsets = messages.offsets.to_numpy().astype(np.int64)
    plain = Turns(texts, numbers[roles.indices.to_numpy()], offsets - offsets[0])
    calls = turns.field("tool_calls")
    if calls.null_count == len(calls) and tools.null_count == len(tools):
        return plain
    return _with_tools(plain, calls.to_pylist(), tools.to_pylist())


def _with_tools(plain: Turns, calls: list[str | None], tools: list[str | None]) -> Turns:
    texts: list[str] = []
    roles: list[int] = []
    offsets = [0]
    numbers = plain.roles.tolist()

    def add(kind: str, listed: str | None) -> None:
        for each in json.loads(listed) if listed else ():
            texts.append(to_json(without_id(each)))
            roles.append(role_number(kind))

    for row, offered in enumerate(tools):
        for turn in range(plain.offsets[row], plain.offsets[row + 1]):
            texts.append(plain.texts[turn])
            roles.append(numbers[turn])
            add("tool_calls", calls[turn])
        add("tools", offered)
        offsets.append(len(texts))
    return Turns(texts, np.array(roles, dtype=np.uint64), np.array(offsets))


def role_number(role: str) -> int:
    """Return the random number of a role in `Turns.roles`."""
    return int.from_bytes(blake2b(role.encode(), digest_size=8).digest(), "little")
