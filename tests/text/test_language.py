import json
import socket

import pytest

from potstill.text.language import detect, guess


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


@pytest.mark.parametrize(
    "text",
    [
        "Wat is de som van de getallen in de rij, en wat was het verschil met de vorige som?",
        "Wie viele Kisten kann man in den Wagen laden, wenn jede Kiste zwei Kilogramm wiegt?",
        "Il y a trois boites dans la salle et chacune contient douze pommes; combien de pommes?",
        "Berapa banyak apel yang ada di dalam kotak jika setiap kotak berisi dua belas apel?",
        "Cuantas manzanas hay en total si cada caja contiene doce manzanas y hay tres cajas?",
    ],
)
def test_another_language_without_accents_is_not_taken_for_english(text: str) -> None:
    assert detect(text) == guess(text).language != "en"


def test_plain_english_is_told_without_the_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("potstill.text.language._ask_model", lambda _: None)
    assert detect("How many of the 12 apples that Tom has are left, if he eats two?") == "en"
