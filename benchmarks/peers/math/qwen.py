"""The grader of Qwen2.5-Math, as evalscope had it until 1.0."""

from peers.math.common import Pair, is_response, main, module_of

# Without the rest of the package, which asks for much more.
grader = module_of("evalscope", "metrics/math_parser.py")


def grade(pair: Pair) -> bool:
    text = pair["answer"]
    found = grader.extract_answer(text if is_response(text) else rf"\boxed{{{text}}}")
    return bool(grader.math_equal(found, grader.strip_answer_string(pair["reference"])))


if __name__ == "__main__":
    main(grade, "evalscope")
