"""Multiple choice in the shapes in which benchmarks keep it."""

from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from potstill.protocols import NotReadable
from potstill.records import Message, Problem, Response
from potstill.schemas.mcq import mcq
from potstill.verifiers.choice import choice

CITIES = ["Rome", "Paris", "Oslo", "Bern"]
LETTERED = dict(zip("ABCD", CITIES, strict=True))
GPQA = {
    "Question": "Which?",
    "Correct Answer": "Paris",
    "Incorrect Answer 1": "Rome",
    "Incorrect Answer 2": "Oslo\n",
    "Incorrect Answer 3": "Bern",
}
SHAPES = {
    "MMLU": {"question": "Which?", "choices": CITIES, "answer": 1, "subject": "s"},
    "MMLU as CSV": {"question": "Which?", **LETTERED, "answer": "B"},
    "MMLU-Pro": {"question": "Which?", "options": CITIES, "answer": "B", "answer_index": 1},
    "C-Eval": {"id": 0, "question": "Which?", **LETTERED, "answer": "B", "explanation": ""},
    "CMMLU": {"Question": "Which?", **LETTERED, "Answer": "B"},
    "AGIEval": {
        "passage": None,
        "question": "Which?",
        "options": ["(A)Rome", "(B)Paris", "(C) Oslo", "(D)Bern"],
        "label": "B",
        "answer": None,
    },
    "ARC": {
        "question": "Which?",
        "choices": {"text": CITIES, "label": ["1", "2", "3", "4"]},
        "answerKey": "2",
    },
    "OpenBookQA": {
        "question_stem": "Which?",
        "choices": [{"label": a, "text": t} for a, t in LETTERED.items()],
        "answerKey": "B",
    },
    "HellaSwag": {"ctx": "Which?", "endings": CITIES, "label": "1"},
    "MedQA": {"question": "Which?", "options": LETTERED, "answer": "Paris", "answer_idx": "B"},
}


@pytest.mark.parametrize("row", SHAPES.values(), ids=SHAPES)
def test_the_usual_shapes(row) -> None:
    found = mcq(row)
    (turn,) = found["messages"]
    assert turn["content"] == "Which?\n\nOptions:\nA. Rome\nB. Paris\nC. Oslo\nD. Bern"
    assert (found["reference_answer"], found["options"]) == ("B", LETTERED)
    assert not found.keys() & {"choices", "A", "endings", "question", "Question"}


def test_gpqa_s_options_are_mixed_by_their_text_alone() -> None:
    found = mcq(GPQA | {"Record ID": "rec1"})
    assert sorted(found["options"].values()) == sorted(CITIES)
    assert found["options"][found["reference_answer"]] == "Paris"
    assert mcq(GPQA | {"Record ID": "rec2"})["messages"] == found["messages"]
    places = set()
    for texts in permutations(["w", "x", "y", "z"]):
        row = dict(zip(list(GPQA)[1:], texts, strict=True))
        places.add(mcq({"Question": "Which?", **row})["reference_answer"])
    assert places == {*"ABCD"}


def test_a_passage_stands_above_the_question() -> None:
    found = mcq({"passage": "Once.\n", "question": "When?", "options": ["now", "then"]})
    (turn,) = found["messages"]
    assert turn["content"] == "Once.\n\nWhen?\n\nOptions:\nA. now\nB. then"
    assert found["reference_answer"] is None


def test_chinese_rows_have_chinese_wording() -> None:
    found = mcq({"question": "下列城市中哪一个是首都？", "A": "巴黎", "B": "里昂", "answer": "A"})
    assert found["messages"][0]["content"].endswith("\n\n选项：\nA. 巴黎\nB. 里昂")


@pytest.mark.parametrize(
    ("answer", "letters"),
    [
        ("(C)", "C"),
        ("BD", "BD"),
        ("D, B", "BD"),
        (["A", "C"], "AC"),
        ("Oslo", "C"),
        (0, "A"),
        ("", None),
        (-1, None),
        ("E", None),
        (7, None),
        (True, None),
        ({"a": 1}, None),
        (["A", "Rome?"], None),
    ],
)
def test_the_right_letters(answer, letters) -> None:
    row = {"question": "Which?", "options": CITIES, "answer": answer}
    found = mcq(row)
    assert found["reference_answer"] == letters
    assert ("answer" in found) == (letters is None)


@pytest.mark.parametrize(
    ("answer", "reference"),
    [(["D"], "D"), ("B", "B"), (["A", "C"], "1. A\n2. C"), ([], None), ([1], None)],
)
def test_options_may_stand_in_the_question(answer, reference) -> None:
    found = mcq({"question": "Which?\nA. x\nB. y", "answer": answer, "analysis": "a"})
    assert found["messages"][0]["content"] == "Which?\nA. x\nB. y"
    assert (found["reference_answer"], found["analysis"]) == (reference, "a")
    assert "options" not in found


@pytest.mark.parametrize(
    "options", [["one"], [1, 2], {"A": "x"}, "A. x B. y", {"text": "x"}, ["x"] * 27]
)
def test_options_of_another_shape(options) -> None:
    with pytest.raises(NotReadable) as raised:
        mcq({"question": "Which?", "options": options})
    assert raised.value.reason == "options"


@pytest.mark.parametrize(
    ("options", "bare"),
    [
        (["A．甲", "  B．乙"], ["甲", "乙"]),
        (["A x", "B y"], ["x", "y"]),
        (["A x", "y"], ["A x", "y"]),
        (["(A)x", "y 7"], ["x", "y 7"]),
        (["Ada", "Bob"], ["Ada", "Bob"]),
        (["B. x", "A. y"], ["B. x", "A. y"]),
    ],
)
def test_letters_that_options_begin_with_are_taken_off(options, bare) -> None:
    assert [*mcq({"question": "Which?", "options": options})["options"].values()] == bare


WORDS = st.text("abcdefgh xyz", min_size=1).map(str.strip).filter(bool)


@settings(deadline=None)
@given(st.lists(WORDS, min_size=2, max_size=10, unique=True), st.data())
def test_the_verifier_finds_the_options_that_the_prompt_has(options, data) -> None:
    right = data.draw(st.integers(0, len(options) - 1))
    found = mcq({"question": "Which is right?", "options": options, "answer": right})
    text = found["messages"][0]["content"]
    turn = Message(role="user", content=text)
    reference = found["reference_answer"]
    problem = Problem(source="s", file="f", line=1, messages=(turn,), reference_answer=reference)
    for number, letter in enumerate(found["options"]):
        verdict = choice(problem, response(f"The answer is \\boxed{{{letter}}}."))
        assert verdict.outcome == ("pass" if number == right else "fail"), text


def response(answer):
    return Response(
        id="r",
        problem_id="p",
        call="",
        teacher="t",
        reasoning="off",
        sample=0,
        round=0,
        ending="ok",
        think=None,
        answer=answer,
    )
