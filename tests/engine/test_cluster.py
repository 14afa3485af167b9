"""A cluster that can't be joined, without one."""

from types import SimpleNamespace

import pytest

from potstill.engine import cluster
from potstill.errors import InputError


@pytest.mark.parametrize(
    ("address", "said"),
    [
        (None, "Ray does not start: The node timed out"),
        ("auto", "the cluster at engine.address 'auto' can't be joined: The node timed out"),
    ],
)
def test_what_ray_raises_at_its_start_is_one_sentence(monkeypatch, address, said):
    def init(*_: object, **options: object) -> None:
        raise Exception("The node timed\nout")

    left: list[str] = []
    ray = SimpleNamespace(
        is_initialized=lambda: False, init=init, shutdown=lambda: left.append("shutdown")
    )
    monkeypatch.setattr(cluster, "library", lambda: ray)
    with (
        pytest.raises(InputError, match=f"^{said}"),
        cluster.joined(workers=1, address=address, folder=None),
    ):
        pytest.fail("it is not joined")
    assert left == ["shutdown"]
