"""potstill's MinHash as it is by default: problems with other numbers are other problems."""

from peers.dedup.potstill import run

from potstill.dedup.minhash import minhash

if __name__ == "__main__":
    run(lambda job, table: minhash(table, threshold=job.threshold, permutations=job.permutations))
