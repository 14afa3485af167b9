"""potstill's rule `similar` with its defaults."""

from functools import partial

from peers.decontaminate.common import main
from peers.decontaminate.potstill import looked_up

from potstill.decontaminate.similar import similar

if __name__ == "__main__":
    main(partial(looked_up, similar), "potstill")
