"""An answer as it stands in a response."""

from typing import NamedTuple


class Answer(NamedTuple):
    """An answer as it stands in a response."""

    text: str
    """The answer, without what marks it."""
    by: str
    """What marks it: `boxed`, `tag`, `hashes`, `json`, `code`, `phrase`, or for one that nothing
    marks `whole`, `bold`, `last_formula`, `last_number`, `last_words`."""
    parts: tuple[str, ...] = ()
    """Its parts where it has several: boxes of one answer, or what `or` stands between."""
    hedged: bool = False
    """Whether it offers alternatives (`3 or 4`), which may also be all the solutions there are."""
