"""Precise rather than complete: right where it speaks, silent where rules can't tell."""

import json

import pytest

from potstill.labels.category import category
from potstill.records import JsonObject, Message, Problem


def label(text: str, system: str | None = None, extra: JsonObject | None = None) -> str | None:
    messages = [Message(role="system", content=system)] if system else []
    messages.append(Message(role="user", content=text))
    problem = Problem(source="s", file="f", line=1, messages=tuple(messages), extra=extra or {})
    found = category(problem)
    return found.value if found else None


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Tom has 3 boxes with 4 pens in each. How many pens does he have?", "math"),
        ("Find all $x$ such that $x^2 = 2x$.", "math"),
        ("Calculate 15% of 500.", "math"),
        ("小明有12个苹果，吃了3个，还剩几个？", "math"),
        ("已知函数 $f(x)=x^2-1$，求 $f(2)$。", "math"),
        ("一个圆的半径是5厘米，它的面积是多少？", "math"),
        ("Write a function that reverses a list.", "code"),
        ("def add(a, b):\n    '''Return the sum of a and b.'''\n", "code"),
        (
            "Given n integers, print their sum.\n\nInput\n\nThe first line holds n.\n\nOutput\n\nS",
            "code",
        ),
        ("Read two numbers from standard input and print the larger one.", "code"),
        ("用Python编写一个计算阶乘的函数。", "code"),
        (
            "Which holds the DNA of a plant cell?\nA. nucleus\nB. wall\nC. sap\nD. membrane",
            "science",
        ),
        (
            "下列关于细胞的叙述正确的是\nA．核糖体有膜\nB．蓝藻有线粒体\nC．酶是蛋白质\nD．都不对",
            "science",
        ),
        (
            "Write about cats. Your entire response should be in lowercase letters.",
            "instruction_following",
        ),
        ("介绍一下北京，回答中不要使用逗号。", "instruction_following"),
        ("Write a poem about the sea.", "chat"),
        ("给我推荐三本小说。", "chat"),
        ("Who wrote Hamlet?", "chat"),
    ],
)
def test_what_shows_a_category(text: str, value: str) -> None:
    assert label(text) == value


@pytest.mark.parametrize(
    "text",
    [
        "",
        "友谊",
        "All cats purr. Tom purrs.\nWhich weakens the argument?\nA. Tom barks\nB. 3 of 4\nC. none",
        "明朝废除丞相的皇帝是\nA．朱元璋\nB．朱棣\nC．朱允炆\nD．朱高炽",
        "Explain photosynthesis to a child.",
        "Explain what a database is.",
    ],
)
def test_it_says_nothing_where_rules_can_not_tell(text: str) -> None:
    assert label(text) is None


TOOL = {"name": "weather", "description": "The weather", "parameters": {"type": "object"}}


@pytest.mark.parametrize(
    ("system", "extra"),
    [
        (None, {"tools": [{"type": "function", "function": TOOL}]}),
        (None, {"tools": json.dumps([TOOL])}),
        (None, {"function": [TOOL]}),
        (f"You have these functions: {json.dumps(TOOL)}", {}),
    ],
)
def test_tools_make_tool_calling(system: str | None, extra: JsonObject) -> None:
    assert (
        label("Is it warmer than 20 degrees in Rome or in Oslo?", system, extra) == "tool_calling"
    )


def test_tools_that_were_read_make_tool_calling() -> None:
    tools = ({"type": "function", "function": TOOL},)
    messages = (Message(role="user", content="Write a poem about the sea."),)
    found = category(Problem(source="s", file="f", line=1, messages=messages, tools=tools))
    assert found is not None
    assert found.value == "tool_calling"


def test_an_empty_list_of_tools_is_none() -> None:
    assert label("Write a poem about the sea.", extra={"tools": "[]"}) == "chat"


@pytest.mark.parametrize("piece", ["A. B. ", "$(", "def f()", "1", '"name"', "\n", "how many "])
def test_no_text_takes_long(piece: str) -> None:
    label(piece * 20_000 + "年", piece * 20_000)


def test_the_label_says_how_sure_it_is() -> None:
    message = Message(role="user", content="What is 3 + 4 = ?")
    found = category(Problem(source="s", file="f", line=1, messages=(message,)))
    assert found is not None
    assert (found.name, found.value, found.confidence) == ("category", "math", 0.99)


@pytest.mark.parametrize(
    ("file", "field", "value"),
    [
        ("math500/test.jsonl", "problem", "math"),
        ("cmath_1098/test.jsonl", "question", "math"),
        ("mbpp/mbpp.jsonl", "text", "code"),
        ("humaneval/HumanEval.jsonl", "prompt", "code"),
    ],
)
def test_sets_that_imply_their_category(shared, file: str, field: str, value: str) -> None:
    lines = (shared / "data" / file).read_text("utf-8").splitlines()
    found = [label(json.loads(line)[field]) for line in lines]
    labelled = [each for each in found if each is not None]
    assert len(labelled) >= 0.97 * len(found)
    assert labelled.count(value) >= 0.99 * len(labelled)
