"""The comparison of MATH's makers, as lm-eval's task `hendrycks_math` has it."""

import sys
from types import SimpleNamespace

from peers.math.common import Pair, last_box, main, module_of

# The module names a type of `datasets` in annotations, and needs nothing else of it.
sys.modules["datasets"] = SimpleNamespace(Dataset=object)  # type: ignore[assignment]
grader = module_of("lm_eval", "tasks/hendrycks_math/utils.py")


def grade(pair: Pair) -> bool:
    return grader.is_equiv(last_box(pair["answer"]) or pair["answer"], pair["reference"])


if __name__ == "__main__":
    main(grade, "lm-eval")
