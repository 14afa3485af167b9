import pytest

from potstill.verifiers.choice.options import read_options


@pytest.mark.parametrize(
    ("prompt", "labels", "texts"),
    [
        ("Which?\nA. Rome\nB. Oslo", "AB", ["Rome", "Oslo"]),
        ("Which? (A) Rome (B) Oslo", "AB", ["Rome", "Oslo"]),
        ("哪个？\nA、罗马\nB、奥斯陆", "AB", ["罗马", "奥斯陆"]),
        ("Which? (a) Rome (b) Oslo", "ab", ["Rome", "Oslo"]),
        ("哪个？① 罗马 ② 奥斯陆", "①②", ["罗马", "奥斯陆"]),
        ("哪个？\n甲、罗马\n乙、奥斯陆", "甲乙", ["罗马", "奥斯陆"]),
        ("Which?\n1) Rome\n2) Oslo\n3) Bern", "123", ["Rome", "Oslo", "Bern"]),
        ("① x ② y\nA. ① B. ②", "AB", ["①", "②"]),
        ("A. x B. y\nWhich?\nA. Rome\nB. Oslo", "AB", ["Rome", "Oslo"]),
    ],
)
def test_options_of_a_prompt(prompt: str, labels: str, texts: list[str]) -> None:
    options = read_options(prompt)
    assert options.labels == labels
    assert options.texts == dict(zip("ABC", texts, strict=False))


@pytest.mark.parametrize(
    "prompt", ["", "What is A?", "1) Solve it.\n2) Prove it.", "Plan A. It is bold.", "① Solve it."]
)
def test_prompts_without_options(prompt: str) -> None:
    assert read_options(prompt).texts == {}


@pytest.mark.parametrize(
    ("question", "negative"),
    [
        ("Which of these is NOT a city?", True),
        ("All are cities EXCEPT", True),
        ("下列说法不正确的是", True),
        ("Which of these is a city?", False),
        ("下列说法正确的是", False),
    ],
)
def test_what_is_wrong_may_be_asked_for(question: str, negative: bool) -> None:
    assert read_options(f"{question}\nA. Rome\nB. Oslo").negative is negative
