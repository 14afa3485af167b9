"""Plain tables of questions and answers."""

from pydantic import JsonValue

from potstill.protocols import NotReadable
from potstill.schemas.canonical import Row, canonical, column, first, from_tags, text_or_none, user

_PROMPTS = ("problem", "question", "query", "prompt")
_REFERENCES = (
    "reference_answer",
    "ground_truth",
    "reference",
    "golden",
    "gold",
    "answer",
    "solution",
)
_RESPONSES = ("response", "full_response")
_TEACHERS = ("model", "model_name")
_CHOICES = ("options", "choices")


def qa(row: Row, /) -> dict[str, JsonValue]:
    """Questions and answers by the usual names of their columns.

    Columns, of which the first that is there is taken: `problem`, `question`, `query` or `prompt`;
    as reference `reference_answer`, `ground_truth`, `reference`, `golden`, `gold`, `answer` or
    `solution`; as response `response` or `full_response`, by `model` or `model_name`. Source:
    openai/grade-school-math, MATH-500, CMATH, IFEval and others keep their rows so. A row whose
    choices stand in a column of their own has no whole prompt: its reason is `choices_apart`, and
    `mcq` reads it.

    Raises:
        NotReadable: The row has no question.

    Example:
        sources:
          - {path: questions.jsonl, schema: qa}
    """
    choices, _ = first(row, _CHOICES)
    if choices is not None:
        raise NotReadable("choices_apart", column=choices)
    asked, _ = first(row, _PROMPTS)
    prompt = column(row, asked or _PROMPTS[0], str)
    reference, right = first(row, _REFERENCES)
    answered, said = first(row, _RESPONSES)
    text, (_, teacher) = text_or_none(said), first(row, _TEACHERS)
    return canonical(
        row,
        {asked, reference, answered if text else None},
        messages=[user(prompt)],
        reference_answer=right,
        response=from_tags(text, teacher) if text else None,
    )
