"""NVIDIA's Nemotron-Post-Training-Dataset-v1."""

from pydantic import JsonValue

from potstill.models.replies import parse
from potstill.protocols import NotReadable
from potstill.schemas.canonical import Row, canonical, split, tools
from potstill.schemas.messages import turns

_WITHHELD = ("", "-")


def nemotron_v1(row: Row, /) -> dict[str, JsonValue]:
    """Rows of Nemotron-Post-Training-Dataset-v1.

    Source: its card, nvidia/Nemotron-Post-Training-Dataset-v1 on the Hugging Face hub. Columns:
    `messages`, turns {role, content, tool_calls}; `generator`, the model; `category`; `uuid`,
    `license`, `version`, `reasoning` and `metadata`, which is JSON text. Prompts that were taken
    from elsewhere are empty in `chat` and `-` in `code`: such rows have the reason
    `prompt_withheld`. Those of `tool_calling` have their functions in `metadata`, under `tools`.

    Raises:
        NotReadable: The row has no such messages; `tools` and `tool_calls` say that these are of
            another shape.

    Example:
        sources:
          - {path: data/math.parquet, schema: nemotron-v1}
    """
    offered = tools(_metadata(row).get("tools"))
    prompt, response = split(turns(row), row.get("generator"))
    last = prompt[-1]
    if last["role"] == "user" and str(last["content"]).strip() in _WITHHELD:
        raise NotReadable("prompt_withheld", found=last["content"])
    return canonical(row, {"messages"}, messages=[*prompt], response=response, **offered)


def _metadata(row: Row) -> dict[str, JsonValue]:
    value = row.get("metadata")
    found = parse(value) if isinstance(value, str) else value
    return found if isinstance(found, dict) else {}
