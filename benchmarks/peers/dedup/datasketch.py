"""datasketch: its MinHashLSH, asked for each row before the row is put in."""

from collections.abc import Iterator

from datasketch import MinHash, MinHashLSH
from peers.dedup.common import Job, main, shingles


def find(job: Job) -> Iterator[int]:
    lsh = MinHashLSH(threshold=job.threshold, num_perm=job.permutations)
    rows = ([each.encode() for each in shingles(text)] for text in job.texts())
    for i, sketch in enumerate(MinHash.generator(rows, num_perm=job.permutations)):
        if lsh.query(sketch):
            yield i
        else:
            lsh.insert(i, sketch)


if __name__ == "__main__":
    main(find, "datasketch")
