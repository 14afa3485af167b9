import json
import pickle
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from potstill.decontaminate.ngram import ngram
from potstill.errors import InputError
from potstill.records import Message, Problem

ITEM = (
    "Janet’s ducks lay 16 eggs per day. She eats three for breakfast every morning and bakes "
    "muffins for her friends every day with four. How much does she make every day?"
)
ZH = (
    "工程队修一条水渠，前 5 天每天修 30 米，后来增加了人手，每天比原来多修 20 米，又用了 6 天修完。"
)


def problem(line, *turns, source="bench"):
    messages = [Message(role="user", content=turn) for turn in turns]
    return Problem(source=source, file="f", line=line, messages=messages, language="en")


def look(text, *items, **options):
    index = ngram([problem(i, item) for i, item in enumerate(items, start=1)], **options)
    [found] = index([problem(1, *([text] if isinstance(text, str) else text), source="s")])
    return found


@pytest.mark.parametrize("item", [ITEM, ZH])
def test_a_copy_is_found_whatever_its_spelling(item):
    for text in (item, item.upper(), item.replace(" ", "  "), item.replace("’", "'")):
        found = look(text, "Something else that is asked of everybody in the room today", item)
        assert (found.item, found.score) == ("bench:f:2", 1.0)
        assert text.startswith(found.span)
        assert len(found.span) >= len(text) - 1


def test_the_span_is_the_longest_matched_stretch_as_it_was_written():
    text = f"Here is one.\n{ITEM.replace('breakfast', 'lunch').upper()}\nAnswer with a number."
    found = look(text, ITEM)
    assert 0.5 <= found.score < 1
    assert found.span == (
        "EVERY MORNING AND BAKES MUFFINS FOR HER FRIENDS EVERY DAY WITH FOUR. "
        "HOW MUCH DOES SHE MAKE EVERY DAY"
    )


def test_an_item_in_any_turn_is_found():
    assert look([ITEM, "thanks"], ITEM).item == "bench:f:1"


def test_one_stretch_in_common_is_not_enough():
    text = "Sam eats three for breakfast every morning and bakes muffins, then runs ten miles."
    assert look(text, ITEM) is None
    assert look(text, ITEM, coverage=0.05, suspect=0.05, same_numbers=False).span == (
        "eats three for breakfast every morning and bakes muffins"
    )


def test_the_best_item_is_named_and_the_first_row_id_of_equals():
    part = ITEM.rpartition(".")[0]
    assert look(ITEM, part, ITEM).item == "bench:f:1"
    items = [problem(2, ITEM), problem(1, ITEM.lower()), problem(3, ITEM + " Tell me now please")]
    for given_items in (items, items[::-1]):
        [found] = ngram(given_items)([problem(1, ITEM)])
        assert found.item == "bench:f:1"


def test_a_short_item_must_be_the_whole_problem():
    assert look("What is 2 + 2?", "what is 2+2").score == 1.0
    assert look("What is 2 + 2? ", "what is 2+2").span == "What is 2 + 2?"
    assert look("What is 2 + 2? Explain.", "what is 2+2") is None
    assert look("?", "!") is None


def test_wording_that_many_items_share_counts_for_none():
    wording = "Choose the letter of the one right answer to this question and nothing else"
    colours = ["red", "blue", "green", "black", "white", "pink", "brown", "grey", "gold", "plum"]
    items = [
        f"{wording}: {colour} {ITEM}" if colour == "red" else f"{wording}: {colour} thing"
        for colour in [*colours, "teal"]
    ]
    assert look(f"{wording}: orange thing", *items) is None
    assert look(f"{wording}: blue thing", *items).item == "bench:f:2"
    assert look(ITEM, *items).item == "bench:f:1"


def test_the_index_is_the_same_in_another_process(tmp_path):
    index = ngram([problem(1, ITEM), problem(2, ZH)])
    (tmp_path / "index").write_bytes(pickle.dumps((index, [problem(1, ITEM), problem(2, ZH)])))
    code = (
        "import pickle, sys; index, rows = pickle.load(open(sys.argv[1], 'rb'));"
        "print([tuple(found) for found in index(rows)])"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "index")]
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    rows = [problem(1, ITEM), problem(2, ZH)]
    assert output.strip() == str([tuple(found) for found in index(rows)])


@given(st.lists(st.lists(st.sampled_from("abc"), max_size=8), max_size=6), st.data())
def test_scores_are_the_share_of_an_items_ngrams(items, data):
    text = " ".join(data.draw(st.lists(st.sampled_from("abc"), max_size=10)))
    found = look(text, *map(" ".join, items), n=2, coverage=0.01, suspect=0.01)
    best = max((share(text.split(), item) for item in items), default=0)
    assert (found.score if found else 0) == round(best, 4)
    if found:
        assert found.span in text


def share(text, item):
    if len(item) < 2:
        return float(bool(item) and text == item)
    grams = set(zip(item, item[1:], strict=False))
    return len(grams & set(zip(text, text[1:], strict=False))) / len(grams)


def test_real_problems(shared):
    def read(name, count):
        lines = (shared / f"data/gsm8k/{name}.jsonl").read_text("utf-8").splitlines()[:count]
        return [problem(i, json.loads(line)["question"]) for i, line in enumerate(lines, start=1)]

    items = read("test", 500)
    index = ngram(items)
    assert [found.item for found in index(items)] == [item.row_id for item in items]
    assert sum(found is not None for found in index(read("train", 1000))) <= 2


def test_between_the_two_thresholds_is_suspect():
    text = "Every morning she bakes muffins for her friends every day with four. 16, three."
    share_ = look(text, ITEM, suspect=0.01).score
    assert look(text, ITEM, suspect=share_, coverage=1).verdict == "suspect"
    assert look(text, ITEM, suspect=0.01, coverage=share_).verdict == "contaminated"
    assert look(text, ITEM, suspect=min(1, share_ + 0.01), coverage=1) is None
    with pytest.raises(InputError, match=r"suspect \(0.6\) is more than coverage \(0.5\)"):
        ngram([], suspect=0.6)


def test_an_item_with_other_numbers_is_another_problem():
    long = f"{ITEM} {ITEM.replace('16', '17').replace('three', 'five')}"
    changed = long.replace("16", "28").replace("17", "39").replace("five", "twelve")
    changed = changed.replace("three", "nine").replace("four", "seven")
    assert look(changed, long, coverage=0.1, suspect=0.1) is None
    assert look(changed, long, coverage=0.1, suspect=0.1, same_numbers=False).item == "bench:f:1"


def test_half_of_an_item_has_half_of_its_numbers():
    half = ZH.partition("，又用了")[0]
    assert look(half, ZH).item == "bench:f:1"


def test_numbers_in_code_are_examples():
    item = f"def total(rows):\n    # {ITEM}\n    >>> total([16, 3])\n    19"
    changed = item.replace("16", "25").replace("19", "28").replace("three", "six")
    assert look(changed, item, suspect=0.2) is not None


def test_characters_find_words_that_run_together():
    text = ITEM.replace(" ", "")
    assert look(text, ITEM) is None
    assert look(text, ITEM, unit="character", n=20).verdict == "contaminated"
    assert look(ITEM, ITEM, unit="character", n=20).span == ITEM.rstrip("?")
