"""The sets of `decontaminate.py`: items of benchmarks, and rows of which all is known."""

import csv
import json
import random
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

Json = dict[str, Any]

_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_WORDS = (
    "two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|thirty|forty|fifty|"
    "sixty|eighty|ninety|half|quarter|twice|double|triple|dozen|hundred"
)
_CHARACTERS = "二三四五六七八九十两半"
_NUMBER_WORD = re.compile(rf"\b(?:{_WORDS})\b|[{_CHARACTERS}]", re.IGNORECASE)


class Row(NamedTuple):
    """A text to look up."""

    text: str
    item: tuple[str, int] | None = None
    """The benchmark and place of the item that it is; None where it is none."""


class Sets(NamedTuple):
    """What is looked up among what."""

    items: dict[str, list[str]]
    """Benchmark to its items."""
    contaminated: dict[str, list[Row]]
    """Rows that are an item, in other words."""
    other_numbers: dict[str, list[Row]]
    """Items with every number replaced: other problems."""
    clean: dict[str, list[Row]]
    """Rows of sets that have nothing to do with the benchmarks."""


def lines(path: Path) -> list[Json]:
    return [json.loads(line) for line in path.read_text("utf-8").split("\n") if line.strip()]


def column(path: Path, name: str) -> list[str]:
    return [row[name] for row in lines(path)]


def lettered(question: str, options: list[str]) -> str:
    listed = "\n".join(
        f"{letter}. {text}" for letter, text in zip("ABCDEFG", options, strict=False)
    )
    return f"{question}\n\nOptions:\n{listed}"


def mmlu(path: Path) -> list[str]:
    with path.open(encoding="utf-8", errors="replace", newline="") as file:
        return [lettered(row[0], row[1:5]) for row in csv.reader(file)]


def agieval(path: Path) -> list[str]:
    parts = (
        [row["passage"] or "", row["question"], *(row["options"] or ())] for row in lines(path)
    )
    return ["\n".join(part).strip() for part in parts]


def first_turn(path: Path) -> list[str]:
    turns = (row.get("messages") or row["question"][0] for row in lines(path))
    return [turn[0]["content"] for turn in turns]


def alpaca(path: Path) -> list[str]:
    rows = json.loads(path.read_text("utf-8"))
    return [f"{row['instruction']}\n{row['input']}".strip() for row in rows]


def problems(path: Path) -> list[str]:
    return [row["problem"] for row in json.loads(path.read_text("utf-8"))]


def exams(path: Path) -> list[str]:
    return [row["question"] for row in json.loads(path.read_text("utf-8"))["example"]]


def renumbered(text: str) -> str:
    """Return `text` with each number, in figures or words, replaced by another of its kind."""
    rng = random.Random(text)
    known: dict[str, str] = {}

    def other(old: str, draw: Callable[[], str]) -> str:
        while old.lower() == (new := draw()):
            pass
        return known.setdefault(old, new)

    def digits(match: re.Match[str]) -> str:
        def draw() -> str:
            drawn = (rng.choice("0123456789") if c.isdigit() else c for c in match[0][1:])
            return rng.choice("123456789") + "".join(drawn)

        return other(match[0], draw)

    def word(match: re.Match[str]) -> str:
        return other(
            match[0], lambda: rng.choice(_WORDS.split("|") if match[0].isascii() else _CHARACTERS)
        )

    return _NUMBER_WORD.sub(word, _NUMBER.sub(digits, text))


def read(data: Path, *, rows: int) -> Sets:
    """Return the sets, with `rows` rows of each clean one at most.

    Args:
        data: A folder with a folder for each set, as `decontaminate.md` names them.
        rows: Rows drawn of each clean set.
    """
    items = dict(benchmarks(data))
    clean = {
        "alpaca, English": alpaca(data / "alpaca_demo_en_zh/alpaca_en_demo.json"),
        "alpaca, Chinese": alpaca(data / "alpaca_demo_en_zh/alpaca_zh_demo.json"),
        "Arena-Hard 0.1": column(data / "arena_hard/question_v0.1.jsonl", "prompt"),
        "Arena-Hard 2.0": column(data / "arena_hard/question_v2.0.jsonl", "prompt"),
        "GSM8K train": column(data / "gsm8k/train.jsonl", "question"),
    }
    rng = random.Random(0)
    drawn = {name: rng.sample(texts, min(rows, len(texts))) for name, texts in clean.items()}
    return Sets(
        items,
        dict(rewritten(data)),
        {
            name: [Row(renumbered(text)) for text in items[name] if len(_NUMBER.findall(text)) > 1]
            for name in ("gsm8k", "math-500", "cmath")
        },
        {name: [Row(text) for text in texts] for name, texts in drawn.items()},
    )


def benchmarks(data: Path) -> Iterator[tuple[str, list[str]]]:
    """Yield names and items of the benchmarks, some 11,000 in all."""
    for name in ("abstract_algebra", "sociology"):
        yield name, mmlu(data / f"decontaminator/{name}_test.csv")
    yield "humaneval", column(data / "humaneval/HumanEval.jsonl", "prompt")
    yield "gsm8k", column(data / "gsm8k/test.jsonl", "question")
    yield "math-500", column(data / "math500/test.jsonl", "problem")
    yield "aime24", column(data / "aime24/test.jsonl", "problem")
    for part in ("I", "II"):
        yield f"aime25-{part}", column(data / f"aime25/test2025-{part}.jsonl", "problem")
    yield "mbpp", column(data / "mbpp/mbpp.jsonl", "text")
    yield "cmath", column(data / "cmath_1098/test.jsonl", "question")
    yield "ifeval", column(data / "ifeval/input_data.jsonl", "prompt")
    yield "ifbench", column(data / "ifbench/IFBench_test.jsonl", "prompt")
    yield "leetcode", problems(data / "leetcode_rllm/test.json")
    for name in ("live_simple", "multiple", "simple_python", "parallel"):
        yield f"bfcl-{name}", first_turn(data / f"bfcl_v4/BFCL_v4_{name}.json")
    for path in sorted(data.glob("agieval_*/*.jsonl")):
        yield path.stem, agieval(path)
    for path in sorted(data.glob("gaokao_bench_data/*MCQs.json")):
        yield path.stem, exams(path)


def rewritten(data: Path) -> Iterator[tuple[str, list[Row]]]:
    """Yield the rewritten items; 8 of MMLU and 17 of HumanEval are empty, and left out."""
    folder = data / "decontaminator"
    for name, file in {
        "rephrased MMLU": "_test_rephrase_english_filtered_question",
        "translated MMLU": "_test_chinese_filtered_question",
    }.items():
        yield (
            name,
            [
                Row(text, (part, i))
                for part in ("abstract_algebra", "sociology")
                for i, text in enumerate(column(folder / f"{part}{file}.jsonl", "text"))
                if text.strip()
            ],
        )
    code = column(folder / "humaneval_python.jsonl", "text")
    yield "rephrased HumanEval", [Row(t, ("humaneval", i)) for i, t in enumerate(code) if t.strip()]
    chinese = first_turn(data / "mgsm_zh/mgsm_zh.jsonl")
    yield "translated GSM8K", [Row(text, ("gsm8k", i)) for i, text in enumerate(chinese)]
    items = column(data / "gsm8k/test.jsonl", "question")
    yield (
        "copied GSM8K",
        [Row(f"Solve this.\n\n{t.upper()}", ("gsm8k", i)) for i, t in enumerate(items)],
    )
