"""Texts as vectors: what a recipe can name, and endpoints that fail."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import numpy as np
import pytest

from potstill.errors import EndpointError, InputError, RunError, StorageError
from potstill.models.embeddings import cache, endpoint
from potstill.models.embeddings.embedder import Served, embedder, unit
from potstill.models.embeddings.endpoint import Remote

Reply = Callable[[list[str]], tuple[int, object]]


def vector(text: str) -> list[float]:
    return [float(len(text)), 1.0, float(sum(map(ord, text)) % 7)]


def good(texts: list[str]) -> tuple[int, object]:
    data = [{"index": i, "embedding": vector(text)} for i, text in enumerate(texts)]
    return 200, {"data": data[::-1]}


class Endpoint(ThreadingHTTPServer):
    """Answers with `script`, one entry a request, and rightly after its end."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.script: list[Reply | str] = []
        self.asked: list[dict] = []
        self.headers: list[dict] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1"

    @property
    def texts(self) -> list[str]:
        return [text for body in self.asked for text in body["input"]]


class Handler(BaseHTTPRequestHandler):
    server: Endpoint
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append(body)
        self.server.headers.append(dict(self.headers))
        reply = self.server.script.pop(0) if self.server.script else good
        if isinstance(reply, str):  # the connection ends without a reply
            self.connection.close()
            self.close_connection = True
            return
        status, answer = reply(body["input"])
        data = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        self.send_response(status if self.path == "/v1/embeddings" else 404)
        if status == 429:
            self.send_header("Retry-After", "7")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = tmp_path / "vectors" / "cache.sqlite3"
    monkeypatch.setenv(cache.PLACE, str(file))
    return file


@pytest.fixture
def server() -> Iterator[Endpoint]:
    with Endpoint() as serving:
        thread = Thread(target=serving.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield serving
        serving.shutdown()
        thread.join()


@pytest.fixture
def waits() -> list[float]:
    return []


@pytest.fixture
def remote(server: Endpoint, waits: list[float]) -> Callable[..., Remote]:
    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    def make(**fields) -> Remote:
        return Remote(Served(base_url=server.url, model="m", **fields), sleep=sleep)

    return make


def says(status: int, text: str) -> Reply:
    return lambda texts: (status, {"error": {"message": text}})


def data(change: Callable[[list[dict]], list]) -> Reply:
    def reply(texts: list[str]) -> tuple[int, object]:
        rows = [{"index": i, "embedding": vector(text)} for i, text in enumerate(texts)]
        return 200, {"data": change(rows)}

    return reply


def test_vectors_come_in_the_order_of_the_texts_and_have_length_one(remote, server: Endpoint):
    texts = [f"text {'x' * i}" for i in range(10)] + ["", "text x"]
    found = remote(batch=3).embed(texts)
    assert np.allclose(found, unit(np.array([*map(vector, texts)])))
    assert found.dtype == np.float32
    assert sorted(map(len, (body["input"] for body in server.asked))) == [2, 3, 3, 3]
    assert len(server.texts) == len(set(texts))
    assert server.asked[0]["model"] == "m"


def test_no_text_is_asked_for_twice(remote, server: Endpoint):
    first = remote().embed(["a", "b"])
    again = remote(batch=1).embed(["b", "c", "a"])
    assert server.texts == ["a", "b", "c"]
    assert (again[[2, 0]] == first).all()
    assert remote().embed([]).shape[0] == 0


def test_another_model_or_length_is_asked_anew(remote, server: Endpoint):
    remote().embed(["a"])
    remote(dimensions=3).embed(["a"])
    assert server.texts == ["a", "a"]
    assert server.asked[1]["dimensions"] == 3


@pytest.mark.parametrize(
    "fault",
    [
        says(429, "slow down"),
        says(503, "busy"),
        says(500, "oops"),
        "reset",
        lambda texts: (200, b"no JSON"),
        lambda texts: (200, {"data": []}),
        data(lambda rows: rows[1:]),
        data(lambda rows: [*rows, *rows]),
        data(lambda rows: [row | {"index": 0} for row in rows]),
        data(lambda rows: [row | {"embedding": "AAAA"} for row in rows]),
        data(lambda rows: [row | {"embedding": [1.0, None, 2.0]} for row in rows]),
        data(lambda rows: [row | {"embedding": [float("nan"), 1.0, 2.0]} for row in rows]),
        data(lambda rows: [rows[0] | {"embedding": [1.0]}, *rows[1:]]),
    ],
)
def test_what_may_pass_is_asked_again(remote, server: Endpoint, waits: list[float], fault: Reply):
    server.script = [fault, fault]
    found = remote().embed(["a", "bb"])
    assert np.allclose(found, unit(np.array([vector("a"), vector("bb")])))
    assert len(waits) == 2
    assert len(server.asked) == 3


def test_the_wait_that_an_endpoint_asks_for_is_kept(remote, server: Endpoint, waits: list[float]):
    server.script = [says(429, "slow down")]
    remote().embed(["a"])
    assert waits == [7.0]


def test_a_fault_that_does_not_pass_ends_with_what_was_said(remote, server: Endpoint):
    server.script = [says(503, "the queue is full")] * endpoint.TRIES
    with pytest.raises(EndpointError, match=r"'m' at http.* failed 10 times.*the queue is full"):
        remote().embed(["a"])
    assert len(server.asked) == endpoint.TRIES


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        (401, r"refuses a call without a key \(no key_env\) \(HTTP 401\)$"),
        (404, "knows no such model, or base_url is not what comes before /embeddings"),
        (301, "knows no such model, or base_url"),
    ],
)
def test_a_refusal_is_one_sentence(remote, server: Endpoint, status: int, sentence: str):
    server.script = [says(status, "no")]
    with pytest.raises(EndpointError, match=sentence):
        remote().embed(["a"])
    assert len(server.asked) == 1


