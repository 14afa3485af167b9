"""NVIDIA's Nemotron-Post-Training-Dataset-v1."""

import json
from typing import cast

from pydantic import JsonValue

from potstill.protocols import NotReadable
from potstill.schemas.canonical import Row, canonical, split
from potstill.schemas.messages import refuse_tools, turns


def nemotron_v1(row: Row, /) -> dict[str, JsonValue]:
    """Rows of Nemotron-Post-Training-Dataset-v1.

    Source: its card, nvidia/Nemotron-Post-Training-Dataset-v1 on the Hugging Face hub. Columns:
    `messages`, turns {role, content, tool_calls}; `generator`, the model; `category`; `uuid`,
    `license`, `version`, `reasoning` and `metadata`, which is JSON text. Prompts that were taken
    from elsewhere are empty in `chat` and `-` in `code`: such rows have the reason
    `prompt_withheld`. Those with tools have `tools` or `tool_calls`.

    Raises:
        NotReadable: The row has no such messages.

    Example:
        sources:
          - {path: data/math.parquet, schema: nemotron-v1}
    """
    refuse_tools(_metadata(row).get("tools"))
    prompt, response = split(turns(row), row.get("generator"))
    last = prompt[-1]
    if isinstance(last, dict) and str(last["content"]).strip() in ("", "-"):
        raise NotReadable("prompt_withheld", found=last["content"])
    return canonical(row, {"messages"}, messages=prompt, response=response)


def _metadata(row: Row) -> dict[str, JsonValue]:
    value = row.get("metadata")
    if isinstance(value, str):
        try:
            value = cast(JsonValue, json.loads(value))
        except (ValueError, RecursionError):
            return {}
    return value if isinstance(value, dict) else {}
