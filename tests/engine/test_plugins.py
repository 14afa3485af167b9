import pytest

from potstill.engine.plugins import Failure, guarded
from potstill.protocols import NotExpressible


def test_guarded_returns_what_the_function_does() -> None:
    assert guarded(int, "7") == 7
    failure = guarded(int, "x")
    assert isinstance(failure, Failure)
    assert failure.kind == "error"
    assert failure.detail.startswith("ValueError: invalid literal for int() with base 10: 'x'")


def test_guarded_knows_memory_from_errors() -> None:
    def hog() -> None:
        raise MemoryError

    assert guarded(hog) == Failure("memory", "out of memory")


def test_guarded_lets_a_format_refuse() -> None:
    def refuse() -> None:
        raise NotExpressible("no_think", "it has no thinking")

    with pytest.raises(NotExpressible) as raised:
        guarded(refuse)
    assert raised.value.reason == "no_think"


def test_guarded_does_not_catch_ctrl_c() -> None:
    def interrupted() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        guarded(interrupted)
