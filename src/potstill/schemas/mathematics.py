"""Mathematics with worked solutions: GSM8K's rows, and those of MATH."""

from pydantic import JsonValue

from potstill.schemas.canonical import Row, canonical, column, text_or_none, user
from potstill.text.answers import boxed, final_reference


def gsm8k(row: Row, /) -> dict[str, JsonValue]:
    """Rows of GSM8K, and of its translations.

    Source: openai/grade-school-math. Columns: `question`; `answer`, a worked solution whose last
    line is `#### ` and the result. The result is the reference, and the solution stays a column. An
    answer of one line without `####` is the reference itself; of a longer one none is known.

    Raises:
        NotReadable: A row lacks one of the two, or one has the wrong type.

    Example:
        sources:
          - {path: gsm8k/train.jsonl, schema: gsm8k}
    """
    question, worked = column(row, "question", str), column(row, "answer", str).strip()
    result = final_reference(worked)
    return canonical(
        row,
        {"question"} if "\n" in worked else {"question", "answer"},
        messages=[user(question)],
        reference_answer=None if "\n" in result else result,
        category="math",
        response=None,
    )


def math(row: Row, /) -> dict[str, JsonValue]:
    r"""Rows of MATH, and of MATH-500.

    Source: hendrycks/math and openai/prm800k. Columns: `problem`; `answer`, which MATH-500 has;
    `solution`, which stays a column. Without an answer the reference is the last `\boxed{…}` of the
    solution, with those right before it. `level`, `type`, `subject` and `unique_id` stay columns.

    Raises:
        NotReadable: A row lacks `problem`, or both of the others, or one has the wrong type.

    Example:
        sources:
          - {path: math/train.jsonl, schema: math}
    """
    problem, answer = column(row, "problem", str), text_or_none(row.get("answer"))
    return canonical(
        row,
        {"problem", "answer"} if answer else {"problem"},
        messages=[user(problem)],
        reference_answer=answer or boxed(column(row, "solution", str)),
        category="math",
        response=None,
    )
