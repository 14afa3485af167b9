"""datatrove's filter: one 12-gram in common, of the items' prompts, which its defaults leave out.

Its indexer asks for lighteval; the index is written here as that does it, with the filter's own
tokenizer and hash.
"""

import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from datatrove.data import Document
from datatrove.pipeline.decont import NGramsDecontFilter
from datatrove.pipeline.decont.n_grams import NGramsDecontConfig
from datatrove.utils.text import ngrams, simplify_text
from peers.decontaminate.common import Found, Lookup, main


def build(items: Sequence[str]) -> Lookup:
    config = NGramsDecontConfig(find_query_ngrams=True)
    with tempfile.TemporaryDirectory() as folder:
        rule = NGramsDecontFilter(folder, config)
        hashes = {one for item in items for one in hashed(item, rule, config)}
        kind = np.dtype(config.hash_config.np_descr)
        np.array(sorted(hashes), dtype=kind).tofile(Path(folder) / "items.index.hashes")
        rule.load_index_hashes()

    def find(text: str) -> Found:
        kept = rule.filter(Document(text=text, id="row"))
        return None if kept is True else (None, "contaminated")

    return lambda rows: [find(row) for row in rows]


def hashed(text: str, rule: NGramsDecontFilter, config: NGramsDecontConfig) -> list[int]:
    tokens = rule.tokenizer.word_tokenize(simplify_text(text, config.norm_config))
    return [rule.hash_func(" ".join(gram)) for gram in ngrams(tokens, config.n_grams)]


if __name__ == "__main__":
    main(build, "datatrove")
