r"""Right and wrong answers made from references: thousands of pairs whose labels are computed.

    python benchmarks/math_rewrite.py --data DATA --show 40

A rewriter reads a reference by itself, never with potstill, and yields what is equal to it and
what only looks like it: by exact fractions, by SymPy, or by the way it is made. Few of each kind
are kept of one reference, so that no kind drowns the others. Where there is no DATA, all references
are made up.
"""

import argparse
import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from random import Random

import sympy
from math_pairs import Pair, rows
from math_rewrite_algebra import expressions, identities
from math_rewrite_latex import dialects, sentence
from math_rewrite_numbers import Form, fraction, numbers, quantities
from math_rewrite_sets import Interval, interval_forms, item_forms, union

Rewriter = Callable[[str, Random], Iterator[Form]]

REWRITERS: tuple[Rewriter, ...] = (
    numbers,
    quantities,
    interval_forms,
    item_forms,
    expressions,
    dialects,
)
_FROM_DATA = 900
_PLAIN_NUMBERS = 0.3
"""Share of the references from data that are a number alone, at most: most of them are."""
_OF_EACH = 2
"""Right answers and wrong answers that are kept of one reference and rewriter."""
_IN_SENTENCE = 0.2


def from_data(folder: Path | None) -> list[str]:
    """Return the answers of MATH-500, of MATH's training set and of its test set."""
    if folder is None:
        return []
    found = [row["answer"] for row in rows(folder / "math500/test.jsonl")]
    train = folder / "math_train_answers/math_train.json"
    if train.exists():
        found += [row["answer"] for row in json.loads(train.read_text("utf-8"))]
    for row in rows(folder / "math_test5000/test.jsonl"):
        boxed = row["solution"].rpartition(r"\boxed{")[2]
        depth, end = 1, 0
        while end < len(boxed) and depth:
            depth += (boxed[end] == "{") - (boxed[end] == "}")
            end += 1
        found.append(boxed[: end - 1])
    return sorted({str(one).strip() for one in found} - {""})


def made(rng: Random, rounds: int) -> Iterator[str]:
    """Yield references of many kinds, in each round one of each."""
    x, y = sympy.symbols("x y")
    for _ in range(rounds):
        a, b, c, d = (rng.choice([-1, 1]) * rng.randint(1, 12) for _ in range(4))
        yield sympy.latex(a * x**2 + b * x + c)
        yield sympy.latex((x + a) * (b * x + c) * (x - d))
        yield sympy.latex((a * x + b) / (x**2 + abs(c) * x + 1))
        yield f"y = {sympy.latex(sympy.Rational(a, abs(b) + 1) * x + c)}"
        yield sympy.latex(a * x**2 * y + b * x * y**2 + c)
        yield sympy.latex(sympy.Rational(a, abs(d)) + b * sympy.sqrt(abs(c) + 1))
        yield sympy.latex(abs(a) * sympy.pi / abs(b))
        yield fraction(sympy.Rational(a * d, abs(b) * 7 + 1))
        yield str(a * b * c * d)
        yield f"({a}, {b})" if a != b else f"({a}, {a + 1})"
        yield f"({a}, {fraction(sympy.Rational(b, 7))}, {c})"
        yield rf"\{{{a}, {a + abs(b)}, {a + abs(b) + abs(c)}\}}"
        yield f"{a}, {a + abs(d)}"
        low, high = str(a), str(a + abs(b))
        shut = rng.choice([(True, True), (True, False), (False, True)])
        yield union([Interval(low, high, *shut)])
        yield union([Interval(None, low, False, shut[0]), Interval(high, None, shut[1], False)])
        unit = rng.choice(["cm", "m", "km", "g", "kg", "mL", "L", "s", "min", "h", "cm}^2"])
        text = rf"\text{{ {unit}" if "}" in unit else rf"\text{{ {unit}}}"
        yield f"{rng.choice([abs(a), abs(b) * 100, abs(c) + 0.5])}{text}"


def chosen(references: Sequence[str], rng: Random) -> list[str]:
    """Return some of the references; numbers alone are thinned out."""
    plain = [one for one in references if one.lstrip("-").isdecimal()]
    other = [one for one in references if not one.lstrip("-").isdecimal()]
    some = rng.sample(plain, min(len(plain), int(_FROM_DATA * _PLAIN_NUMBERS)))
    return some + rng.sample(other, min(len(other), _FROM_DATA - len(some)))


def forms(reference: str, rng: Random) -> Iterator[Form]:
    """Yield some forms of one reference: of each rewriter as many right ones as wrong ones."""
    for rewriter in REWRITERS:
        drawn: Counter[tuple[str, bool]] = Counter()
        kept: Counter[bool] = Counter()
        found = [form for form in rewriter(reference, rng) if form[1] != reference]
        rng.shuffle(found)
        for kind, text, equal in found:
            if kept[equal] < _OF_EACH and not drawn[kind, equal]:
                drawn[kind, equal] += 1
                kept[equal] += 1
                yield kind, text, equal


def pairs(folder: Path | None, seed: int = 0, rounds: int = 60) -> list[Pair]:
    """Return the rewritings of the references of a folder, and of those that are made up."""
    rng = Random(seed)
    found: dict[tuple[str, str], Pair] = {}
    references = [*chosen(from_data(folder), rng), *made(rng, rounds)]
    named = [(one, form) for one in references for form in forms(one, rng)]
    for reference, (kind, text, equal) in [*named, *identities(rng, rounds // 5)]:
        is_boxed = rng.random() < _IN_SENTENCE
        answer = sentence(text, rng) if is_boxed else text
        found.setdefault((reference, text), Pair(reference, answer, equal, kind))
    return list(found.values())


def main() -> None:
    """Show some rewritings, and how many there are of each kind."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, metavar="FOLDER")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--show", type=int, default=0, metavar="N", help="print N of them")
    given = parser.parse_args()
    found = pairs(given.data, given.seed)
    for pair in Random(given.seed).sample(found, given.show):
        print(f"{pair.expected!s:5} {pair.kind:20} {pair.reference!r:50} {pair.answer!r}")
    for (kind, expected), count in sorted(Counter((p.kind, p.expected) for p in found).items()):
        print(f"{count:6,} {expected!s:5} {kind}")
    print(f"{len(found):,} pairs, {sum(p.expected for p in found):,} right")


if __name__ == "__main__":
    main()
