import csv
import json
import pickle
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from potstill.decontaminate.similar import similar
from potstill.errors import InputError
from potstill.models.embeddings.embedder import Served
from potstill.records import Message, Problem

DUCKS = (
    "Janet’s ducks lay 16 eggs per day. She eats three for breakfast every morning and bakes "
    "muffins for her friends every day with four. How much does she make every day?"
)
REPHRASED = (
    "Every day, 16 eggs are laid by the ducks of Janet. Three go into her breakfast each morning, "
    "and with four she bakes muffins for friends. What does she make daily?"
)
CANAL = (
    "工程队修一条水渠，前 5 天每天修 30 米，后来增加了人手，每天比原来多修 20 米，又用了 6 天修完。"
)
CANAL_REPHRASED = (
    "一条水渠由工程队来修。前 5 天中每天修 30 米，增加人手以后每天多修 20 米，再过 6 天修完了。"
)
CHOICE = (
    "The concept of gemeinschaft developed by Tönnies refers to:\n\nOptions:\n"
    "A. relations in a community\nB. a contract\nC. the market of labour\nD. all of the above"
)
CODE = '''
def words_in_sentence(sentence):
    """
    You are given a string of words separated by spaces. Return a string of the words
    whose lengths are prime numbers, in the same order as the original one.

    Example: words_in_sentence("This is a test") == "is"
    """
'''
CODE_REPHRASED = '''
def prime_words(text):
    """
    From a string with words that spaces separate, build a string of those words whose lengths
    are prime, keeping the original order.

    Example: prime_words("lets go for swimming") == "go for"
    """
    kept = []
    for word in text.split():
        if all(len(word) % k for k in range(2, len(word))):
            kept.append(word)
    return " ".join(kept)
'''
OTHERS = [
    "Which gas do plants take from the air when the sun shines on their leaves?",
    "A train leaves the station at noon and reaches the next town after 90 minutes.",
    "Name the author of the play in which a prince talks to a skull.",
    "Write a function that adds the squares of a list of integers.",
    "What is the capital of the country where the river Tagus meets the sea?",
    "How many triangles have their corners among the vertices of a cube?",
    "下列关于光合作用的说法中，正确的是哪一项？",
    "已知函数在区间上单调递增，求参数的取值范围。",
]


def problem(line, text, source="bench"):
    messages = [Message(role="user", content=text)]
    return Problem(source=source, file="f", line=line, messages=messages)


def build(*items, **options):
    return similar([problem(i, item) for i, item in enumerate(items, start=1)], **options)


def look(text, *items, **options):
    [found] = build(*items, *OTHERS, **options)([problem(1, text, "s")])
    return found


@pytest.mark.parametrize(
    ("item", "text"), [(DUCKS, REPHRASED), (CANAL, CANAL_REPHRASED), (CODE, CODE_REPHRASED)]
)
def test_an_item_in_other_words_is_found(item, text):
    found = look(text, item)
    assert found.item == "bench:f:1"
    assert 0.3 <= found.score <= 1
    assert found.span in text


@pytest.mark.parametrize("item", [DUCKS, CANAL, CHOICE, CODE])
def test_a_copy_is_contaminated(item):
    found = look(item, item)
    assert (found.item, found.verdict) == ("bench:f:1", "contaminated")
    assert found.score > 0.99


def test_options_are_not_missed_where_they_are_absent_and_count_where_both_have_them():
    question = CHOICE.partition("\n")[0]
    assert look(question, CHOICE).verdict == "contaminated"
    assert look(CHOICE, question).verdict == "contaminated"
    asked = "Which of the following statements is true?\n\nOptions:\nA. {}\nB. {}"
    item = asked.format("Every ring is a field", "Every permutation is a cycle")
    other = asked.format("Mercury boils before water", "Copper is lighter than aluminium")
    siblings = [asked.format(f"{text} Yes", f"{text} No") for text in OTHERS]
    assert look(item, item, *siblings).verdict == "contaminated"
    assert look(other, item, *siblings) is None


def test_an_item_with_other_numbers_is_another_problem():
    changed = DUCKS.replace("16", "48").replace("three", "nine").replace("four", "eleven")
    assert look(changed, DUCKS) is None
    assert look(changed, DUCKS, same_numbers=False).item == "bench:f:1"


def test_numbers_in_code_are_examples():
    item = CODE.replace('"This is a test") == "is"', "[16, 48]) == 3")
    assert look(item.replace("[16, 48]) == 3", "[25, 37]) == 9"), item).item == "bench:f:1"


def test_a_text_of_another_subject_is_clean():
    assert look("Describe how a loaf of bread is baked in an oven.", DUCKS, CHOICE, CODE) is None
    assert look("", DUCKS) is None
    assert look("?!", DUCKS) is None


def test_wording_that_many_items_share_draws_no_problem_in():
    colours = ["red", "blue", "green", "black", "white", "pink", "brown", "grey", "gold", "plum"]
    items = [f"Write a function to find the {each} tuple in a given list." for each in colours]
    assert look("Write a function to find the largest tuple in a given list.", *items) is None
    # Without its siblings, an item is not of a kind that many are.
    assert look("Write a function to find the largest tuple in a given list.", items[0])


