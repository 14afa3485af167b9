"""potstill's MinHash for the job of its peers: shingles alone count."""

from peers.dedup.potstill import run

from potstill.dedup.minhash import minhash

if __name__ == "__main__":
    run(
        lambda job, table: minhash(
            table,
            threshold=job.threshold,
            permutations=job.permutations,
            same_numbers=False,
            same_answers=False,
        )
    )
