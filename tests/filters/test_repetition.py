import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from potstill.filters.repetition import repetition
from potstill.text.ngrams import words

WAIT = "Wait, let me check this again. "
TWO = "We add one and get two. Then we add three and get five. "
ZH = "让我们再仔细检查一遍这个结果。"


def found(make_sample, answer: str, think: str | None = None, **options: int):
    rejection = repetition(make_sample(answer=answer, think=think), **options)
    return rejection and (rejection.reason, rejection.evidence)


@pytest.mark.parametrize(
    ("text", "unit", "count"),
    [
        (WAIT * 8, WAIT.strip(" ."), 8),
        ("So:\n" + WAIT * 9 + "Done.", WAIT.strip(" ."), 9),
        (TWO * 8, TWO.strip(" ."), 8),
        (ZH * 14, ZH.strip("。"), 14),
        ("the cat and the dog " * 12, "the cat and the dog", 12),
        ((WAIT + "\n\n") * 8, WAIT.strip(" ."), 8),
    ],
)
def test_a_loop_is_found_with_its_shortest_unit(make_sample, text, unit, count) -> None:
    assert found(make_sample, text) == ("loop", {"text": unit, "count": count})
    assert found(make_sample, "2", think=text) == ("loop", {"text": unit, "count": count})


@pytest.mark.parametrize(
    "text",
    [
        WAIT * 7,
        "No. " * 39,  # under 200 characters, and 20 runs of 20
        "".join(f"Step {n}: we add one and carry on. " for n in range(60)),
        r"\frac{1}{2} + " * 20,
        "0.3333333333 " * 20,
        "| 1 | 0 | 0 |\n" * 9,
    ],
)
def test_what_looks_like_a_loop_and_is_none(make_sample, text: str) -> None:
    assert found(make_sample, text) is None


def test_a_loop_may_be_longer_by_option(make_sample) -> None:
    assert found(make_sample, WAIT * 8, loop=9) is None
    assert found(make_sample, WAIT * 9, loop=9) is not None


def filler(seed: int, count: int) -> str:
    choose = random.Random(seed).choice
    return " ".join("".join(choose("abcdefgh") for _ in range(6)) for _ in range(count))


def test_a_run_may_occur_so_often_and_no_more(make_sample) -> None:
    run = filler(0, 20)
    parts = [f"{run} {filler(n, 7)}" for n in range(1, 22)]
    assert found(make_sample, " ".join(parts[:20])) is None
    assert found(make_sample, " ".join(parts)) == ("repeated_run", {"text": run, "count": 21})


def test_a_run_is_counted_over_thinking_and_answer(make_sample) -> None:
    run = filler(0, 20)
    think, answer = (
        " ".join(f"{run} {filler(n, 7)}" for n in numbers) for numbers in (range(12), range(12, 24))
    )
    assert found(make_sample, answer) is None
    assert found(make_sample, answer, think=think) == ("repeated_run", {"text": run, "count": 24})


def test_the_numbers_are_options(make_sample) -> None:
    text = "red fish one red fish two red fish"
    assert found(make_sample, text, ngram=2, most=3) is None
    assert found(make_sample, text, ngram=2, most=2) == (
        "repeated_run",
        {"text": "red fish", "count": 3},
    )


def test_shown_text_is_cut(make_sample) -> None:
    unit = filler(0, 60)
    reason, evidence = found(make_sample, f"{unit} " * 8)
    assert reason == "loop"
    assert evidence == {"text": unit[:200], "count": 8}


@given(
    unit=st.lists(st.sampled_from(["aa", "bb", "cc"]), min_size=1, max_size=12),
    before=st.lists(st.sampled_from(["aa", "bb", "cc"]), max_size=12),
    after=st.lists(st.sampled_from(["aa", "dd"]), max_size=6),
)
def test_every_long_loop_is_rejected(make_sample, unit, before, after) -> None:
    text = " ".join(before + unit * 40 + after)
    assert found(make_sample, text) is not None


def test_real_answers_do_not_repeat_themselves(make_sample, shared) -> None:
    import json

    rows = (shared / "data" / "math500" / "test.jsonl").read_text(encoding="utf-8").splitlines()
    solutions = [json.loads(row)["solution"] for row in rows]
    assert max(len(words(text)) for text in solutions) > 500
    assert [text for text in solutions if found(make_sample, text)] == []