def test_the_first_row_id_of_equal_items_is_named_whatever_their_order():
    items = [problem(2, DUCKS), problem(1, DUCKS.upper()), *map(problem, range(3, 9), OTHERS)]
    for some in (items, items[::-1]):
        [found] = similar(some)([problem(1, DUCKS, "s")])
        assert found.item == "bench:f:1"


def test_the_span_is_the_stretch_that_is_like_the_item():
    text = f"Hello! Here is some homework that nobody likes.\n{DUCKS}\nThanks a lot, and good bye."
    found = look(text, DUCKS)
    assert found.span.startswith("Janet")
    assert found.span.endswith("every day")


def test_thresholds_tell_suspect_from_contaminated():
    text = "Four friends of Janet and her 16 ducks went out for lunch, and three of them came late."
    score = look(text, DUCKS, suspect=0.01).score
    assert 0.01 < score < 0.99
    assert look(text, DUCKS, suspect=0.01, contaminated=score).verdict == "contaminated"
    assert look(text, DUCKS, suspect=score, contaminated=score + 0.001).verdict == "suspect"
    assert look(text, DUCKS, suspect=score + 0.001, contaminated=1) is None
    with pytest.raises(InputError, match=r"suspect \(0.9\) is more than contaminated \(0.5\)"):
        build(DUCKS, suspect=0.9, contaminated=0.5)


def test_without_items_all_is_clean():
    assert similar([])([problem(1, DUCKS), problem(2, "")]) == [None, None]
    assert similar([problem(1, "?")])([problem(1, DUCKS)]) == [None]
    assert build(DUCKS)([]) == []


@given(st.lists(st.sampled_from([DUCKS, CANAL, CHOICE, *OTHERS]), max_size=6), st.data())
def test_a_row_is_found_alike_whatever_stands_beside_it(texts, data):
    index = build(DUCKS, CANAL, CHOICE, CODE, *OTHERS[:4])
    rows = [problem(i, text, "s") for i, text in enumerate(texts)]
    cut = data.draw(st.integers(0, len(rows)))
    assert index(rows) == [*index(rows[:cut]), *index(rows[cut:])]


def test_the_index_is_the_same_in_another_process(tmp_path):
    index = build(DUCKS, CANAL, *OTHERS)
    rows = [problem(1, REPHRASED), problem(2, CANAL_REPHRASED)]
    (tmp_path / "index").write_bytes(pickle.dumps((index, rows)))
    code = (
        "import pickle, sys; index, rows = pickle.load(open(sys.argv[1], 'rb'));"
        "print([tuple(found) for found in index(rows)])"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "index")]
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert output.strip() == str([tuple(found) for found in index(rows)])


class Letters:
    """An embedder that counts letters."""

    where = "local"

    def embed(self, texts):
        counts = [[text.lower().count(chr(97 + i)) for i in range(26)] for text in texts]
        rows = np.array(counts, dtype=np.float32).reshape(len(texts), 26)
        return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)


def test_vectors_take_the_place_of_terms(monkeypatch):
    monkeypatch.setattr("potstill.models.embeddings.embedder.embedder", lambda spec: Letters())
    items = [problem(i, text) for i, text in enumerate(["zzzz qqqq", *OTHERS[:6]], start=1)]
    index = similar(items, embed="letters")
    found, clean = index([problem(1, "qqqq and zzzz"), problem(2, "")])
    assert (found.item, found.span) == ("bench:f:1", "qqqq and zzzz")
    assert clean is None
    assert pickle.loads(pickle.dumps(index))([problem(1, "zq zq")])[0].item == "bench:f:1"


def test_an_endpoint_can_not_embed():
    served = {"base_url": "http://127.0.0.1:1/v1", "model": "m"}
    spec = Served.model_validate(served)
    with pytest.raises(InputError, match="an endpoint can't be asked"):
        build(DUCKS, embed=spec)


def test_real_problems(shared):
    def read(name, count):
        lines = (shared / f"data/{name}").read_text("utf-8").split("\n")[:count]
        return [json.loads(line) for line in lines]

    folder = "decontaminator/sociology_test"
    rephrased = read(f"{folder}_rephrase_english_filtered_question.jsonl", 201)
    with (shared / f"data/{folder}.csv").open(encoding="utf-8", errors="replace") as file:
        parts = [
            [row[0], *map(". ".join, zip("ABCD", row[1:5], strict=True))]
            for row in csv.reader(file)
        ]
    items = [problem(i, "\n".join(part)) for i, part in enumerate(parts)]
    index = similar(items)
    rows = [problem(i, row["text"]) for i, row in enumerate(rephrased) if row["text"].strip()]
    named = [
        found is not None and found.item == f"bench:f:{row.line}"
        for row, found in zip(rows, index(rows), strict=True)
    ]
    assert sum(named) >= 0.8 * len(rows)
    clean = [problem(i, row["question"]) for i, row in enumerate(read("gsm8k/train.jsonl", 500))]
    assert sum(found is not None for found in index(clean)) <= 2
