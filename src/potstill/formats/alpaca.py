"""Instructions with their outputs, as Stanford Alpaca keeps them.

Source: tatsu-lab/stanford_alpaca; `system` and `history`: hiyouga/LLaMA-Factory (data/README.md).
"""

from potstill.formats.tags import in_tags
from potstill.formats.tools import refuse_tools
from potstill.protocols import NotExpressible
from potstill.records import Record, Sample


class AlpacaRow(Record):
    """One instruction."""

    instruction: str
    """The problem's last turn."""
    input: str
    """Always empty: the instruction is the whole prompt."""
    output: str
    """The response."""
    system: str | None = None
    """The problem's system prompt, where it has one."""
    history: tuple[tuple[str, str], ...] | None = None
    """Earlier turns, each the user's with the assistant's, where there are any."""


def alpaca(sample: Sample, /) -> AlpacaRow:
    """Alpaca-style instructions, with a response's thinking in `<think>…</think>`.

    Raises:
        NotExpressible: `not_alternating`, where the turns after a system prompt are not the user's
            and the assistant's by turns; `tools` and `tool_calls`, for which there is no place;
            `ambiguous_tags`, where thinking or answer holds such tags itself.

    Example:
        export:
          - {use: alpaca, when: "outcome = 'pass'"}
    """
    refuse_tools(sample, "alpaca")
    row = AlpacaRow(instruction=sample.problem.text, input="", output=in_tags(sample.response))
    system, turns = None, list(sample.problem.messages)
    if turns[0].role == "system" and turns[0].content.strip():  # empty, it would be none
        system = turns.pop(0).content
    if [turn.role for turn in turns] != ["user", *["assistant", "user"] * (len(turns) // 2)]:
        raise NotExpressible("not_alternating", "alpaca's history holds pairs of turns")
    pairs = zip(turns[:-1:2], turns[1::2], strict=True)
    history = tuple((asked.content, answered.content) for asked, answered in pairs)
    parts = {"system": system, "history": history}
    return row.model_copy(update={name: value for name, value in parts.items() if value})
