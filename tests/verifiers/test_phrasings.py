import pytest

from potstill.verifiers.math import verify_math
from potstill.verifiers.phrasings import rewritten

PAIRS = [
    ("-5℃", "零下5℃", "零下15℃"),
    ("\\pm 2", "正负2", "负2"),
    ("60千米/时", "每小时60千米", "每分钟60千米"),
    ("不存在", "不存在！", "存在"),
    ("250 g", "a quarter of a kilogram", "a third of a kilogram"),
    ("75 cents", "three quarters of a dollar", "a quarter of a dollar"),
    ("12……3", "商12余3", "商3余12"),
    ("12 R 3", "12 remainder 3", "12 remainder 4"),
    ("商12，余3", "商是12，余数是3", "商是12，余数是2"),
    ("x \\neq 2", "all real numbers except 2", "all real numbers except 3"),
    ("3:4", "3 to 4", "4 to 3"),
    ("6；8", "(1)6(2)8", "(1)6(2)9"),
    ("a_n=2^n-1", r"a_n=2^{n}-1(n\in\mathbf{N}^*)", r"a_n=2^{n}+1(n\in\mathbf{N}^*)"),
]


@pytest.mark.parametrize(("reference", "right", "wrong"), PAIRS)
def test_phrases_are_mathematics(reference: str, right: str, wrong: str) -> None:
    assert verify_math(reference, right).outcome == "pass"
    assert verify_math(reference, wrong).outcome == "fail"


@pytest.mark.parametrize(
    "text", ["5", "x+1", "(1)", "(2)6(3)8", "f(1)2", "每天", "a quarter", "n!", "5!", "(1)6", ""]
)
def test_anything_else_stays(text: str) -> None:
    assert rewritten(text) == text
