import json
import random
import tempfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from potstill.dedup import minhash as module
from potstill.dedup.minhash import minhash
from potstill.dedup.signatures import rows_per_band
from potstill.errors import StorageError
from potstill.records import Message, Problem
from potstill.text.ngrams import ngrams, words

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


def dropped(rows, **options):
    return {found.row_id: found.of for found in minhash(iter(rows), **options)}


def texts(*texts, **options):
    return dropped([problem(i, text) for i, text in enumerate(texts, start=1)], **options)


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
def test_near_duplicates(one, other):
    assert texts(one, other) == {"s:f:2": "s:f:1"}


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
def test_other_problems(one, other):
    assert texts(one, other) == {}


def test_other_numbers_can_be_let_through():
    other = EN.replace("3 apples", "5 apples")
    assert texts(EN, other, same_numbers=False) == {"s:f:2": "s:f:1"}


def test_other_answers_make_other_problems():
    least, greatest = (f"{EN} Round to the {word} integer." for word in ("lower", "upper"))
    answers = [problem(1, least, answer="1"), problem(2, greatest, answer="2")]
    assert dropped(answers) == {}
    assert dropped(answers, same_answers=False) == {"s:f:2": "s:f:1"}
    without = problem(3, greatest)
    assert dropped([answers[0], without]) == {"s:f:3": "s:f:1"}
    assert dropped([*answers, without]) == {"s:f:3": "s:f:1"}


def test_a_prompt_in_common_makes_no_duplicates():
    system = "You are careful. " * 50
    rows = [problem(1, system, "Name a red fruit."), problem(2, system, "Name a big city.")]
    assert dropped(rows) == {}
    assert dropped([rows[0], problem(3, system, "Name a red fruit!")]) == {"s:f:3": "s:f:1"}
    assert dropped([problem(1, "b", EN), problem(2, EN)]) == {}
    assert dropped([problem(1, "b", EN, "c", EN), problem(2, "b", EN, "d", EN)]) == {}


def test_clusters_are_transitive_and_name_the_first_row():
    tokens = [word(i) for i in range(60)]
    chain = []
    for step in range(8):
        tokens[step * 5] = word(1000 + step)
        tokens[step * 5 + 1] = word(2000 + step)
        chain.append(" ".join(tokens))
    found = list(minhash([problem(i, text) for i, text in enumerate(chain, start=1)]))
    assert {item.of for item in found} == {"s:f:1"}
    assert [item.row_id for item in found] == [f"s:f:{i}" for i in range(2, 9)]
    similarities = [item.similarity for item in found]
    assert similarities == sorted(similarities, reverse=True)
    assert similarities[0] >= 0.8 > similarities[-1]


def test_the_rows_of_a_cluster_do_not_depend_on_the_order(monkeypatch):
    rng = random.Random(7)
    rows = []
    for base in range(40):
        text = [word(100 * base + i) for i in range(50)]
        for _ in range(5):
            changed = text.copy()
            changed[rng.randrange(50)] = "changed"
            rows.append(problem(len(rows) + 1, " ".join(changed)))
    expected = components(minhash(rows))
    assert len(expected) == 40
    monkeypatch.setattr(module, "_BATCH", 7)
    for seed in range(3):
        assert components(minhash(random.Random(seed).sample(rows, len(rows)))) == expected


def word(number):
    """Return a word of letters, another one for each number."""
    return "w" + f"{number:04}".translate(str.maketrans("0123456789", "abcdefghij"))


def components(found):
    clusters = {}
    for item in found:
        clusters.setdefault(item.of, {item.of}).add(item.row_id)
    return set(map(frozenset, clusters.values()))


@given(st.lists(st.lists(st.sampled_from("abcde"), min_size=1, max_size=6), max_size=12))
def test_dropped_rows_are_similar_to_a_kept_row_or_through_others(rows):
    problems = [problem(i, " ".join(row)) for i, row in enumerate(rows)]
    found = list(minhash(problems, threshold=0.5))
    gone = {item.row_id for item in found}
    by_id = {p.row_id: set(grams(p.text)) for p in problems}
    for item in found:
        assert item.of not in gone
        assert problems.index(row(problems, item.of)) < problems.index(row(problems, item.row_id))
        one, other = by_id[item.row_id], by_id[item.of]
        assert item.similarity == round(len(one & other) / len(one | other), 4)


def grams(text):
    tokens = words(text)
    return ngrams(tokens, min(2, len(tokens)))


def row(problems, row_id):
    return next(p for p in problems if p.row_id == row_id)


def test_bands_miss_few_pairs_at_the_threshold():
    assert rows_per_band(0.8, 128) == 6
    for threshold in (0.01, 0.3, 0.5, 0.8, 0.95, 0.999, 1.0):
        for permutations in (16, 128, 1024):
            size = rows_per_band(threshold, permutations)
            missed = (1 - threshold**size) ** (permutations // size)
            assert missed <= 0.01 or size == 1


def test_planted_near_duplicates_of_real_problems(shared):
    lines = (shared / "data/gsm8k/train.jsonl").read_text("utf-8").splitlines()[:400]
    real = [problem(i, json.loads(line)["question"]) for i, line in enumerate(lines, start=1)]
    rng = random.Random(1)
    planted = []
    for original in real:
        tokens = original.text.split()
        spots = [i for i, token in enumerate(tokens) if token.isalpha()]
        tokens[rng.choice(spots)] = "zebra"
        planted.append(problem(1000 + original.line, " ".join(tokens)))
    found = dropped([*real, *planted])
    assert not any(int(row_id.rpartition(":")[2]) <= 400 for row_id in found)
    right = [found.get(p.row_id) == f"s:f:{p.line - 1000}" for p in planted]
    assert sum(right) >= 0.95 * len(planted)
    assert all(found[p.row_id] == f"s:f:{p.line - 1000}" for p in planted if p.row_id in found)


def test_a_full_disk_is_one_clear_sentence(monkeypatch):
    class Full:
        def write(self, data):
            raise OSError(28, "No space left on device")

        def __enter__(self):
            return self

        def __exit__(self, *error):
            return None

    monkeypatch.setattr(tempfile, "SpooledTemporaryFile", lambda **_: Full())
    with pytest.raises(StorageError, match=r"set by TMPDIR\): No space left on device"):
        list(minhash([problem(1, "a")]))


def test_prompts_with_other_tools_are_other_problems() -> None:
    def offering(line: int, *names: str) -> Problem:
        about = {"description": "Looks up what is known of it", "parameters": {"type": "object"}}
        tools = [{"type": "function", "function": {"name": name, **about}} for name in names]
        return problem(line, EN).model_copy(update={"tools": tuple(tools)})

    rows = [offering(1, "weather"), offering(2, "weather"), offering(3), offering(4, "a", "b")]
    assert dropped(rows) == {"s:f:2": "s:f:1"}
