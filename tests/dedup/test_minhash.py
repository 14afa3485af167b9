import json
import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from potstill.dedup.minhash import minhash
from potstill.dedup.signatures import rows_per_band
from potstill.records import Message, Problem
from potstill.text.ngrams import ngrams, words
from potstill.text.numerals import figures

EN = (
    "Tom has 3 apples and buys some more at the market on Friday morning. He gives 2 of them to "
    "his sister Ann, who already has 7 pears. How many apples does Tom have in the end?"
)
ZH = "商店里有3箱苹果和5箱梨，上午卖出2箱苹果，下午又运来4箱梨，请问现在商店里一共有多少箱水果？"


def problem(line, *turns, answer=None):
    roles = ["user"] if len(turns) == 1 else ["system", "user", "assistant", "user"][: len(turns)]
    messages = [Message(role=r, content=t) for r, t in zip(roles, turns, strict=True)]
    return Problem(
        source="s", file="f", line=line, messages=messages, reference_answer=answer, language="en"
    )


@pytest.fixture
def dropped(table):
    """A function that gives the row that stays for each row that is dropped."""

    def find(rows, shard_rows=100, **options):
        return {found.row: found.of for found in minhash(table(rows, shard_rows), **options)}

    return find


@pytest.fixture
def texts(dropped):
    return lambda *texts, **options: dropped(
        [problem(i, text) for i, text in enumerate(texts)], **options
    )


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (EN, EN.replace("Friday", "Sunday")),
        (EN, EN.replace("Tom", "Tim", 1)),
        (EN, "Please solve: " + EN),
        (EN, EN.upper().replace(",", "").replace(".", " ;")),
        (EN, EN.replace("3 apples", "three apples")),
        (EN, EN.replace("sister", "sistre")),
        (ZH, ZH.replace("商店里", "超市里", 1)),
        (ZH, ZH.replace("，", ",").replace("3", " ３ ")),
        (ZH, ZH.replace("请问", "")),
        (r"Find \frac{1}{2} of $x$ where x is odd", r"Find $\frac 1 2$ of x, where $x$ is odd"),
        ("?!", "?!"),
    ],
)
def test_near_duplicates(texts, one, other):
    assert texts(one, other) == {1: 0}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (EN, EN.replace("3 apples", "5 apples")),
        (EN, EN.replace("3 apples", "5 apples").replace("7 pears", "3 pears")),
        (EN, EN.replace("3 apples", "four apples")),
        (ZH, ZH.replace("3箱", "6箱")),
        (ZH, ZH.replace("3箱", "八箱")),
        (EN, ZH),
        ("Name a red fruit.", "Name a big city."),
        ("?", "!"),
        ("", "a"),
    ],
)
def test_other_problems(texts, one, other):
    assert texts(one, other) == {}


def test_other_numbers_can_be_let_through(texts):
    other = EN.replace("3 apples", "5 apples")
    assert texts(EN, other, same_numbers=False) == {1: 0}


def test_other_answers_make_other_problems(dropped):
    least, greatest = (f"{EN} Round to the {word} integer." for word in ("lower", "upper"))
    answers = [problem(1, least, answer="1"), problem(2, greatest, answer="2")]
    assert dropped(answers) == {}
    assert dropped(answers, same_answers=False) == {1: 0}
    without = problem(3, greatest)
    assert dropped([answers[0], without]) == {1: 0}
    # The row without an answer brings the two others not together.
    assert dropped([*answers, without]) == {2: 1}
    assert dropped([*answers, without, problem(4, greatest + " Please.", answer="2.0")]) == {
        2: 1,
        3: 1,
    }


CONFLICT = "reference_conflict"


@pytest.mark.parametrize(
    ("conflicts", "expected"),
    [
        ("drop", [(1, 0, CONFLICT), (2, 0, "duplicate"), (3, 0, "duplicate")]),
        ("keep", [(2, 0, "duplicate"), (3, 0, "duplicate")]),
        # The near ones are left; without the first row, nothing brings the two together.
        ("drop_all", [(0, 1, CONFLICT), (1, 0, CONFLICT)]),
    ],
)
def test_one_question_with_different_references(table, conflicts, expected):
    rows = [
        problem(1, EN, answer="3"),
        problem(2, EN.lower(), answer="4"),
        problem(3, EN.replace("Tom", "Tim"), answer="3"),
        problem(4, EN.replace("Friday morning", "Sunday")),
    ]
    found = [(d.row, d.of, d.reason) for d in minhash(table(rows), conflicts=conflicts)]
    assert found == expected


