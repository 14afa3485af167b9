"""Agreement of the labelers with data sets whose set implies the label.

    python benchmarks/labels.py --data FOLDER

The folder holds one folder for each set, as `labels.md` names them; a set that is absent is left
out. Prints the tables of `labels.md`.
"""

import argparse
import json
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from potstill.labels.category import category
from potstill.labels.language import language
from potstill.records import Message, Problem

Row = dict[str, Any]
VALUES = ("math", "code", "science", "instruction_following", "tool_calling", "chat")


class Set(NamedTuple):
    """A file whose rows are of one category."""

    file: str
    category: str | None
    """The category that the set implies; None where it is none of them."""
    prompt: Callable[[Row], str]
    language: str | None = None
    """The language that the set implies."""
    where: Callable[[Row], bool] = lambda row: True
    mixed: bool = False
    """Whether some rows are of others: those labels count neither for nor against."""


def column(name: str) -> Callable[[Row], str]:
    return lambda row: row[name]


def alpaca(row: Row) -> str:
    return f"{row['instruction']}\n{row['input']}".strip()


def choice(row: Row) -> str:
    return "\n".join([row["passage"] or "", row["question"], *row["options"]]).strip()


def first_turn(row: Row) -> str:
    turns = row.get("conversations") or row.get("messages") or row["question"][0]
    return turns[0].get("value") or turns[0]["content"]


def is_part(name: str) -> Callable[[Row], bool]:
    return lambda row: row["subcategory"] == name


def has_tools(row: Row) -> bool:
    return row["tools"] != "[]"


TUNED = [
    Set("gsm8k/test.jsonl", "math", column("question"), "en"),
    Set("math500/test.jsonl", "math", column("problem"), "en"),
    Set("aime24/test.jsonl", "math", column("problem"), "en"),
    Set("aime25/test2025-I.jsonl", "math", column("problem"), "en"),
    Set("aime25/test2025-II.jsonl", "math", column("problem"), "en"),
    Set("cmath_1098/test.jsonl", "math", column("question"), "zh"),
    Set("mgsm_zh/mgsm_zh.jsonl", "math", first_turn, "zh"),
    Set("agieval_en/sat-math.jsonl", "math", choice),
    Set("humaneval/HumanEval.jsonl", "code", column("prompt"), "en"),
    Set("mbpp/mbpp.jsonl", "code", column("text"), "en"),
    Set("code_contests_stdio/code_contests.json", "code", column("problem"), "en"),
    Set("leetcode_rllm/test.json", "code", column("problem"), "en"),
    Set("agieval_zh/gaokao-physics.jsonl", "science", choice, "zh"),
    Set("agieval_zh/gaokao-chemistry.jsonl", "science", choice, "zh"),
    Set("agieval_zh/gaokao-biology.jsonl", "science", choice, "zh"),
    Set("agieval_zh/gaokao-geography.jsonl", "science", choice, "zh"),
    Set("ifeval/input_data.jsonl", "instruction_following", column("prompt")),
    Set("ifbench/IFBench_test.jsonl", "instruction_following", column("prompt")),
    Set("bfcl_v4/BFCL_v4_live_simple.json", "tool_calling", first_turn),
    Set("bfcl_v4/BFCL_v4_multiple.json", "tool_calling", first_turn),
    Set("bfcl_v4/BFCL_v4_simple_python.json", "tool_calling", first_turn),
    Set("alpaca_demo_en_zh/alpaca_en_demo.json", "chat", alpaca, "en", mixed=True),
    Set("alpaca_demo_en_zh/alpaca_zh_demo.json", "chat", alpaca, "zh", mixed=True),
    Set("agieval_zh/gaokao-history.jsonl", None, choice, "zh"),
    Set("agieval_en/logiqa-en.jsonl", None, choice, "en"),
    Set("agieval_en/logiqa-zh.jsonl", None, choice, "zh"),
    Set("agieval_en/lsat-ar.jsonl", None, choice, "en"),
    Set("agieval_en/lsat-lr.jsonl", None, choice, "en"),
]
"""Sets that were looked at while the rules were written."""

_GAOKAO = "gaokao_bench_data/2010-2022_{}_MCQs.json"
_ARENA = "arena_hard/question_v2.0.jsonl"

