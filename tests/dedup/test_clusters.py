import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from potstill.dedup.clusters import _NEIGHBOURS, Clusters, among
from potstill.protocols import Groups

PAIRS = st.lists(st.tuples(st.integers(0, 11), st.integers(0, 11)))


def reachable(rows, pairs):
    """Return the lowest row that each row is connected with, the slow way."""
    lowest = list(range(rows))
    for _ in range(rows):
        for a, b in pairs:
            lowest[a] = lowest[b] = min(lowest[a], lowest[b])
    return lowest


def grouped(*rows):
    offsets = np.cumsum([0, *map(len, rows)])
    return Groups(np.array([row for each in rows for row in each], dtype=np.int64), offsets)


@settings(deadline=None)
@given(PAIRS, st.integers(0, 5))
def test_clusters_are_what_is_connected(pairs, cut):
    clusters = Clusters(12)
    for part in (pairs[:cut], pairs[cut:]):
        one, other = np.array(part, dtype=np.int64).reshape(-1, 2).T
        clusters.join(one, other)
    lowest = reachable(12, pairs)
    assert clusters.roots(np.arange(12)).tolist() == lowest
    rows, offsets = clusters.groups()
    found = [rows[a:b].tolist() for a, b in zip(offsets, offsets[1:], strict=False)]
    members = [[row for row in range(12) if lowest[row] == first] for first in range(12)]
    assert found == [each for each in members if len(each) > 1]


@settings(deadline=None)
@given(PAIRS, st.permutations(range(12)), st.permutations(range(12)))
def test_similar_rows_that_meet_are_joined(pairs, rows, order):
    similar = {frozenset(pair) for pair in pairs}

    def said(one, other):
        return np.array(
            [frozenset(p) in similar for p in zip(one.tolist(), other.tolist(), strict=True)],
            dtype=bool,
        )

    clusters = Clusters(12)
    for groups in (grouped(rows[:5], rows[5:8]), grouped(rows[4:])):
        clusters.join_similar(groups, np.array(order, dtype=np.uint64), said)
    met = [p for p in pairs if any(set(p) <= set(each) for each in (rows[:5], rows[5:8], rows[4:]))]
    assert clusters.roots(np.arange(12)).tolist() == reachable(12, met)


def test_a_meeting_of_similar_rows_is_compared_once_each():
    compared = []
    clusters = Clusters(5000)
    for _ in range(3):
        clusters.join_similar(
            grouped(range(5000)),
            np.arange(5000, dtype=np.uint64),
            lambda a, b: compared.append(len(a)) or np.ones(len(a), dtype=bool),
        )
    assert sum(compared) == 4999


def test_a_huge_meeting_takes_a_bounded_number_of_pairs():
    compared = []
    clusters = Clusters(5000)
    clusters.join_similar(
        grouped(range(5000)),
        np.arange(5000, dtype=np.uint64),
        lambda a, b: compared.append(len(a)) or np.zeros(len(a), dtype=bool),
    )
    assert 0 < sum(compared) <= 5000 * _NEIGHBOURS


def test_groups_of_chosen_rows():
    chosen = np.array([True, True, False, True, True, True])
    found = among(grouped([0, 2], [1, 2, 4], [3, 5]), chosen)
    assert (found.rows.tolist(), found.offsets.tolist()) == ([1, 4, 3, 5], [0, 2, 4])
    none = among(grouped([0, 2]), chosen)
    assert (none.rows.tolist(), none.offsets.tolist()) == ([], [0])
    assert among(grouped(), chosen).offsets.tolist() == [0]
