"""Fixtures for all tests."""

import asyncio
import json
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

import potstill
from potstill.records import Message, Problem, Response, Sample

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "tests"))  # for the servers

from servers.faults import serving  # noqa: E402
from servers.hub import Hub, HubHandler  # noqa: E402
from servers.s3 import Buckets, S3Handler  # noqa: E402

if TYPE_CHECKING:
    from potstill.models.script import Script
    from potstill.models.scripted import Scripted

# How long an example takes says more about the machine than about the code.
settings.register_profile(
    "any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("any machine")


@pytest.fixture(autouse=True, scope="session")
def no_benchmarks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """An empty folder of benchmarks, in place of the developer's own."""
    folder = tmp_path_factory.mktemp("benchmarks")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("POTSTILL_BENCHMARKS", str(folder))
        yield folder


@pytest.fixture(autouse=True, scope="session")
def usual_signals() -> None:
    """Have Ctrl-C and a closed terminal end what tests start, also under nohup or in a script's
    background, where they are ignored."""
    for number, handler in {
        signal.SIGINT: signal.default_int_handler,
        signal.SIGHUP: signal.SIG_DFL,
    }.items():
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, handler)


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of outside data that some tests use: real problems and labelled cases."""
    folder = Path(os.environ.get("POTSTILL_TEST_DATA", ROOT.parent / "shared"))
    if not folder.is_dir():
        pytest.skip(f"no outside test data: {folder} is missing (set POTSTILL_TEST_DATA)")
    return folder


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """A Hugging Face hub on this machine, with a cache of the test's own."""
    pytest.importorskip("huggingface_hub")
    server = Hub()
    with serving(HubHandler, server):
        monkeypatch.setenv("HF_ENDPOINT", server.url)
        monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
        monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
        monkeypatch.setattr("potstill.sources.hub.WAITS", (0, 0, 0))
        monkeypatch.delenv("HF_TOKEN", raising=False)
        yield server


@pytest.fixture
def buckets(monkeypatch: pytest.MonkeyPatch) -> Iterator[Buckets]:
    """An S3 server on this machine, with one empty bucket."""
    server = Buckets(data={})
    with serving(S3Handler, server):
        monkeypatch.setenv("AWS_ENDPOINT_URL", server.url)
        monkeypatch.delenv("AWS_PROFILE", raising=False)
        yield server


@pytest.fixture(scope="session")
def make_sample() -> Callable[..., Sample]:
    """A function that makes a sample of a prompt, a reference answer, and a response's fields."""

    def make(prompt: str = "1 + 1 = ?", reference_answer: str | None = "2", **response) -> Sample:
        problem = Problem(
            source="school",
            file="a.jsonl",
            line=7,
            messages=(Message(role="user", content=prompt),),
            reference_answer=reference_answer,
        )
        fields = {"reasoning": "off", "ending": "ok", "think": None, "answer": "2"} | response
        made = Response(
            id="r", problem_id=problem.id, call="c", teacher="t", sample=0, round=0, **fields
        )
        return Sample(problem=problem, response=made)

    return make


@pytest.fixture(scope="module")
def ray_cluster() -> Iterator[None]:
    """A Ray of this machine that this process has joined, with two cores and little memory."""
    ray = pytest.importorskip("ray", reason="Ray is not installed: pip install 'potstill[ray]'")
    pytest.importorskip("daft", reason="Daft is not installed: pip install 'potstill[ray]'")
    ray.init(
        "local",
        num_cpus=2,
        object_store_memory=100 << 20,
        include_dashboard=False,
        log_to_driver=False,
        logging_level="ERROR",
    )
    yield
    ray.shutdown()


GIVEN = """
name: given
sources:
  - {path: rows.jsonl, map: {problem: q, reference_answer: a, response: r}, set: {category: math}}
dedup: [{use: exact}]
verify: [{use: math}]
filter: [{use: length, max_answer_chars: 30}]
export: [{use: messages, when: "outcome = 'pass'"}, {use: am-1.4m}]
"""


@pytest.fixture(scope="session")
def make_run(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., potstill.Run]:
    """A function that runs a recipe over responses that come with the rows: no teacher is asked.

    It takes the rows (a text stands for itself), and texts of the recipe to replace.
    """

    def make(rows: list[dict | str], replace: dict[str, str] | None = None) -> potstill.Run:
        folder = tmp_path_factory.mktemp("given")
        lines = [row if isinstance(row, str) else json.dumps(row) for row in rows]
        (folder / "rows.jsonl").write_text("\n".join(lines) + "\n")
        recipe = GIVEN
        for old, new in (replace or {}).items():
            assert old in recipe
            recipe = recipe.replace(old, new)
        (folder / "recipe.yaml").write_text(recipe)
        return potstill.run(folder / "recipe.yaml", out=folder / "run")

    return make


@contextmanager
def served(script: "Script") -> "Iterator[Scripted]":
    """Serve a script until the context is left."""
    from potstill.models.scripted import Scripted

    server = Scripted(script)
    listening, done = threading.Event(), asyncio.Event()
    loop = asyncio.new_event_loop()

    async def serve() -> None:
        async with server:
            listening.set()
            await done.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=[serve()])
    thread.start()
    listening.wait()
    try:
        yield server
    finally:
        loop.call_soon_threadsafe(done.set)
        thread.join()
        loop.close()


@pytest.fixture
def serve() -> "Iterator[Callable[..., Scripted]]":
    """Serve a script with these settings until the test is over."""
    from potstill.models.script import Script

    with ExitStack() as stack:
        yield lambda **how: stack.enter_context(served(Script(**how)))
