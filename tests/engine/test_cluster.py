"""A cluster that can't be joined, without one."""

from types import SimpleNamespace

import pytest

from potstill.engine import cluster
from potstill.errors import InputError


def ray_that_raises(error: BaseException, left: list[str]) -> SimpleNamespace:
    def init(*_: object, **options: object) -> None:
        raise error

    return SimpleNamespace(
        is_initialized=lambda: False,
        init=init,
        shutdown=lambda: left.append("shutdown"),
        exceptions=SimpleNamespace(RayError=ConnectionError),
    )


@pytest.mark.parametrize("error", [KeyError("a bug"), KeyboardInterrupt()])
def test_a_bug_and_ctrl_c_stay_what_they_are(monkeypatch, error: BaseException):
    left: list[str] = []
    monkeypatch.setattr(cluster, "library", lambda: ray_that_raises(error, left))
    with (
        pytest.raises(type(error)),
        cluster.joined(workers=1, address=None, folder=None),
    ):
        pytest.fail("it is not joined")
    assert left == ["shutdown"]


@pytest.mark.parametrize(
    ("address", "said"),
    [
        (None, "Ray does not start: The node timed out"),
        ("auto", "the cluster at engine.address 'auto' can't be joined: The node timed out"),
    ],
)
def test_what_ray_raises_at_its_start_is_one_sentence(monkeypatch, address, said):
    left: list[str] = []
    ray = ray_that_raises(Exception("The node timed\nout"), left)
    monkeypatch.setattr(cluster, "library", lambda: ray)
    with (
        pytest.raises(InputError, match=f"^{said}"),
        cluster.joined(workers=1, address=address, folder=None),
    ):
        pytest.fail("it is not joined")
    assert left == ["shutdown"]
