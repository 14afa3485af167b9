"""The coefficients of `similar`'s score, by logistic regression on the rows at even places."""

from collections.abc import Iterator

import numpy as np
from contaminated import Sets
from numpy.typing import NDArray

from potstill.decontaminate.items import traits
from potstill.decontaminate.likeness import Coefficients, TermIndex
from potstill.decontaminate.numbers import keeps, numbers
from potstill.decontaminate.questions import is_code

_SETS = ("rephrased MMLU", "rephrased HumanEval")
_FEW = 3
"""Wrong items of a row that take part, the most like it."""
_WRONG = 0.3
"""Weight of a wrong item."""
_COPY = 0.7
"""Likeness from which a row of a clean set is taken for a copy and left out."""
_RIDGE = 0.01

Arrays = tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]


def coefficients(sets: Sets) -> Coefficients:
    """Return the coefficients that explain which item is the row's."""
    texts = [text for part in sets.items.values() for text in part]
    places = [(name, i) for name, part in sets.items.items() for i in range(len(part))]
    index = TermIndex(texts)
    usual = np.array([near.usual for near in index.nearest(texts)])
    known = [traits(text) for text in texts]
    rows = [row for name in _SETS for row in sets.contaminated[name][::2]]
    rows += [row for name, some in sets.clean.items() if "GSM8K" not in name for row in some[::2]]

    def examples() -> Iterator[Arrays]:
        for row, near in zip(rows, index.nearest([row.text for row in rows]), strict=True):
            own, code = numbers(row.text), is_code(row.text)
            right = np.array([places[item] == row.item for item in near.items], dtype=np.float64)
            kept = [keeps(known[item].numbers, own) for item in near.items]
            some = np.array(kept, dtype=np.bool_)
            some &= (np.arange(len(right)) < _FEW) | (right > 0)
            if row.item is None and near.likeness[:1].sum() > _COPY:
                continue
            both = [code and known[item].code for item in near.items]
            count = len(right)
            columns = (
                near.likeness,
                usual[near.items],
                np.full(count, near.usual),
                np.array(both, dtype=np.float64),
                np.ones(count),
            )
            yield np.stack(columns, 1)[some], right[some], np.where(right, 1, _WRONG)[some]

    inputs, right, weights = (np.concatenate(part) for part in zip(*examples(), strict=True))
    return Coefficients(*map(float, np.round(regression(inputs, right, weights), 1)))


def regression(
    inputs: NDArray[np.float64], right: NDArray[np.float64], weights: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the coefficients of a logistic regression, by Newton's method."""
    found = np.zeros(inputs.shape[1])
    ridge = _RIDGE * np.eye(len(found))
    for _ in range(50):
        chance = 1 / (1 + np.exp(-np.clip(inputs @ found, -30, 30)))
        slope = inputs.T @ (weights * (right - chance)) - ridge @ found
        curve = (inputs * (weights * chance * (1 - chance))[:, None]).T @ inputs + ridge
        found += np.linalg.solve(curve, slope)
    return found
