"""A recipe that is right, its files, and plug-ins that don't change with the real ones."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from potstill import registry

GOOD = """\
name: school-math
sources:
  - use: jsonl                        # or json, parquet, a folder; later issues add schemas by name
    path: problems.jsonl
    map: {problem: question, reference_answer: gold}
    set: {category: math}
dedup:
  - use: exact
  - {use: minhash, threshold: 0.8}
decontaminate:
  - use: ngram
    against: [{path: benchmark.jsonl, map: {problem: question}}]
distil:
  samples: 4
  system: null
  prompt:                             # the first that applies; {problem} is the last user turn
    - where: "category = 'math' and language = 'zh'"
      template: "{problem}\\n请一步步推理，并把最终答案放到 \\\\boxed{}。"
    - where: "category = 'math'"
      template: "{problem}\\nPlease reason step by step, and put your answer within \\\\boxed{}."
  reasoning: "on"                     # on, off, both, or prompted
  teachers:
    - model: my-model
      base_url: http://127.0.0.1:8000/v1
      key_env: TEACHER_KEY            # the variable's name; optional
      sampling: {temperature: 0.6, top_p: 0.95, max_tokens: 4096}
      max_in_flight: 300
verify:                               # in order; the first decided verdict is the outcome
  - {use: math, where: "category = 'math'"}
filter:
  - {use: format}
  - {use: repetition}
export:
  - {use: messages, when: "outcome = 'pass'"}
  - {use: am-1.4m, when: "outcome = 'pass'"}
engine: {use: local}
"""


@pytest.fixture(scope="module", autouse=True)
def fakes() -> Iterator[None]:
    """Every plug-in by name is one of `plugins/fake_plugins.py`."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(Path(__file__).parent / "plugins")
        for kind, plugins in registry.PLUGINS.items():
            for name, target in plugins.items():
                function = "read" if kind == "sources" else target.partition(":")[2]
                patch.setitem(plugins, name, f"fake_plugins:{function}")
        yield


@pytest.fixture(scope="module")
def _folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("recipe")
    for name in ("problems.jsonl", "benchmark.jsonl", "tiny.gguf", "plain"):
        (folder / name).write_text("{}\n")
    return folder


@pytest.fixture
def folder(_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current directory, with the files that the good recipe names."""
    monkeypatch.chdir(_folder)
    return _folder


@pytest.fixture(scope="session")
def good() -> str:
    """The recipe that the documentation shows; it names every section."""
    return GOOD