def test_one_text_that_is_refused_is_found_and_the_others_are_kept(remote, server: Endpoint):
    def picky(texts: list[str]) -> tuple[int, object]:
        if any(len(text) > 100 for text in texts):
            return 400, {"error": {"message": "input is too long"}}
        return good(texts)

    server.script = [picky] * 20
    with pytest.raises(EndpointError, match=r"a text of 500 characters \(HTTP 400: input is too"):
        remote().embed(["a", "b", "x" * 500, "c"])


def test_vectors_of_another_length_than_before_are_refused(remote, server: Endpoint):
    server.script = [good, data(lambda rows: [row | {"embedding": [1.0, 2.0]} for row in rows])]
    embedding = remote()
    embedding.embed(["a"])
    with pytest.raises(EndpointError, match="gave vectors of 2 numbers, not of 3"):
        embedding.embed(["b"])


def test_cached_vectors_of_another_length_are_refused(remote, server: Endpoint):
    server.script = [good, data(lambda rows: [row | {"embedding": [1.0, 2.0]} for row in rows])]
    remote().embed(["a"])
    remote().embed(["b"])
    with pytest.raises(EndpointError, match=r"gave vectors of several lengths \(2 and 3\), as if"):
        remote().embed(["a", "b"])
    embedding = remote()
    embedding.embed(["a"])
    with pytest.raises(EndpointError, match=r"several lengths \(2 and 3\)"):
        embedding.embed(["b"])
    assert embedding.embed([]).shape == (0, 3)


def test_nobody_there_is_told_at_once(waits: list[float]):
    with pytest.raises(EndpointError, match=r"does not answer: 127.0.0.1:1: Connection refused"):
        Remote(Served(base_url="http://127.0.0.1:1/v1", model="m")).embed(["a"])


def test_the_key_is_sent_and_never_shown(
    remote, server: Endpoint, monkeypatch: pytest.MonkeyPatch, own_cache: Path
):
    key = "sk-0123456789abcdef"
    monkeypatch.setenv("EMBEDDINGS_KEY", key)
    server.script = [says(400, f"the key {key} may not do this")]
    with pytest.raises(EndpointError) as caught:
        remote(key_env="EMBEDDINGS_KEY").embed(["a"])
    assert server.headers[0]["Authorization"] == f"Bearer {key}"
    assert key not in str(caught.value)
    assert key.encode() not in own_cache.read_bytes()


