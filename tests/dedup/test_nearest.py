"""All pairs of vectors from a cosine on, few and many."""

import numpy as np
import pytest

from potstill.dedup import nearest
from potstill.dedup.nearest import near_pairs
from potstill.dedup.vectors import stored, whole


def pairs_of(rows: np.ndarray, threshold: float, order: np.ndarray | None = None) -> set:
    members = np.arange(len(rows)) if order is None else order
    with stored([whole(rows[:7]), whole(rows[7:])]) as vectors:
        found = [*near_pairs(vectors, members, threshold)]
    one = np.concatenate([np.empty(0, int), *(pairs.one for pairs in found)])
    other = np.concatenate([np.empty(0, int), *(pairs.other for pairs in found)])
    assert (one != other).all()
    return {*zip(np.minimum(one, other).tolist(), np.maximum(one, other).tolist(), strict=True)}


def planted(rows: int, dims: int = 64, seed: int = 0) -> np.ndarray:
    """Directions around 50 topics, of which every fifth is turned a little from the one before."""
    random = np.random.default_rng(seed)
    topics = random.standard_normal((50, dims))
    found = topics[random.integers(0, 50, rows)] + random.standard_normal((rows, dims))
    found /= np.linalg.norm(found, axis=1, keepdims=True)
    found[4::5] = found[3::5] + 0.3 * random.standard_normal((rows // 5, dims)) / np.sqrt(dims)
    return found / np.linalg.norm(found, axis=1, keepdims=True)


def true_pairs(rows: np.ndarray, threshold: float) -> set:
    products = rows @ rows.T
    return {
        *zip(
            *(each.tolist() for each in np.nonzero(np.triu(products, 1) >= threshold)), strict=True
        )
    }


def test_among_few_rows_every_pair_is_found():
    rows = planted(500)
    near, surely = true_pairs(rows, 0.899), true_pairs(rows, 0.901)
    assert len(surely) > 50
    assert surely <= pairs_of(rows, 0.9) <= near


def test_among_many_rows_nearly_every_pair_is_found(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(nearest, "EXACT", 100)
    rows = planted(3000)
    near, surely = true_pairs(rows, 0.899), true_pairs(rows, 0.901)
    found = pairs_of(rows, 0.9)
    assert found <= near
    assert len(found & surely) >= 0.99 * len(surely)


@pytest.mark.parametrize("exact", [50, 10_000])
def test_rows_in_another_place_are_found_in_the_same_pairs(
    monkeypatch: pytest.MonkeyPatch, exact: int
):
    monkeypatch.setattr(nearest, "EXACT", exact)
    rows = planted(1000, dims=16)
    moved = np.random.default_rng(1).permutation(len(rows))  # place of each row in the other table
    back = np.argsort(moved)
    there = pairs_of(rows[back], 0.8, order=moved)
    renamed = {tuple(sorted((int(back[one]), int(back[other])))) for one, other in there}
    assert renamed == pairs_of(rows, 0.8)


def test_blocks_of_another_size_change_nothing(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(nearest, "EXACT", 100)
    rows = planted(1500)
    found = pairs_of(rows, 0.85)
    monkeypatch.setattr(nearest, "_BLOCK", 1 << 13)
    assert pairs_of(rows, 0.85) == found


def test_equal_vectors_have_a_cosine_of_one():
    rows = planted(20)
    rows[13] = rows[2]
    assert pairs_of(rows, 1.0) == {(2, 13)}
    with stored([whole(rows)]) as vectors:
        assert vectors.cosines(np.array([2]), np.array([13])) == 1.0


def test_products_are_exact_for_long_vectors():
    rows = np.ones((3, 4096)) / 64
    rows[1, 0] *= -1
    with stored([whole(rows)]) as vectors:
        data = whole(rows).astype(np.int64)
        assert (
            (vectors.block(np.arange(3)) @ vectors.block(np.arange(3)).T) == data @ data.T
        ).all()


def test_no_rows():
    with stored([]) as vectors:
        assert len(vectors) == 0
        assert [*near_pairs(vectors, np.arange(0), 0.9)] == []
