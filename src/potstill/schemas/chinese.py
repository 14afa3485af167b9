"""Chinese-Data-Distill-From-R1, 110,000 rows in two forms."""

from pydantic import JsonValue

from potstill.schemas.alpaca import alpaca
from potstill.schemas.canonical import Row, canonical, column, response, user


def chinese_110k(row: Row, /) -> dict[str, JsonValue]:
    r"""Rows of Chinese-DeepSeek-R1-Distill-data-110k, raw or as for SFT.

    Source: the README of YunwenTechnology/Chinese-Data-Distill-From-R1. Columns of the raw form:
    `input`, `reasoning_content`, `content`; of the form for SFT: `instruction`, `input`, `output`,
    which is `<think>\n{thinking}</think>\n{answer}`. `repo_name` is where a row comes from;
    `score` and the token counts, which are known to be wrong, stay columns.

    Raises:
        NotReadable: The row has neither form.

    Example:
        sources:
          - {path: distill_r1_110k.jsonl, schema: chinese-110k}
    """
    found = _raw(row) if "reasoning_content" in row else alpaca(row)
    return canonical(found, {"repo_name"}, origin=row.get("repo_name"))


def _raw(row: Row) -> dict[str, JsonValue]:
    return canonical(
        row,
        {"input", "reasoning_content", "content"},
        messages=[user(column(row, "input", str))],
        response=response(column(row, "reasoning_content", str), column(row, "content", str)),
    )
