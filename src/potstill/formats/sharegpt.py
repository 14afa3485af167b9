"""Conversations as ShareGPT's export wrote them, and many datasets since.

Source: lm-sys/FastChat and hiyouga/LLaMA-Factory (data/README.md).
"""

from typing import Literal

from pydantic import ConfigDict, Field

from potstill.formats.tags import in_tags
from potstill.records import Record, Role, Sample

Speaker = Literal["system", "human", "gpt"]

_SPEAKERS: dict[Role, Speaker] = {"system": "system", "user": "human", "assistant": "gpt"}


class SharegptTurn(Record):
    """One turn."""

    model_config = ConfigDict(serialize_by_alias=True)

    speaker: Speaker = Field(serialization_alias="from")
    """Who speaks."""
    value: str
    """What is said."""


class SharegptRow(Record):
    """One conversation."""

    id: str
    """Id of the response."""
    conversations: tuple[SharegptTurn, ...]
    """The problem's messages, then the response."""


def sharegpt(sample: Sample, /) -> SharegptRow:
    """ShareGPT-style `conversations`, with a response's thinking in `<think>…</think>`.

    Raises:
        NotExpressible: `ambiguous_tags`, where thinking or answer holds such tags itself.

    Example:
        export:
          - {use: sharegpt, when: "outcome = 'pass'"}
    """
    problem, response = sample.problem, sample.response
    turns = [SharegptTurn(speaker=_SPEAKERS[m.role], value=m.content) for m in problem.messages]
    answered = SharegptTurn(speaker="gpt", value=in_tags(response))
    return SharegptRow(id=response.id, conversations=(*turns, answered))
