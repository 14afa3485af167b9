"""Benchmark items that a problem asks for in other words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Annotated, NamedTuple, Protocol

from pydantic import Field

from potstill.decontaminate.items import distinct, traits
from potstill.decontaminate.numbers import keeps, numbers
from potstill.decontaminate.questions import is_code
from potstill.errors import InputError
from potstill.models.embeddings.embedder import Spec
from potstill.protocols import Contamination
from potstill.records import Problem

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from potstill.decontaminate.near import Near

_BATCH = 1000


class Thresholds(NamedTuple):
    """Scores from which a problem is suspect, and contaminated."""

    suspect: float
    contaminated: float


def similar(
    items: Iterable[Problem],
    /,
    *,
    suspect: Annotated[float, Field(gt=0, lt=1)] | None = None,
    contaminated: Annotated[float, Field(gt=0, le=1)] | None = None,
    embed: Spec | None = None,
    same_numbers: bool = True,
) -> Similar:
    """Find problems that ask for a benchmark's item in other words; with `embed`, translated too.

    The last user turn counts, as a whole: an item that is a small part of a long prompt is left to
    `ngram`. A problem is compared with the items that share its rarest terms, by the weight of the
    terms in common; lettered options, and the body of code, can support a match and are not missed
    where they are absent. Such a likeness counts by how much it exceeds what is usual for texts of
    the problem's kind and of the item's, so that a hundred items of one wording don't draw in every
    problem of that wording. The score is that of a logistic
    regression: it ranks, and says nothing of how many findings of one score are right.

    An item is named `contaminated` where that is nearly sure. A `suspect` is a lead: it may be an
    item with a changed word, or a question on the same narrow subject. By default suspects stay in
    the set, tagged.

    Args:
        items: The benchmark's items; their last user turn counts.
        suspect: Score from which a problem is suspect. Where none is given, 0.3, or 0.25 with
            `embed`, measured for the packaged model; another one has a scale of its own.
        contaminated: Score from which it is contaminated; at least `suspect`. Where none is given,
            0.9, or 0.5 with `embed`.
        embed: What makes vectors of texts, which are then compared in place of their terms:
            `default`, the packaged model; the folder of a model of model2vec or
            sentence-transformers, or its name on the hub. It must be one that works on this
            machine. The score is then how far the cosine is on the way from what is usual to 1.
        same_numbers: Whether a problem that is like an item but has other numbers is another
            problem. Numbers in code are examples, and are not looked at.

    Raises:
        InputError: The thresholds are in the wrong order, or the embedder is away or an endpoint.

    Example:
        decontaminate:
          - use: similar
            against: [{path: benchmark.jsonl, map: {problem: question}}]
    """
    from potstill.decontaminate.likeness import TermIndex

    usual = Thresholds(0.3, 0.9) if embed is None else Thresholds(0.25, 0.5)
    low = usual.suspect if suspect is None else suspect
    high = max(usual.contaminated, low) if contaminated is None else contaminated
    if low > high:
        raise InputError(f"similar: suspect ({low:g}) is more than contaminated ({high:g})")
    given = distinct(items)
    texts = [item.text for item in given]
    index = TermIndex(texts) if embed is None else _vectors(texts, embed)
    found = Similar([item.row_id for item in given], texts, index, Thresholds(low, high))
    found.same_numbers = same_numbers
    return found


def _vectors(texts: Sequence[str], embed: Spec) -> Index:
    from potstill.decontaminate.cosines import VectorIndex
    from potstill.models.embeddings.embedder import embedder

    model = embedder(embed)
    if model.where != "local":
        raise InputError(
            "similar: problems are looked up in many processes, and an endpoint can't be asked "
            "from these: embed must be `default`, or a model's folder or name on the hub"
        )
    return VectorIndex(texts, model)


class Index(Protocol):
    """Finds the items that are nearest to texts."""

    def nearest(self, texts: Sequence[str], /) -> list[Near]:
        """Return the nearest items of each text."""
        ...

    def scores(
        self, near: Near, usual: NDArray[np.float64], code: NDArray[np.bool_], /
    ) -> NDArray[np.float64]:
        """Return how sure each item of `near` is the text's, in [0, 1].

        Args:
            near: The items near to the text.
            usual: By item of `near`: the likeness that is usual for texts of its kind.
            code: By item of `near`: whether both it and the text hold code.
        """
        ...

    def span(self, item: int, text: str, /) -> str:
        """Return the stretch of `text` that is like the item."""
        ...


class Similar:
    """Looks problems up among benchmark items; can be pickled."""

    same_numbers: bool = True
    """Whether an item must have its numbers in the problem."""

    def __init__(
        self, row_ids: Sequence[str], texts: Sequence[str], index: Index, thresholds: Thresholds
    ) -> None:
        """Look each item up among the others, to learn what likeness is usual for it."""
        import numpy as np

        self._row_ids, self._index, self._thresholds = row_ids, index, thresholds
        batches = (texts[i : i + _BATCH] for i in range(0, len(texts), _BATCH))
        self._usual = np.array([near.usual for some in batches for near in index.nearest(some)])
        self._traits = [traits(text) for text in texts]
        self._code = np.array([each.code for each in self._traits], dtype=np.bool_)

    def __call__(self, problems: Sequence[Problem]) -> list[Contamination | None]:
        """Return the item that each problem most surely is, if that is sure enough."""
        texts = [problem.text for problem in problems]
        nearest = self._index.nearest(texts) if self._row_ids else []
        found = [self._find(text, near) for text, near in zip(texts, nearest, strict=False)]
        return found or [None] * len(problems)

    def _find(self, text: str, near: Near) -> Contamination | None:
        import numpy as np

        items = near.items
        code = self._code[items] & is_code(text)
        scores = np.round(self._index.scores(near, self._usual[items], code), 4)
        order = np.lexsort((items, -scores))
        enough = order[scores[order] >= self._thresholds.suspect]
        own = numbers(text) if len(enough) else frozenset[str]()
        for place in enough:
            item, score = int(items[place]), float(scores[place])
            if not self.same_numbers or keeps(self._traits[item].numbers, own):
                verdict = "contaminated" if score >= self._thresholds.contaminated else "suspect"
                span = self._index.span(item, text)
                return Contamination(self._row_ids[item], score, span, verdict)
        return None