HELD_OUT = [
    Set("gsm8k/train.jsonl", "math", column("question"), "en"),
    Set("math_test5000/test.jsonl", "math", column("problem"), "en"),
    Set(_GAOKAO.format("Math_I"), "math", column("question"), "zh"),
    Set(_GAOKAO.format("Math_II"), "math", column("question"), "zh"),
    Set(_ARENA, "math", column("prompt"), None, is_part("math")),
    Set("codeforces_stdio/codeforces.json", "code", column("problem"), "en"),
    Set("leetcode_rllm/train.json", "code", column("problem"), "en"),
    Set("decontaminator/humaneval_python.jsonl", "code", column("text"), "en"),
    Set(_ARENA, "code", column("prompt"), None, is_part("coding")),
    Set(_GAOKAO.format("Physics"), "science", column("question"), "zh"),
    Set(_GAOKAO.format("Chemistry"), "science", column("question"), "zh"),
    Set(_GAOKAO.format("Biology"), "science", column("question"), "zh"),
    Set(_GAOKAO.format("Geography"), "science", column("question"), "zh"),
    Set("huatuo_o1_demo/demo_data.json", "science", column("question"), "en"),
    Set("bfcl_v4/BFCL_v4_parallel.json", "tool_calling", first_turn),
    Set(
        "glaive_toolcall_en_zh/glaive_toolcall_en_demo.json",
        "tool_calling",
        first_turn,
        "en",
        has_tools,
    ),
    Set(
        "glaive_toolcall_en_zh/glaive_toolcall_zh_demo.json",
        "tool_calling",
        first_turn,
        "zh",
        has_tools,
    ),
    Set(_ARENA, "chat", column("prompt"), None, is_part("creative_writing")),
    Set(_GAOKAO.format("History"), None, column("question"), "zh"),
    Set(_GAOKAO.format("Political_Science"), None, column("question"), "zh"),
    Set(_GAOKAO.format("Chinese_Lang_and_Usage"), None, column("question"), "zh"),
]
"""Sets that were not: what the rules are worth on rows that nobody saw."""


def read(path: Path) -> list[Row]:
    text = path.read_text(encoding="utf-8")
    try:
        rows = json.loads(text)
    except json.JSONDecodeError:
        return [json.loads(line) for line in text.split("\n") if line.strip()]
    return rows if isinstance(rows, list) else rows["example"]


def problems(data: Path, each: Set) -> Iterator[Problem]:
    for line, row in enumerate(read(data / each.file), 1):
        if each.where(row):
            tools = {k: v for k, v in row.items() if k in ("tools", "function")}
            message = Message(role="user", content=each.prompt(row))
            yield Problem(source="s", file="f", line=line, messages=(message,), extra=tools)


def found(problem: Problem, labeler: Callable[[Problem], Any]) -> str:
    label = labeler(problem)
    return label.value if label else "none"


Counted = list[tuple[Set, Counter[str]]]


def show_sets(counted: Counted) -> None:
    print("| set | rows | implied | labelled |", " | ".join(VALUES), "| agree, of labelled |")
    print("|---|--:|---|--:|" + "--:|" * (len(VALUES) + 1))
    for each, counts in counted:
        rows, labelled = counts.total(), counts.total() - counts["none"]
        part = f" ({each.category})" if each.file == _ARENA else ""
        agree = f"{counts[each.category] / labelled:.1%}" if each.category else ""
        cells = " | ".join(f"{counts[value]:,}" if counts[value] else "" for value in VALUES)
        print(f"| {each.file}{part} | {rows:,} | {each.category or 'none'} |", end=" ")
        print(f"{labelled / rows:.1%} | {cells} | {agree} |")


def show_categories(counted: Counted) -> None:
    """Print how often a value is right where the labeler says it, and how often it says it."""
    said, right, there = Counter[str](), Counter[str](), Counter[str]()
    for each, counts in counted:
        implied = each.category or "none"
        there[implied] += counts.total()
        right[implied] += counts[implied]
        said += Counter({implied: counts[implied]}) if each.mixed else counts
    print("| category | rows | said | precision | recall |\n|---|--:|--:|--:|--:|")
    for value in VALUES:
        precision = right[value] / max(said[value], 1)
        recall = f"{right[value] / there[value]:.3f}" if there[value] else ""
        print(f"| {value} | {there[value]:,} | {said[value]:,} | {precision:.3f} | {recall} |")


def show_languages(data: Path, sets: list[Set]) -> None:
    print("| implied | rows | found |\n|---|--:|---|")
    for wanted in ("en", "zh"):
        counts = Counter(
            found(problem, language)
            for each in sets
            if each.language == wanted
            for problem in problems(data, each)
        )
        shown = ", ".join(f"{value} {count:,}" for value, count in counts.most_common())
        print(f"| {wanted} | {counts.total():,} | {shown} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of the sets")
    data: Path = parser.parse_args().data
    for title, sets in (("Looked at", TUNED), ("Held out", HELD_OUT)):
        there = [each for each in sets if (data / each.file).is_file()]
        counted = [
            (each, Counter(found(problem, category) for problem in problems(data, each)))
            for each in there
        ]
        print(f"\n### {title}\n")
        show_sets(counted)
        print()
        show_categories(counted)
        print()
        show_languages(data, there)


if __name__ == "__main__":
    main()
