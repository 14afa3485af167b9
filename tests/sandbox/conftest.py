"""Sandboxes of both levels, and short ways to run a program in one."""

from collections.abc import Callable, Iterator

import pytest

from potstill.sandbox import Limits, Program, Returned, Run, Sandbox, check

LIMITS = {"cpu_s": 2.0, "wall_s": 20.0, "memory_mb": 256}


@pytest.fixture(scope="session")
def level() -> str:
    """The level that this machine gives; tests that need one are skipped without."""
    report = check()
    if report.level == "none":
        lacking = [f"{each.name}: {each.found}" for each in report.findings if not each.works]
        pytest.skip(f"no sandbox here: {'; '.join(lacking)}")
    return report.level


@pytest.fixture(scope="module", params=["full", "limited"])
def sandbox(request: pytest.FixtureRequest, level: str) -> Iterator[Sandbox]:
    """A sandbox of each level."""
    if request.param == "full" and level != "full":
        pytest.skip("no control groups can be made here: run the tests as root")
    with Sandbox(request.param) as opened:
        yield opened


@pytest.fixture
def run(sandbox: Sandbox) -> Callable[..., Run]:
    """A function that runs a Python program with this input and these limits."""

    def run_it(code: str, stdin: str = "", **limits) -> Run:
        program = Program("python", code)
        with sandbox.submission(program, Limits(**{**LIMITS, **limits})) as submission:
            return submission.run(stdin)

    return run_it


@pytest.fixture
def call(sandbox: Sandbox) -> Callable[..., Returned]:
    """A function that calls one of a Python program."""

    def call_it(code: str, name: str, *args, **limits) -> Returned:
        program = Program("python", code)
        with sandbox.submission(program, Limits(**{**LIMITS, **limits})) as submission:
            return submission.call(name, args)

    return call_it
