"""The quickstart's problems: right references, and every planted fault in its place."""

import ast
import json
import operator
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import combinations
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "recipes" / "quickstart"
COMPUTED_TOPICS = {"arithmetic", "word", "algebra"}
UNREADABLE = {"not_json", "invalid_escape"}
NO_PROMPT = {"empty_prompt", "missing_question", "wrong_type"}
PLANTS = {
    "exact_duplicate": 4,
    "near_duplicate": 4,
    "benchmark_copy": 1,
    "benchmark_paraphrase": 2,
    "wrong_reference": 2,
    "unparseable_reference": 2,
    "empty_prompt": 1,
    "missing_question": 1,
    "wrong_type": 1,
}

OPERATORS: dict[type[ast.AST], Callable[..., Fraction]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
    ast.USub: operator.neg,
}


def compute(expression: str) -> Fraction:
    """Evaluate numbers, + - * / **, parentheses and `Fraction(a, b)` exactly, and nothing else."""

    def value(node: ast.AST) -> Fraction:
        match node:
            case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
                return Fraction(str(number))
            case ast.BinOp(left, op, right) if type(op) in OPERATORS:
                return OPERATORS[type(op)](value(left), value(right))
            case ast.UnaryOp(op, operand) if type(op) in OPERATORS:
                return OPERATORS[type(op)](value(operand))
            case ast.Call(ast.Name("Fraction"), [above, below], []):
                return value(above) / value(below)
            case _:
                raise ValueError(f"not allowed in an expression: {ast.dump(node)}")

    return value(ast.parse(expression, mode="eval").body)


def read(name: str) -> tuple[list[dict], list[str]]:
    """Return the rows of a JSONL file, and the lines that are not JSON."""
    rows: list[dict] = []
    unreadable: list[str] = []
    for line in (FOLDER / name).read_text(encoding="utf-8").splitlines():
        try:
            rows.append(json.loads(line))
        except json.JSONDecodeError:
            unreadable.append(line)
    return rows, unreadable


ROWS, UNREADABLE_LINES = read("problems.jsonl")
BENCHMARK, _ = read("benchmark.jsonl")
GOOD = [row for row in ROWS if "plant" not in row]
EXPRESSIONS: dict[str, str] = json.loads(
    Path(__file__).with_name("quickstart_answers.json").read_text(encoding="utf-8")
)


def planted(plant: str) -> list[dict]:
    return [row for row in ROWS if row.get("plant") == plant]


def folded(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def words(text: str) -> list[str]:
    """Words, or single characters of Chinese."""
    return re.findall(r"[\u4e00-\u9fff]|[^\W\u4e00-\u9fff]+", folded(text))


def shingles(tokens: Sequence[str], n: int) -> set[tuple[str, ...]]:
    return {tuple(tokens[i : i + n]) for i in range(len(tokens) - n + 1)}


def jaccard(a: set, b: set) -> float:
    return len(a & b) / (len(a | b) or 1)


def earlier_prompts(row: dict) -> list[str]:
    before = ROWS[: ROWS.index(row)]
    return [r["question"] for r in before if "plant" not in r]


def test_there_are_enough_good_problems_in_both_languages():
    languages = Counter(row["lang"] for row in GOOD)
    assert len({folded(row["question"]) for row in GOOD}) == len(GOOD) >= 150
    assert languages["en"] >= 50
    assert languages["zh"] >= 50
    for row in GOOD:
        assert set(row) == {"id", "question", "answer", "topic", "lang"}


def test_ids_are_unique():
    assert max(Counter(row["id"] for row in ROWS + BENCHMARK).values()) == 1


def test_planted_faults_are_marked():
    assert Counter(row["plant"] for row in ROWS if "plant" in row) == PLANTS
    assert all(row["id"].startswith("planted-") == ("plant" in row) for row in ROWS)
    not_json, bad_escape = UNREADABLE_LINES
    assert re.fullmatch(r"planted-.*,not_json", not_json)
    assert json.loads(bad_escape.replace("\\", "\\\\"))["plant"] == "invalid_escape"


def test_the_readme_names_every_planted_fault():
    readme = (FOLDER / "README.md").read_text(encoding="utf-8")
    named = set(re.findall(r"^\| `(\w+)` \|", readme, re.MULTILINE))
    assert named == set(PLANTS) | UNREADABLE


def test_references_equal_an_independent_computation():
    has_prompt = [row for row in ROWS if row.get("plant") not in NO_PROMPT]
    computed = [row for row in has_prompt if row["topic"] in COMPUTED_TOPICS] + BENCHMARK
    assert {row["id"] for row in computed} == set(EXPRESSIONS)
    for row in computed:
        right = compute(EXPRESSIONS[row["id"]])
        match row.get("plant"):
            case "unparseable_reference":
                with pytest.raises(ValueError, match="Invalid literal"):
                    Fraction(row["answer"])
            case "wrong_reference":
                assert Fraction(row["answer"]) != right, row["id"]
            case _:
                assert Fraction(row["answer"]) == right, row["id"]


def test_choices_stand_on_their_own_lines():
    for row in GOOD:
        if row["topic"] == "choice":
            options = [line[:3] for line in row["question"].split("\n")[1:]]
            assert options == ["A. ", "B. ", "C. ", "D. "], row["id"]
            assert row["answer"] in "ABCD", row["id"]


def test_exact_duplicates_repeat_an_earlier_row():
    literal = [row["question"] in earlier_prompts(row) for row in planted("exact_duplicate")]
    assert literal.count(False) == 1  # it differs in case, white space and full-width digits
    for row in planted("exact_duplicate"):
        assert folded(row["question"]) in map(folded, earlier_prompts(row)), row["id"]


@pytest.mark.parametrize(("split", "n"), [(words, 3), (words, 5), (folded, 5), (folded, 9)])
def test_near_duplicates_repeat_most_of_an_earlier_row(split: Callable, n: int):
    for row in planted("near_duplicate"):
        own = shingles(split(row["question"]), n)
        most = max(jaccard(own, shingles(split(q), n)) for q in earlier_prompts(row))
        assert 0.85 <= most < 1, row["id"]


def test_benchmark_items_are_copied_once_and_paraphrased_twice():
    items = [item["question"] for item in BENCHMARK]
    assert all(row["question"] in items for row in planted("benchmark_copy"))
    known = set().union(*(shingles(words(item), 13) for item in items))
    for row in planted("benchmark_paraphrase"):
        assert row["question"] not in items
        assert shingles(words(row["question"]), 13) & known, row["id"]


def test_good_problems_repeat_neither_each_other_nor_the_benchmark():
    known = set().union(*(shingles(words(item["question"]), 8) for item in BENCHMARK))
    prints = []
    for row in GOOD:
        tokens = words(row["question"])
        assert not shingles(tokens, 8) & known, row["id"]
        prints.append((row["id"], shingles(tokens, 3), shingles(folded(row["question"]), 5)))
    for (a, a_words, a_chars), (b, b_words, b_chars) in combinations(prints, 2):
        assert max(jaccard(a_words, b_words), jaccard(a_chars, b_chars)) < 0.5, (a, b)


@pytest.mark.parametrize(
    "expression", ["x", "len('a')", "Fraction('1/2', 3)", "True", "1 if 1 else 2"]
)
def test_expressions_hold_numbers_only(expression: str):
    with pytest.raises(ValueError, match="not allowed"):
        compute(expression)
