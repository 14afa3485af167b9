"""A recipe on a real Ray cluster writes what it writes on this machine, byte for byte."""

import hashlib
import json
from pathlib import Path

import pytest

from potstill.pipeline import gathering
from potstill.pipeline.runs import run

RECIPE = """
name: cluster
sources: [{{path: {folder}/data.jsonl}}]
dedup: [{{use: exact}}, {{use: minhash}}]
decontaminate: [{{use: ngram, against: [{{path: {folder}/bench.jsonl}}]}}]
label: [{{use: language}}]
engine: {{use: {engine}}}
"""

WORDS = ["apple", "river", "seven", "stone", "cloud", "winter", "paper", "lantern", "copper"]


def text(i: int) -> str:
    chosen = [WORDS[(i * (k + 3) + k * k) % len(WORDS)] for k in range(12)]
    return f"How many {' '.join(chosen)} are there, if there are {i} of them and {i % 7} more?"


def digests(directory: Path) -> dict[str, str]:
    return {
        str(path.relative_to(directory)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(directory.glob("0*/**/*"))
        if path.is_file()
    }


@pytest.mark.slow
def test_ray_and_local_write_the_same_bytes(
    ray_cluster: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gathering, "PART_ROWS", 40)
    rows = [text(i // 2).upper() if i % 9 == 0 else text(i) for i in range(200)]
    lines = [json.dumps({"problem": row}) for row in rows]
    (tmp_path / "data.jsonl").write_text("\n".join(lines) + "\n")
    (tmp_path / "bench.jsonl").write_text(json.dumps({"problem": text(77)}) + "\n")
    made = {}
    for engine in ("local", "ray"):
        recipe = tmp_path / f"{engine}.yaml"
        recipe.write_text(RECIPE.format(folder=tmp_path, engine=engine))
        accounts = [s.accounts for s in run(recipe, out=tmp_path / engine).status().stages]
        made[engine] = accounts, digests(tmp_path / engine)
    assert made["ray"] == made["local"]
    assert len(made["ray"][1]) > 12
