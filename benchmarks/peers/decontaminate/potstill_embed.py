"""potstill's rule `similar` with the packaged multilingual embedder."""

from functools import partial

from peers.decontaminate.common import main
from peers.decontaminate.potstill import looked_up

from potstill.decontaminate.similar import similar

if __name__ == "__main__":
    main(partial(looked_up, partial(similar, embed="default")), "potstill")
