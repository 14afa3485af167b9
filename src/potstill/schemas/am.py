"""The datasets that the a-m-team distilled from DeepSeek-R1."""

from pydantic import JsonValue

from potstill.schemas import messages as openai
from potstill.schemas import sharegpt
from potstill.schemas.canonical import Row, Turn, canonical, response, split
from potstill.text.tests import tests

_FIELDS = {
    "reference_answer",
    "ground_truth",
    "category",
    "source",
    "test_case",
    "think_content",
    "answer_content",
    "model_name",
}
"""What `info` says that the canonical row has a field for."""


def am_1_4m(row: Row, /) -> dict[str, JsonValue]:
    """Rows of AM-DeepSeek-R1-Distilled-1.4M.

    Source: its card, a-m-team/AM-DeepSeek-R1-Distilled-1.4M on the Hugging Face hub. Columns:
    `messages`, a user's and an assistant's turn {role, content, info}. The user's info has
    `source`, `reference_answer` and `test_case`: an object {test_code, test_entry_point}, JSON text
    or code, and a column still where it is none of these. The assistant's has `think_content` and
    `answer_content`, of which the content is made, and a `source`, which becomes the column
    `response_source` where it is another one.

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
    They are those of the last question and its answer: earlier turns keep their `info`.

    Raises:
        NotReadable: The row has no such conversation.

    Example:
        sources:
          - {path: math.jsonl, schema: am-0528}
    """
    return _read(row, {"conversations", "system"}, sharegpt.turns(row))


def _read(row: Row, read: set[str], turns: list[Turn]) -> dict[str, JsonValue]:
    asked, said = _last_infos(turns)
    told = said | asked
    tested = tests(told.get("test_case"))
    teacher = told.get("model_name")
    prompt, answered = split(turns, teacher)
    if answered:
        answered |= _from_parts(said, teacher) or {}
    kept = _FIELDS if tested is not None else _FIELDS - {"test_case"}
    columns = {name: value for name, value in told.items() if name not in kept}
    if said.get("source") != told.get("source") and "source" in said:
        columns["response_source"] = said["source"]
    return columns | canonical(
        row,
        read,
        messages=[*prompt],
        reference_answer=told.get("reference_answer", told.get("ground_truth")),
        category=told.get("category"),
        tests=tested or None,
        origin=told.get("source"),
        response=answered,
    )


def _last_infos(turns: list[Turn]) -> tuple[Turn, Turn]:
    """Take `info` off the last question and its answer, and return what each says."""
    asked = [turn for turn in turns if turn["role"] == "user"][-1:]
    answered = [turn for turn in turns[-1:] if turn["role"] == "assistant"]
    return _info(asked), _info(answered)


def _info(turns: list[Turn]) -> Turn:
    info = turns[0].pop("info", None) if turns else None
    said = info if isinstance(info, dict) else {}
    return {name: value for name, value in said.items() if value is not None}


def _from_parts(info: Turn, teacher: JsonValue) -> Turn | None:
    answer = info.get("answer_content")
    return response(info.get("think_content"), answer, teacher) if isinstance(answer, str) else None
