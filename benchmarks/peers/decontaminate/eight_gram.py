"""The rule of open-r1 (huggingface/open-r1, scripts/decontaminate.py): one 8-gram in common.

Texts are split at white space in lower case; a row that shares one run of eight words with any item
is flagged. The script keeps no account of the item.
"""

from collections.abc import Sequence

from peers.decontaminate.common import Found, Lookup, main

_N = 8


def grams(text: str) -> set[str]:
    words = text.lower().split()
    return {" ".join(words[i : i + _N]) for i in range(len(words) - _N + 1)}


def build(items: Sequence[str]) -> Lookup:
    known = {gram for item in items for gram in grams(item)}

    def find(text: str) -> Found:
        return None if known.isdisjoint(grams(text)) else (None, "contaminated")

    return lambda rows: [find(row) for row in rows]


if __name__ == "__main__":
    main(build)
