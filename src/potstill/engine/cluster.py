"""Joining a Ray cluster, or starting one of this machine, without a trace of it afterwards."""

import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from uuid import uuid4

from potstill.errors import InputError
from potstill.machine import cores
from potstill.storage.files import explained
from potstill.version import VERSION

_KNOCK_SECONDS = 10.0
"""How long the head of a cluster may take to accept a connection."""
_LOOK_SECONDS = 300.0
"""How long a machine may take to start a process and to import potstill there."""
_SOFTWARE = f"potstill {VERSION} on Python {sys.version_info.major}.{sys.version_info.minor}"


def library() -> Any:
    """Return Ray's module, most of whose types are not known."""
    # Else it prints what its machines say of tasks that are lost, and to standard output.
    os.environ.setdefault("RAY_DEDUP_LOGS_SKIP_REGEX", "^")
    return import_module("ray")


def check_installed() -> None:
    """Look for Ray and Daft, without importing them.

    Raises:
        InputError: One of them is missing.
    """
    if missing := [name for name in ("ray", "daft") if find_spec(name) is None]:
        raise InputError(
            f"engine.use 'ray' needs {' and '.join(missing)}, which are not installed: "
            "pip install 'potstill[ray]', or use 'local'"
        )


@contextmanager
def joined(workers: int | None, address: str | None, folder: Path | None) -> Generator[None]:
    """Be part of a cluster; one that is started for this ends with it.

    A cluster that this process has joined before is taken as it is, and not left.

    Args:
        workers: Cores of a cluster that is started; by default all.
        address: Where the cluster is; None starts one.
        folder: A folder that all its machines must see.

    Raises:
        InputError: There is none, it runs other software, or a machine does not see the folder.
    """
    ray = library()
    with ExitStack() as stack:
        if not ray.is_initialized():
            stack.callback(ray.shutdown)
            with _sigterm_kept():
                _join(workers, address)
        _check_machines(folder)
        yield


def _join(workers: int | None, address: str | None) -> None:
    ray = library()
    _check_reachable(address)
    options: dict[str, Any] = {"log_to_driver": False, "logging_level": logging.ERROR}
    if address is None:
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # it would report to its makers
        options |= {"num_cpus": workers or cores(), "include_dashboard": False}
    with ExitStack() as stack:
        stack.push(partial(_explain, address, ray.exceptions.RayError))
        ray.init(address or "local", **options)


def _explain(
    address: str | None,
    rays_own: type[BaseException],
    _: object,
    error: BaseException | None,
    __: object,
) -> None:
    """Say in one sentence why Ray does not start; called as its start ends.

    Where one of its processes starts too slowly Ray raises `Exception` itself, and to catch that
    would be to catch every mistake of ours, too.

    Raises:
        InputError: It does not start.
    """
    known = isinstance(error, (OSError, RuntimeError, ValueError, ImportError, rays_own))
    if known or type(error) is Exception:
        where = f"the cluster at engine.address {address!r} can't be joined"
        said = " ".join(str(error).split())
        raise InputError(f"{where if address else 'Ray does not start'}: {said}") from error


def _check_reachable(address: str | None) -> None:
    """Knock at an address, where Ray would for many minutes."""
    if address in (None, "auto"):
        return
    host, _, port = address.removeprefix("ray://").rpartition(":")
    try:
        socket.create_connection((host.strip("[]"), int(port)), _KNOCK_SECONDS).close()
    except (OSError, ValueError, OverflowError) as error:
        raise InputError(f"nothing answers at engine.address {address!r}: {error}") from error


@contextmanager
def _sigterm_kept() -> Generator[None]:
    """Take back the handler of SIGTERM: Ray puts one in its place that ends the process."""
    handler = signal.getsignal(signal.SIGTERM)
    try:
        yield
    finally:
        if threading.current_thread() is threading.main_thread() and handler is not None:
            signal.signal(signal.SIGTERM, handler)


def _check_machines(folder: Path | None) -> None:
    """Look on each machine for potstill, the same version of it, and the folder.

    Raises:
        InputError: It is missing there.
    """
    ray = library()
    with _marked(folder) as path:
        asked = {
            node["NodeManagerAddress"]: _ask(node["NodeID"], path)
            for node in ray.nodes()
            if node["Alive"] and node["Resources"].get("CPU")
        }
        for machine, answer in asked.items():
            _check(machine, answer, folder)


@contextmanager
def _marked(folder: Path | None) -> Generator[str | None]:
    """Have a file in a folder for a moment; yield its path."""
    if folder is None:
        yield None
        return
    path = folder.absolute() / f".ray-{uuid4().hex}"
    try:
        with explained(folder):
            path.touch()
        yield os.fspath(path)
    finally:
        path.unlink(missing_ok=True)


def _ask(node: str, path: str | None) -> object:
    ray = library()
    place = ray.util.scheduling_strategies.NodeAffinitySchedulingStrategy(node, soft=False)
    return ray.remote(_look).options(num_cpus=0, scheduling_strategy=place).remote(path)


def _look(path: str | None) -> tuple[str, bool]:
    """Return what runs on a machine, and whether it sees a file."""
    return _SOFTWARE, path is None or os.path.exists(path)


def _check(machine: str, answer: object, folder: Path | None) -> None:
    ray = library()
    try:
        software, seen = ray.get(answer, timeout=_LOOK_SECONDS)
    except ray.exceptions.RayError as error:
        raise InputError(
            f"the machine {machine} of the cluster can't run {_SOFTWARE}: {brief(error)}; install "
            "the same packages there as here"
        ) from error
    if software != _SOFTWARE:
        raise InputError(
            f"the machine {machine} of the cluster has {software}, and this one {_SOFTWARE}: "
            "install the same packages on all"
        )
    if not seen:
        raise InputError(
            f"the machine {machine} of the cluster does not see {folder}: name a folder by --out "
            "that all machines share under the same path"
        )


def brief(error: Exception) -> str:
    """Return the first sentence of what Ray says of a failure, without its traceback."""
    cause = getattr(error, "cause", None) or error
    lines = str(cause).strip().splitlines() or [""]
    return f"{type(cause).__name__}: {lines[0].partition('. ')[0].rstrip('.')}"
