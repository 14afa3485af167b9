"""Tables of multiple choice."""

import re
from string import ascii_uppercase as LETTERS
from typing import NamedTuple

from pydantic import JsonValue

from potstill.protocols import NotReadable
from potstill.records import content_hash
from potstill.schemas.canonical import Row, canonical, column, first, text_or_none, user
from potstill.text.language import detect

_QUESTIONS = ("question", "Question", "question_stem", "problem", "prompt", "query", "ctx")
_PASSAGES = ("passage", "context", "article")
_OPTIONS = ("options", "choices", "endings")
_ANSWERS = ("answer", "Answer", "answerKey", "label", "answer_index", "answer_idx")
_RIGHT = "Correct Answer"
_WRONG = ("Incorrect Answer 1", "Incorrect Answer 2", "Incorrect Answer 3")
_HEADINGS = {True: "选项：", False: "Options:"}


class _Choices(NamedTuple):
    texts: list[str]
    """What there is to choose from, in the order of the letters."""
    names: list[str]
    """What the row calls them, such as `A` or `1`."""
    answer: JsonValue
    """Which are right, as the row says it."""
    read: set[str]
    """The columns that were read."""


def mcq(row: Row, /) -> dict[str, JsonValue]:
    """Multiple choice: a prompt with lettered options, and the right letters as its reference.

    Source: the rows of MMLU, MMLU-Pro, C-Eval, CMMLU, AGIEval, GPQA, ARC, HellaSwag and
    GAOKAO-Bench. Columns, of which the first that is there is taken: `question`, `Question`,
    `question_stem`, `problem`, `prompt`, `query` or `ctx`; above it `passage`, `context` or
    `article`. The options: `options`, `choices` or `endings`, a list of texts, an object of letters
    or {label, text}; or `A`, `B`, … in columns of their own; or GPQA's `Correct Answer` and
    `Incorrect Answer 1` to `3`, in an order that depends on their text alone. The answer: `answer`,
    `Answer`, `answerKey`, `label`, `answer_index` or `answer_idx`, which has letters, an index from
    0, or the text of an option; one that names no option stays a column.

    The column `options` then has {letter: text} in the prompt's order. A row without options has
    them in its question: its answer is the reference, and of several answers, to several questions,
    each has its number. Above the options stands `Options:`, in Chinese `选项：`.

    Raises:
        NotReadable: A row lacks the question, or `options`: these are of another shape.

    Example:
        sources:
          - {path: mmlu/test.parquet, schema: mcq}
    """
    asked = first(row, _QUESTIONS)[0] or _QUESTIONS[0]
    question = column(row, asked, str).strip()
    above, passage = first(row, _PASSAGES)
    told = text_or_none(passage)
    choices = _choices(row)
    prompt = [told.strip(), question] if told else [question]
    if choices.texts:
        prompt.append(_list(choices.texts, chinese=detect(question) == "zh"))
    right = _letters(choices.answer, choices) if choices.texts else _answers(choices.answer)
    answered = _answer(row)[0] if right else None
    lettered: dict[str, JsonValue] = dict(zip(LETTERS, choices.texts, strict=False))
    return canonical(
        row,
        {asked, above if told else None, answered, *choices.read},
        messages=[user("\n\n".join(prompt))],
        reference_answer=right,
        response=None,
        **({"options": lettered} if lettered else {}),
    )


def _choices(row: Row) -> _Choices:
    _, answer = _answer(row)
    if _RIGHT in row:
        return _shuffled(row)
    name, given = first(row, _OPTIONS)
    if name is not None:
        return _given(name, given, answer)
    texts: list[str] = []
    for letter in LETTERS:
        if not isinstance(text := row.get(letter), str):
            break
        texts.append(text.strip())
    if len(texts) == 1:
        raise NotReadable("options", column="A")
    names = [*LETTERS[: len(texts)]]
    return _Choices(texts, names, answer, {*names})


def _answer(row: Row) -> tuple[str | None, JsonValue]:
    return first(row, _ANSWERS)


