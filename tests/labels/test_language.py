"""The language of a problem, and what is in two."""

import pytest

from potstill.labels.language import language
from potstill.records import Label, Message, Problem


def label(text: str, **options: float) -> Label | None:
    message = Message(role="user", content=text)
    return language(Problem(source="s", file="f", line=1, messages=(message,)), **options)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("How many apples are left in the box?", "en"),
        ("小明有12个苹果，还剩几个？", "zh"),
        ("请用 Python 和 NumPy 写函数", "zh"),
        ("分析句子的语法：The cat eats the food.", "mixed"),
        ("이 문장을 번역하세요: 今天天气很好", "mixed"),
        ("日本の首都は東京ですか、大阪ですか", "ja"),
        ("Quelle est la capitale de la France ?", "fr"),
        ("解释这段代码：\n```python\nfor number in range(100): print(number)\n```", "zh"),
        ("已知 $\\mathrm{distance}=vt$，求速度。", "zh"),
    ],
)
def test_languages(text: str, value: str) -> None:
    found = label(text)
    assert found is not None
    assert (found.name, found.value) == ("language", value)


@pytest.mark.parametrize("text", ["", "2 + 2 = ?", "$\\alpha$"])
def test_a_text_without_words_has_no_language(text: str) -> None:
    assert label(text) is None


def test_the_share_that_makes_a_text_mixed_is_an_option() -> None:
    text = "请把这句话翻译成中文并解释它的语法：The cat eats."
    assert [getattr(label(text, mixed=share), "value", None) for share in (0.1, 0.5)] == [
        "mixed",
        "zh",
    ]


def test_the_confidence_is_what_was_measured() -> None:
    sure, mixed = (
        label("小明有12个苹果，还剩几个？"),
        label("分析句子的语法：The cat eats the food."),
    )
    assert sure is not None
    assert mixed is not None
    assert (sure.confidence, mixed.confidence) == (1.0, None)