def test_what_equals_a_dropped_row_names_the_one_that_stays(table):
    near = EN.replace("Friday", "Sunday")
    rows = [problem(1, near), problem(2, near.upper()), problem(3, EN, answer="3")]
    found = [*minhash(table(rows))]
    assert [(d.row, d.of) for d in found] == [(0, 2), (1, 2)]
    one, other = set(grams(EN)), set(grams(near))
    assert {d.similarity for d in found} == {len(one & other) / len(one | other)}


def test_the_rules_say_which_row_of_a_cluster_stays(dropped):
    rows = [
        problem(1, EN),
        problem(2, EN.replace("Friday", "Sunday"), answer="1"),
        problem(3, "Please solve: " + EN),
    ]
    assert dropped(rows) == {0: 1, 2: 1}
    assert dropped(rows, keep=["first"]) == {1: 0, 2: 0}
    assert dropped(rows, keep=["longest"]) == {0: 2, 1: 2}
    other = rows[2].model_copy(update={"source": "t"})
    assert dropped([*rows[:2], other], keep=["priority"], priority=["t"]) == {0: 2, 1: 2}


def test_a_prompt_in_common_makes_no_duplicates(dropped):
    system = "You are careful. " * 50
    rows = [problem(1, system, "Name a red fruit."), problem(2, system, "Name a big city.")]
    assert dropped(rows) == {}
    assert dropped([rows[0], problem(3, system, "Name a red fruit!")]) == {1: 0}
    assert dropped([problem(1, "b", EN), problem(2, EN)]) == {}
    assert dropped([problem(1, "b", EN, "c", EN), problem(2, "b", EN, "d", EN)]) == {}
    near = EN.replace("Friday", "Sunday")
    assert dropped([problem(1, "b", EN, "c", EN), problem(2, "b", near, "c", EN)]) == {1: 0}


def test_clusters_are_transitive_and_name_the_row_that_stays(table):
    tokens = [word(i) for i in range(60)]
    chain = []
    for step in range(8):
        tokens[step * 5] = word(1000 + step)
        tokens[step * 5 + 1] = word(2000 + step)
        chain.append(" ".join(tokens))
    found = [*minhash(table([problem(i, text) for i, text in enumerate(chain)], 3))]
    assert [(item.row, item.of) for item in found] == [(i, 0) for i in range(1, 8)]
    similarities = [item.similarity for item in found]
    assert similarities == sorted(similarities, reverse=True)
    assert similarities[0] >= 0.8 > similarities[-1]


def test_the_rows_of_a_cluster_do_not_depend_on_order_or_shards(table):
    rng = random.Random(7)
    rows = []
    for base in range(40):
        text = [word(100 * base + i) for i in range(50)]
        for _ in range(5):
            changed = text.copy()
            changed[rng.randrange(50)] = "changed"
            rows.append(" ".join(changed))
    expected = components(table, rows)
    assert len(expected) == 40
    for seed in range(3):
        assert components(table, random.Random(seed).sample(rows, len(rows)), 7) == expected


def test_nor_where_more_rows_share_a_key_than_are_compared(table):
    rng = random.Random(3)
    rows = []
    for _ in range(300):  # pairs of .5 to .9, in buckets of hundreds
        text = [word(i) for i in range(30)]
        for spot in rng.sample(range(30), 3):
            text[spot] = word(100 + rng.randrange(10))
        rows.append(" ".join(text))
    expected = components(table, rows)
    assert components(table, random.Random(1).sample(rows, len(rows)), 17) == expected


def word(number):
    """Return a word of letters, another one for each number."""
    return "w" + f"{number:04}".translate(str.maketrans("0123456789", "abcdefghij"))


def components(table, texts, shard_rows=1000):
    clusters = {}
    for item in minhash(table([problem(i, text) for i, text in enumerate(texts)], shard_rows)):
        clusters.setdefault(item.of, {texts[item.of]}).add(texts[item.row])
    return set(map(frozenset, clusters.values()))


TURNS = st.lists(
    st.lists(st.sampled_from(["a", "b", "c", "中", "\\alpha", "x²", "3"]), max_size=6).map(
        " ".join
    ),
    min_size=1,
    max_size=3,
)