def _shuffled(row: Row) -> _Choices:
    """Return GPQA's options; by their hashes, since the right one always stands first."""
    right = column(row, _RIGHT, str).strip()
    wrong = [column(row, name, str).strip() for name in _WRONG]
    texts = sorted([right, *wrong], key=content_hash)
    names = [*LETTERS[: len(texts)]]
    return _Choices(texts, names, names[texts.index(right)], {_RIGHT, *_WRONG})


def _given(name: str, given: JsonValue, answer: JsonValue) -> _Choices:
    listed, labels = _parts(given)
    texts = [text.strip() for text in listed if isinstance(text, str)]
    if not 2 <= len(texts) <= len(LETTERS) or len(texts) != len(listed):
        raise NotReadable("options", column=name)
    names = [*map(str, labels)] if len(labels) == len(texts) else [*LETTERS[: len(texts)]]
    return _Choices(_bare(texts), names, answer, {name})


def _parts(given: JsonValue) -> tuple[list[JsonValue], list[JsonValue]]:
    """Return the options, and what they are called where that is told."""
    if isinstance(given, dict):
        if "text" not in given:
            return [*given.values()], [*given]
        texts, labels = given["text"], given.get("label")
        return _as_list(texts), _as_list(labels)
    listed = _as_list(given)
    objects = [each for each in listed if isinstance(each, dict)]
    if not objects:
        return listed, []
    return [each.get("text") for each in objects], [each.get("label") for each in objects]


def _as_list(value: JsonValue) -> list[JsonValue]:
    return value if isinstance(value, list) else []


def _bare(texts: list[str]) -> list[str]:
    """Return options without the letters that most of them begin with."""
    marks = [
        re.match(rf"(?:[(（]{a}[)）]|{a}\s?[.．、:：)）])\s*", text) for a, text in _lettered(texts)
    ]
    if 2 * sum(map(bool, marks)) < len(texts):
        marks = [re.match(rf"{letter}\s+", text) for letter, text in _lettered(texts)]
        if not all(marks):
            return texts
    return [text[mark.end() :] if mark else text for mark, text in zip(marks, texts, strict=True)]


def _lettered(texts: list[str]) -> list[tuple[str, str]]:
    return [*zip(LETTERS, texts, strict=False)]


def _list(texts: list[str], *, chinese: bool) -> str:
    lines = [f"{letter}. {text}" for letter, text in _lettered(texts)]
    return "\n".join([_HEADINGS[chinese], *lines])


def _letters(answer: JsonValue, choices: _Choices) -> str | None:
    """Return the letters that an answer names, in order; None where it names no option."""
    if isinstance(answer, list):
        found = [letter for one in answer if (letter := _letters(one, choices))]
        return "".join(sorted({*found})) if len(found) == len(answer) else None
    if isinstance(answer, str):
        return _named(answer.strip(), choices)
    if isinstance(answer, bool) or not isinstance(answer, int):
        return None
    return LETTERS[answer] if 0 <= answer < len(choices.texts) else None


def _named(answer: str, choices: _Choices) -> str | None:
    bare = answer.strip("()（）.． ")
    for names in (choices.names, choices.texts):
        for text in (bare, answer):
            if names.count(text) == 1:
                return LETTERS[names.index(text)]
    several = re.split(r"[\s,，、]*", bare)
    letters = sorted({one for one in several if one})
    if letters and all(one in LETTERS[: len(choices.texts)] for one in letters):
        return "".join(letters)
    return _letters(int(bare), choices) if re.fullmatch("[0-9]{1,2}", bare) else None


def _answers(answer: JsonValue) -> str | None:
    """Return the answers to a question that has its options inside."""
    if not isinstance(answer, list):
        return text_or_none(answer)
    found = [text for each in answer if (text := text_or_none(each))]
    if len(found) != len(answer):
        return None
    numbered = [f"{number}. {text}" for number, text in enumerate(found, 1)]
    return found[0] if len(found) == 1 else "\n".join(numbered) or None
