"""Math-Verify as its documentation has it: `verify(parse(gold), parse(answer))`."""

from math_verify import parse, verify
from peers.math.common import Pair, is_response, main


def grade(pair: Pair) -> bool:
    return verify(parse(marked(pair["reference"])), parse(marked(pair["answer"])))


def marked(text: str) -> str:
    """Return a bare answer between dollars, as it knows LaTeX best."""
    return text if "$" in text or is_response(text) else f"${text}$"


if __name__ == "__main__":
    main(grade, "math-verify")
