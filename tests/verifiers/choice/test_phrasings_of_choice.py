import pytest

from potstill.verifiers import verify_choice

PROMPT = "Which?\nA. one\nB. two\nC. three\nD. four"


@pytest.mark.parametrize(
    ("reference", "answer", "outcome", "reason"),
    [
        ("C", "answer is c", "pass", "equal"),
        ("B", "answer is c", "fail", "different"),
        ("C", "My choice: C", "pass", "equal"),
        ("C", "My choice: B", "fail", "different"),
        ("B", "选B或C", "fail", "hedged"),
        ("BC", "选B和C", "pass", "equal"),
        ("ABD", "正确的是A、B、D，C错误。", "pass", "equal"),
        ("ABCD", "正确的是A、B、D，C错误。", "fail", "partial"),
        ("B", "【答案】B", "pass", "equal"),
        ("B", "【答案】C", "fail", "different"),
    ],
)
def test_choices(reference: str, answer: str, outcome: str, reason: str) -> None:
    verdict = verify_choice(reference, answer, problem=PROMPT)
    assert (verdict.outcome, verdict.reason) == (outcome, reason)
