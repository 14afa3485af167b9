import json
import socket

import pytest

from potstill.text.language import detect


@pytest.fixture(autouse=True)
def no_network(monkeypatch):
    def refuse(*_, **__):
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("What is 3 + 4?", "en"),
        ("Solve: 2x+3=7", "en"),
        ("Factor $x^2-1$.", "en"),
        ("Find $\\gcd(12, 18)$.", "en"),
        ("Evaluate \\frac{1}{2}", "en"),
        ("HOW MANY APPLES ARE LEFT?", "en"),
        ("计算：15 × 6 = ？", "zh"),
        ("请用 Python 和 NumPy 写函数", "zh"),
        ("Translate '你好世界' into English please", "en"),
        ("日本の首都はどこですか", "ja"),
        ("3 더하기 4는 얼마입니까?", "ko"),
        ("Quelle est la capitale de la France ?", "fr"),
        ("Сколько будет три плюс четыре?", "ru"),
        ("x^2 + y^2 = z^2", None),
        ("$\\alpha + \\beta$", None),
        ("2 + 2 = ?", None),
        ("", None),
    ],
)
def test_short_prompts(text, language):
    assert detect(text) == language


@pytest.mark.parametrize(
    ("file", "field", "language"),
    [("gsm8k/test", "question", "en"), ("cmath_1098/test", "question", "zh")],
)
def test_real_problems(shared, file, field, language):
    lines = (shared / f"data/{file}.jsonl").read_text("utf-8").splitlines()[:300]
    assert {detect(json.loads(line)[field]) for line in lines} == {language}