@settings(max_examples=60, deadline=None)
@given(st.lists(TURNS, max_size=12), st.integers(1, 12), st.sampled_from([1, 2, 3]))
def test_what_is_dropped_is_similar_to_a_kept_row_or_through_others(table, rows, shard, size):
    problems = [problem(i, *turns) for i, turns in enumerate(rows)]
    options = {"threshold": 0.5, "shingle": size, "same_numbers": False}
    found = [*minhash(table(problems, shard), **options)]
    gone = {item.row for item in found}
    for item in found:
        assert item.of not in gone
        assert item.of < item.row
        assert item.similarity == similarity(rows[item.of], rows[item.row], size)
    assert len(found) == len(gone)
    for one in range(len(rows)):
        for other in range(one):
            if similarity(rows[one], rows[other], size) == 1:
                assert not {one, other}.isdisjoint(gone)


def similarity(one, other, size):
    """Return the measure, the slow way."""
    if len(one) != len(other):
        return 0
    sets = [[set(grams(text, size)) for text in turns] for turns in (one, other)]
    return min(len(a & b) / len(a | b) for a, b in zip(*sets, strict=True))


def grams(text, size=2):
    tokens = words(text)
    return ngrams(tokens, min(size, len(tokens))) or [""]


def test_bands_miss_few_pairs_at_the_threshold():
    assert rows_per_band(0.8, 128) == 6
    for threshold in (0.01, 0.3, 0.5, 0.8, 0.95, 0.999, 1.0):
        for permutations in (16, 128, 1024):
            size = rows_per_band(threshold, permutations)
            missed = (1 - threshold**size) ** (permutations // size)
            assert missed <= 0.01 or size == 1


def test_planted_near_duplicates_of_real_problems(dropped, shared):
    lines = (shared / "data/gsm8k/train.jsonl").read_text("utf-8").splitlines()[:400]
    real = [problem(i, json.loads(line)["question"]) for i, line in enumerate(lines)]
    rng = random.Random(1)
    planted = []
    for original in real:
        tokens = original.messages[0].content.split()
        spots = [i for i, token in enumerate(tokens) if token.isalpha()]
        tokens[rng.choice(spots)] = "zebra"
        planted.append(problem(1000 + original.line, " ".join(tokens)))
    found = dropped([*real, *planted])
    similar = {
        400 + row
        for row, pair in enumerate(zip(real, planted, strict=True))
        if is_near(*(problem.messages[0].content for problem in pair))
    }
    assert found == {row: row - 400 for row in similar & set(found)}
    assert len(found) >= 0.99 * len(similar) > 350


def is_near(one, other):
    numbers = [figures(words(text)) for text in (one, other)]
    return numbers[0] == numbers[1] and similarity([one], [other], 2) >= 0.8


@pytest.mark.parametrize("threshold", [0.5, 0.8, 0.9])
def test_planted_pairs_of_known_similarity(dropped, threshold):
    rng = np.random.default_rng(5)
    rows, similar = [], set()
    for number in range(600):
        # Two sets of words in alphabetical order, n of which are in common.
        common = 60
        value = rng.uniform(threshold - 0.1, min(threshold + 0.1, 0.99))
        own = round((common / value - common) / 2)
        names = [word(i) for i in rng.choice(10_000, common + 2 * own, replace=False)]
        pair = [sorted(names[:common] + names[common + i * own :][:own]) for i in (0, 1)]
        rows += [problem(2 * number + i, " ".join(each)) for i, each in enumerate(pair)]
        if common / (common + 2 * own) >= threshold:
            similar.add((2 * number + 1, 2 * number))
    found = {*dropped(rows, threshold=threshold, shingle=1, same_numbers=False).items()}
    assert found <= similar
    assert len(found) >= 0.99 * len(similar) > 200


@pytest.mark.parametrize(
    "text", ["", "?!", "。", "a", "x" * 70_000, "word " * 30_000, "中" * 70_000]
)
def test_texts_of_any_length(texts, text):
    assert texts(text, text + " ", "other") == {1: 0}


def test_a_million_times_the_same_is_one_cluster(dropped):
    rows = [problem(i, text) for i, text in enumerate(["", EN, "", EN.replace("Tom", "Tim", 1)])]
    found = dropped([rows[i % 4] for i in range(8000)], shard_rows=3000)
    assert found == {i: 0 if i % 2 == 0 else 1 for i in range(8000) if i not in (0, 1)}


def test_no_rows(dropped):
    assert dropped([]) == {}


def test_prompts_with_other_tools_are_other_problems(dropped) -> None:
    def offering(line: int, *names: str) -> Problem:
        about = {"description": "Looks up what is known of it", "parameters": {"type": "object"}}
        tools = [{"type": "function", "function": {"name": name, **about}} for name in names]
        return problem(line, EN).model_copy(update={"tools": tuple(tools)})

    rows = [offering(1, "weather"), offering(2, "weather"), offering(3), offering(4, "a", "b")]
    assert dropped(rows) == {1: 0}
