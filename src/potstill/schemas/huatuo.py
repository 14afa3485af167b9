"""HuatuoGPT-o1's medical problems with their thinking."""

from pydantic import JsonValue

from potstill.schemas.canonical import Row, canonical, column, response, user

_REFERENCE = "Ground-True Answer"


def huatuo_o1(row: Row, /) -> dict[str, JsonValue]:
    """Rows of HuatuoGPT-o1's training data.

    Source: FreedomIntelligence/HuatuoGPT-o1 (data/demo_data.json). Columns: `Question`,
    `Complex_CoT` (the thinking), `Response`, and, where the problem has one right answer,
    `Ground-True Answer`.

    Raises:
        NotReadable: A row lacks one of the first three, or one has the wrong type.

    Example:
        sources:
          - {path: demo_data.json, schema: huatuo-o1}
    """
    think, answer = column(row, "Complex_CoT", str), column(row, "Response", str)
    return canonical(
        row,
        {"Question", "Complex_CoT", "Response", _REFERENCE},
        messages=[user(column(row, "Question", str))],
        reference_answer=row.get(_REFERENCE),
        response=response(think, answer),
    )
