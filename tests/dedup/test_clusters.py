from hypothesis import given
from hypothesis import strategies as st

from potstill.dedup.clusters import Clusters

PAIRS = st.lists(st.tuples(st.integers(0, 11), st.integers(0, 11)))


def reachable(rows, pairs):
    """Return the lowest row that each row is connected with, the slow way."""
    lowest = list(range(rows))
    for _ in range(rows):
        for a, b in pairs:
            lowest[a] = lowest[b] = min(lowest[a], lowest[b])
    return lowest


@given(PAIRS, st.randoms())
def test_clusters_are_what_is_connected_in_any_order(pairs, random):
    shuffled = random.sample(pairs, len(pairs))
    clusters = Clusters(12)
    for a, b in shuffled:
        clusters.join(a, b)
    assert [clusters.root(row) for row in range(12)] == reachable(12, pairs)


@given(PAIRS, st.permutations(range(12)))
def test_similar_rows_that_meet_are_joined(pairs, rows):
    similar = {frozenset(pair) for pair in pairs}
    clusters = Clusters(12)
    for meeting in (rows[:8], rows[4:], rows[:8]):
        clusters.join_similar(meeting, lambda a, b: frozenset((a, b)) in similar)
    met = [p for p in pairs if set(p) <= set(rows[:8]) or set(p) <= set(rows[4:])]
    assert [clusters.root(row) for row in range(12)] == reachable(12, met)


def test_a_meeting_of_equal_rows_is_compared_once_each():
    compared = []
    clusters = Clusters(500)
    for _ in range(3):
        clusters.join_similar(range(500), lambda a, b: compared.append((a, b)) is None)
    assert len(compared) == 499
