"""potstill's rules: `verify_math`, and `verify_choice` for multiple choice."""

from peers.math.common import Pair, main

from potstill.verifiers import verify_choice, verify_math


def grade(pair: Pair) -> str:
    judge = verify_choice if pair["rule"] == "choice" else verify_math
    return judge(pair["reference"], pair["answer"], problem=pair["problem"]).outcome


if __name__ == "__main__":
    main(grade, "potstill")
