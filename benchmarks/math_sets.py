"""The labelled sets of `verify_math.py`: those beside it, and those of folders that a user has."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import math_rewrite
from math_pairs import Pair, rows

HERE = Path(__file__).parent
_MODES = {"precision": 6, "strict": True, "allow_set_relation_comp": False}
"""Math-Verify's defaults; its tests of other modes are left out."""


class Folders(NamedTuple):
    """Where a user's sets lie; None where there is no such folder."""

    cases: Path | None
    data: Path | None


def own(name: str) -> Callable[[Folders, int], list[Pair]]:
    """Return a loader of a set that was written for this benchmark."""

    def load(_folders: Folders, _seed: int) -> list[Pair]:
        rule = "choice" if name == "choices" else "math"
        return [
            Pair(
                row["reference"],
                row["answer"],
                row["expected"],
                row["kind"],
                row.get("problem"),
                rule,
            )
            for row in rows(HERE / f"math_cases/{name}.jsonl")
        ]

    return load


def cases(folders: Folders, name: str, kind: str) -> list[Pair]:
    """Read a file of `{gold, answer, expected}`."""
    if folders.cases is None:
        return []
    return [
        Pair(
            row["gold"],
            row["answer"],
            row["expected"],
            str(row.get(kind) or row.get("comment") or ""),
            row.get("question"),
        )
        for row in rows(folders.cases / name)
        if _is_default(row)
    ]


def _is_default(row: dict[str, Any]) -> bool:
    modes = row.get("params", {})
    return "precision=5" not in row.get("call", "") and all(
        _MODES[name] == mode for name, mode in modes.items()
    )


def math_verify_tests(folders: Folders, _seed: int) -> list[Pair]:
    """Return Math-Verify's own tests; it takes 1 - 1/e for 1 + 1/e, which is put right here."""

    def signless(text: str) -> str:
        return text.replace("-", "+")

    return [
        pair._replace(expected=False)
        if pair.reference != pair.answer and signless(pair.reference) == signless(pair.answer)
        else pair
        for pair in cases(folders, "mathverify_tests.jsonl", "test")
    ]


def gsm8k(folders: Folders, _seed: int) -> list[Pair]:
    """Return the answers of four models to 400 problems, labelled by GSM8K's makers."""
    if folders.data is None:
        return []
    return [
        Pair(
            row["ground_truth"].rpartition("A:")[2].strip(),
            one["solution"],
            one["is_correct"],
            name,
        )
        for row in rows(folders.data / "gsm8k_model_solutions_labelled/first400.jsonl")
        for name, one in row.items()
        if isinstance(one, dict)
    ]


def gaokao(folders: Folders, seed: int) -> list[Pair]:
    """Return the references of GAOKAO-Bench's questions with one answer, and other letters."""
    rng, found = Random(seed), list[Pair]()
    folder = folders.data / "gaokao_bench_data" if folders.data else Path("nowhere")
    for path in sorted(folder.glob("*MCQs.json")):
        for row in json.loads(path.read_text("utf-8"))["example"]:
            if len(row["answer"]) == 1 and row["answer"][0]:
                found += _letters(row["question"], row["answer"][0], path.stem, rng)
    return found


def _letters(question: str, letter: str, kind: str, rng: Random) -> Iterator[Pair]:
    wrong = rng.choice([one for one in "ABCD" if one != letter])
    for text, expected in ((letter, True), (wrong, False)):
        for form in ("{}", rng.choice(("故选：{}．", "【答案】{}", "答案是{}。", r"\boxed{{{}}}"))):
            yield Pair(letter, form.format(text), expected, kind, question, "choice")


def rewritings(folders: Folders, seed: int) -> list[Pair]:
    """Return generated pairs."""
    return math_rewrite.pairs(folders.data, seed)


SETS: dict[str, Callable[[Folders, int], list[Pair]]] = {
    "english": own("english"),
    "chinese": own("chinese"),
    "unseen_english": own("unseen_english"),
    "unseen_chinese": own("unseen_chinese"),
    "choices": own("choices"),
    "rewritings": rewritings,
    "tricky": lambda folders, _seed: cases(folders, "tricky_math.jsonl", "why"),
    "math_verify_tests": math_verify_tests,
    "nemo_skills": lambda folders, _seed: cases(folders, "nemo_skills_tests.jsonl", "test"),
    "nemo_judge": lambda folders, _seed: cases(folders, "nemo_answer_judge.jsonl", "comment"),
    "gsm8k_labelled": gsm8k,
    "gaokao": gaokao,
}
