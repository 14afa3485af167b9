import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from potstill.dedup.keep import settle
from potstill.protocols import Groups

ROWS = st.lists(st.integers(0, 3), min_size=2, max_size=8)
"""The answers of a group's rows, the best first; 0 is none."""


@settings(deadline=None)
@given(st.lists(ROWS, max_size=4), st.sampled_from(["drop", "keep", "drop_all"]), st.randoms())
def test_what_stays_of_each_group(groups, conflicts, random):
    answers = np.array([answer for group in groups for answer in group], dtype=np.uint64)
    offsets = np.cumsum([0, *map(len, groups)])
    rows = np.array(random.sample(range(len(answers)), len(answers)), dtype=np.int64)
    given, ranks = np.empty_like(answers), np.empty(len(answers), dtype=np.int64)
    given[rows], ranks[rows] = answers, np.arange(len(answers))
    before = given.tolist()
    spans = zip(offsets.tolist(), offsets.tolist()[1:], strict=False)
    shuffled = [row for a, b in spans for row in random.sample(rows[a:b].tolist(), b - a)]
    found = settle(Groups(np.array(shuffled, dtype=np.int64), offsets), ranks, given, conflicts)
    gone = dict(zip(found.rows.tolist(), found.of.tolist(), strict=True))
    conflict = {row for row, each in zip(found.rows.tolist(), found.conflict, strict=True) if each}
    assert len(gone) == len(found.rows)
    for group, start in zip(groups, offsets, strict=False):
        members = rows[start : start + len(group)].tolist()
        left = [row for row in members if row not in gone]
        known = {answer for answer in group if answer}
        if len(known) < 2:
            assert left == members[:1]
            assert not conflict & {*members}
            assert given[members[0]] == max(known, default=0)
        elif conflicts == "drop_all":
            assert left == []
            assert conflict >= {*members}
        else:
            assert left[0] == members[0]
            assert len(left) == (len(known) if conflicts == "keep" else 1)
            assert len({*given[left].tolist()}) == len(left)
        for row in conflict & {*members}:
            assert before[gone[row]] not in (0, before[row])
        for row in {*members} & gone.keys() - conflict:
            assert gone[row] in left
            assert before[row] in (0, given[gone[row]])
