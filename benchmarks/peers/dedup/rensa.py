"""rensa, driven by a loop as its README shows."""

from collections.abc import Iterator

from peers.dedup.common import Job, main, shingles
from rensa import RMinHashDeduplicator


def find(job: Job) -> Iterator[int]:
    dedup = RMinHashDeduplicator(
        threshold=job.threshold, num_perm=job.permutations, use_lsh=True, seed=42
    )
    kept = dedup.add_pairs((str(i), shingles(text)) for i, text in enumerate(job.texts()))
    return (i for i, keep in enumerate(kept) if not keep)


if __name__ == "__main__":
    main(find, "rensa")
