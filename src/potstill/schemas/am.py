"""The datasets that the a-m-team distilled from DeepSeek-R1."""

from pydantic import JsonValue

from potstill.schemas import messages as openai
from potstill.schemas import sharegpt
from potstill.schemas.canonical import Row, Turn, canonical, response, split

_FIELDS = {
    "reference_answer",
    "ground_truth",
    "category",
    "think_content",
    "answer_content",
    "model_name",
}
"""What `info` says that the canonical row has a field for."""


def am_1_4m(row: Row, /) -> dict[str, JsonValue]:
    """Rows of AM-DeepSeek-R1-Distilled-1.4M.

    Source: its card, a-m-team/AM-DeepSeek-R1-Distilled-1.4M on the Hugging Face hub. Columns:
    `messages`, a user's and an assistant's turn {role, content, info}. The user's info has
    `source`, `reference_answer` and `test_case`; the assistant's has `source`, `think_content` and
    `answer_content`, of which the content is made. `source` and `test_case` become columns.

    Raises:
        NotReadable: The row has no such messages.

    Example:
        sources:
          - {path: am_0.9M.jsonl.zst, schema: am-1.4m}
    """
    return _read(row, {"messages"}, openai.turns(row))


def am_0528(row: Row, /) -> dict[str, JsonValue]:
    """Rows of AM-DeepSeek-R1-0528-Distilled, with one turn or several.

    Source: its card, a-m-team/AM-DeepSeek-R1-0528-Distilled on the Hugging Face hub. Columns:
    `system`, which may be empty, and `conversations`, turns {from, value, info}. Info has `source`,
    `category`, `ground_truth`, `test_case`, `instruction_constrain`, `think_content`,
    `answer_content`, `verify_score`, `model_name` and `ppl`; what is no field becomes a column.

    Raises:
        NotReadable: The row has no such conversation.

    Example:
        sources:
          - {path: math.jsonl, schema: am-0528}
    """
    return _read(row, {"conversations", "system"}, sharegpt.turns(row))


def _read(row: Row, read: set[str], turns: list[Turn]) -> dict[str, JsonValue]:
    notes = [_info(turn) for turn in turns]
    told = {k: v for note in reversed(notes) for k, v in note.items() if v is not None}
    teacher = told.get("model_name")
    prompt, answered = split(turns, teacher)
    if answered:
        answered |= _from_parts(notes[-1], teacher) or {}
    return {name: value for name, value in told.items() if name not in _FIELDS} | canonical(
        row,
        read,
        messages=[*prompt],
        reference_answer=told.get("reference_answer", told.get("ground_truth")),
        category=told.get("category"),
        response=answered,
    )


def _info(turn: Turn) -> Turn:
    info = turn.pop("info", None)
    return info if isinstance(info, dict) else {}


def _from_parts(info: Turn, teacher: JsonValue) -> Turn | None:
    answer = info.get("answer_content")
    return response(info.get("think_content"), answer, teacher) if isinstance(answer, str) else None
