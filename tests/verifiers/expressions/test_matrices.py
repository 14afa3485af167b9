"""Matrices, piecewise expressions and systems."""

from potstill.verifiers.expressions.nodes import Cases, Matrix, Negative, Relation
from verifiers.expressions.trees import both, call, equal, num, read_as, x, y


def test_reads_matrices() -> None:
    square = Matrix(((num(1), num(2)), (num(3), num(4))))
    for text in (
        r"\begin{pmatrix}1&2\\3&4\end{pmatrix}",
        r"\left[\begin{array}{cc}1&2\\3&4\\\end{array}\right]",
        "[[1,2],[3,4]]",
    ):
        assert read_as(text) == square, text
    assert read_as(r"\begin{vmatrix}1&2\\3&4\end{vmatrix}") == call("det", square)
    assert read_as(r"\begin{pmatrix}1\\2\end{pmatrix}") == Matrix(((num(1),), (num(2),)))
    assert read_as(r"\begin{pmatrix}1&2\\3\end{pmatrix}") is None


def test_reads_piecewise_expressions_and_systems() -> None:
    above, below = Relation((x, num(0)), (">",)), Relation((x, num(0)), ("<=",))
    pieces = Cases(((x, above), (Negative(x), below)))
    for text in (
        r"\begin{cases}x&x>0\\-x&x\le0\end{cases}",
        r"\begin{cases}x,&\text{if }x>0,\\-x,&\text{if }x\le0.\end{cases}",
        r"\begin{cases}x, x>0\\-x, x\le0\end{cases}",
    ):
        assert read_as(text) == pieces, text
    otherwise = r"\begin{cases}x&x>0\\-x&\text{otherwise}\end{cases}"
    assert read_as(otherwise) == Cases(((x, above), (Negative(x), None)))
    system = both(equal(x, num(1)), equal(y, num(2)))
    for text in (
        r"\begin{cases}x=1\\y=2\end{cases}",
        r"\left\{\begin{array}{l}x=1\\y=2\end{array}\right.",
        r"\begin{aligned}x&=1\\y&=2\end{aligned}",
    ):
        assert read_as(text) == system, text
