"""NVIDIA's Nemotron-Post-Training-Dataset-v1."""

from pydantic import JsonValue

from potstill.models.replies import parse
from potstill.protocols import NotReadable
from potstill.schemas.canonical import Row, Turn, canonical, split, text_or_none, tools
from potstill.schemas.messages import turns

_LEFT_OUT = ("", "-")
_CHATS = "lmsys-chat-1m"


def nemotron_v1(row: Row, /) -> dict[str, JsonValue]:
    """Rows of Nemotron-Post-Training-Dataset-v1: chat, code, math, stem and tool_calling.

    Source: its card, nvidia/Nemotron-Post-Training-Dataset-v1 on the Hugging Face hub. Columns:
    `messages`, turns {role, content, tool_calls}; `generator`, the model; `category`; `license`;
    `reasoning`, on or off, which is the response's and stays a column; `uuid`, `version` and
    `metadata`, which is JSON text and stays a column. Of it are read: `tools`, the functions;
    `expected_answer`, the reference; and where a row comes from: `dataset`, `split` and `index` of
    code, `conversation_id` of chat, else `problem_source`, and then `source`.

    Prompts that were taken from elsewhere are empty in `chat` and `-` in `code`: `fill` of a source
    in a recipe joins them back.

    Raises:
        NotReadable: The row has no such messages; `tools` and `tool_calls` say that these are of
            another shape, `prompt_withheld` that a later turn of the user's is empty.

    Example:
        sources:
          - {path: data/math.parquet, schema: nemotron-v1}
    """
    told = _metadata(row)
    prompt, answered = split(turns(row), row.get("generator"))
    if answered and row.get("reasoning") in ("on", "off"):
        answered["reasoning"] = row["reasoning"]
    return canonical(
        row,
        {"messages"},
        messages=[*prompt],
        response=answered,
        reference_answer=text_or_none(told.get("expected_answer")),
        origin=_origins(told) or None,
        **tools(told.get("tools")),
        **_withheld(prompt, told),
    )


def _metadata(row: Row) -> dict[str, JsonValue]:
    value = row.get("metadata")
    found = parse(value) if isinstance(value, str) else value
    return found if isinstance(found, dict) else {}


def _withheld(prompt: list[Turn], told: Row) -> dict[str, JsonValue]:
    """Return the field `withheld` where the first question is left out: who has it, by which key.

    Raises:
        NotReadable: A later one is left out, which nobody can fill in.
    """
    first, *later = [str(turn["content"]).strip() for turn in prompt if turn["role"] == "user"]
    if "" in later:
        raise NotReadable("prompt_withheld", found="an empty turn after the first")
    if first not in _LEFT_OUT:
        return {}
    dataset, key = _origin(told)
    return {"withheld": {"set": dataset, "key": key}}


def _origin(told: Row) -> tuple[str | None, str | None]:
    """Return the data set that a prompt was taken from, and the key of its row there."""
    if dataset := text_or_none(told.get("dataset")):
        split_, index = told.get("split"), told.get("index")
        return dataset, None if split_ is None or index is None else f"{split_}:{index}"
    chat = text_or_none(told.get("conversation_id"))
    return (_CHATS, chat) if chat else (None, None)


def _origins(told: Row) -> list[JsonValue]:
    dataset, key = _origin(told)
    row = f"{dataset}:{key}" if dataset and key else dataset
    named = (row, told.get("problem_source"), told.get("source"))
    return [*dict.fromkeys(name for name in named if text_or_none(name))]
