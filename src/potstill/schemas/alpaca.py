"""Instructions with their outputs, as Stanford Alpaca keeps them."""

from pydantic import JsonValue

from potstill.protocols import NotReadable
from potstill.schemas.canonical import (
    Row,
    Turn,
    canonical,
    column,
    from_tags,
    text_or_none,
    user,
)

_COLUMNS = {"instruction", "input", "output", "system", "history"}


def alpaca(row: Row, /) -> dict[str, JsonValue]:
    """Alpaca-style instructions.

    Source: tatsu-lab/stanford_alpaca and hiyouga/LLaMA-Factory (data/README.md). Columns:
    `instruction`; `input`, which stands below the instruction, on a line of its own; `output`, the
    response, its thinking in `<think>…</think>`; `system`; `history`, pairs of an earlier
    instruction and its output. The last three may be absent or null, as may `input`.

    Raises:
        NotReadable: A row lacks `instruction` or `output`, or one has the wrong type.

    Example:
        sources:
          - {path: alpaca.json, schema: alpaca}
    """
    instruction, more = column(row, "instruction", str), _optional(row, "input")
    turns = [user(f"{instruction}\n{more}" if more else instruction)]
    if "history" in row and row["history"] is not None:
        turns = [*_history(column(row, "history", list)), *turns]
    if system := _optional(row, "system"):
        turns.insert(0, {"role": "system", "content": system})
    response = from_tags(column(row, "output", str))
    return canonical(row, _COLUMNS, messages=[*turns], response=response)


def _optional(row: Row, name: str) -> str | None:
    return None if row.get(name) is None else text_or_none(column(row, name, str))


def _history(pairs: list[JsonValue]) -> list[Turn]:
    turns: list[Turn] = []
    for pair in pairs:
        if not isinstance(pair, list) or [type(text) for text in pair] != [str, str]:
            raise NotReadable("wrong_type", column="history", expected="pairs of texts")
        asked, answered = pair
        turns += [user(str(asked)), {"role": "assistant", "content": answered}]
    return turns
