"""The grader of PRM800K, as mathruler has it."""

from mathruler.grader import grade_answer
from peers.math.common import Pair, last_box, main


def grade(pair: Pair) -> bool:
    return grade_answer(last_box(pair["answer"]) or pair["answer"], pair["reference"])


if __name__ == "__main__":
    main(grade, "mathruler")