def test_a_missing_key_is_told_before_anything_is_sent(remote, server: Endpoint):
    with pytest.raises(InputError, match="the environment variable NO_SUCH_KEY, which holds"):
        remote(key_env="NO_SUCH_KEY")
    assert server.asked == []


KILLED = """
import os, signal, sys
from potstill.models.embeddings import cache
from potstill.models.embeddings.embedder import Served
from potstill.models.embeddings.endpoint import Remote
put = cache.Cache.put
def killed(self, vectors):
    put(self, vectors)
    print("committed", flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
cache.Cache.put = killed
Remote(Served(base_url=sys.argv[1], model="m", batch=2)).embed(["a", "b", "c", "d"])
"""


def test_what_was_committed_survives_kill_9(remote, server: Endpoint):
    done = subprocess.run(
        [sys.executable, "-c", KILLED, server.url], capture_output=True, text=True
    )
    assert (done.returncode, done.stdout) == (-signal.SIGKILL, "committed\n")
    asked = len(server.asked)
    remote().embed(["a", "b", "c", "d"])
    assert len(server.asked) == asked + 1
    assert len(server.asked[-1]["input"]) == 2


def test_it_works_where_an_event_loop_runs(remote):
    import asyncio

    async def inside() -> np.ndarray:
        return remote().embed(["a"])

    assert asyncio.run(inside()).shape == (1, 3)


def test_a_file_that_is_no_cache_is_told(remote, own_cache: Path):
    own_cache.parent.mkdir()
    own_cache.write_bytes(b"not a database at all, but long enough to look like one" * 50)
    with pytest.raises(StorageError, match=r"the cache of embeddings .* can't be used.*remove it"):
        remote().embed(["a"])


@pytest.mark.parametrize("spec", ["nothing", "a/b/c", "owner/", "hf:name"])
def test_a_name_that_is_none_is_told_the_legal_ones(spec: str):
    with pytest.raises(InputError, match="is neither a folder nor a model on the hub"):
        embedder(spec)


def test_an_address_that_is_none_is_told():
    with pytest.raises(InputError, match="base_url must be an address"):
        embedder(Served(base_url="localhost", model="m"))


def test_the_folder_of_a_static_model_is_read(tmp_path: Path):
    model2vec = pytest.importorskip("model2vec", reason="model2vec is not installed")
    tokenizers = pytest.importorskip("tokenizers")
    words = {"[UNK]": 0, "red": 1, "fox": 2, "blue": 3}
    tokenizer = tokenizers.Tokenizer(tokenizers.models.WordLevel(words, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    table = np.eye(4, dtype=np.float32)
    model2vec.StaticModel(table, tokenizer).save_pretrained(tmp_path / "model")
    found = embedder(str(tmp_path / "model")).embed(["red fox", "blue", ""])
    assert np.allclose(found[:2], unit(np.array([[0, 1, 1, 0], [0, 0, 0, 1]])))
    assert not found[2].any()


def test_a_folder_without_a_model_is_told(tmp_path: Path):
    pytest.importorskip("model2vec", reason="model2vec is not installed")
    (tmp_path / "config.json").write_text('{"model_type": "model2vec"}')
    with pytest.raises(InputError, match=r"^embedder '.*' can't be loaded: "):
        embedder(str(tmp_path)).embed(["a"])


def test_a_missing_package_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    (tmp_path / "modules.json").write_text("[]")
    with pytest.raises(InputError, match="needs the package sentence_transformers: pip install"):
        embedder(str(tmp_path)).embed(["a"])


def test_a_hub_that_is_away_is_told(tmp_path: Path):
    pytest.importorskip("model2vec", reason="model2vec is not installed")
    code = "from potstill.models.embeddings.embedder import embedder; embedder('a/b').embed(['x'])"
    away = {"HF_ENDPOINT": "http://127.0.0.1:9", "HF_HOME": str(tmp_path), "HF_HUB_OFFLINE": "1"}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=os.environ | away
    )
    last = done.stderr.splitlines()[-1]
    assert last.startswith("potstill.errors.InputError: embedder 'a/b' can't be loaded: ")


def test_numbers_that_are_not_finite_are_refused():
    with pytest.raises(RunError, match="not finite"):
        unit(np.array([[1.0, np.nan]]))
