"""gaoya: its index, which chooses its bands by the threshold, asked row by row."""

from collections.abc import Iterator

from gaoya.minhash import MinHashStringIndex
from peers.dedup.common import Job, main, shingles


def find(job: Job) -> Iterator[int]:
    index = MinHashStringIndex(
        jaccard_threshold=job.threshold,
        num_bands=None,
        band_size=None,
        num_hashes=job.permutations,
        id_container="smallvec",
    ).minhash_index
    for i, text in enumerate(job.texts()):
        tokens = shingles(text)
        if index.query_tokens(tokens):
            yield i
        else:
            index.insert_tokens(i, tokens)


if __name__ == "__main__":
    main(find, "gaoya")
