"""potstill's exact deduplication; the threshold says nothing to it."""

from peers.dedup.potstill import run

from potstill.dedup.exact import exact

if __name__ == "__main__":
    run(lambda job, table: exact(table))
