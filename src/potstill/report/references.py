"""Problems whose reference a verifier could not use, as the verify stage counted them."""

from collections.abc import Iterator, Mapping

from potstill.records import UNUSABLE


def unusable(totals: Mapping[str, int]) -> Iterator[str]:
    """Yield a sentence for each verifier that could not use the reference of some problems.

    Args:
        totals: What the stage counted, under `reference_unusable:VERIFIER`.
    """
    for key, count in sorted(totals.items()):
        what, _, verifier = key.partition(":")
        if what == UNUSABLE:
            problems = "1 problem" if count == 1 else f"{count:,} problems"
            yield f"{verifier} can't use the reference of {problems}"
