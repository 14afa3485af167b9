"""potstill's rule `ngram` with its defaults."""

from functools import partial

from peers.decontaminate.common import main
from peers.decontaminate.potstill import looked_up

from potstill.decontaminate.ngram import ngram

if __name__ == "__main__":
    main(partial(looked_up, ngram), "potstill")
