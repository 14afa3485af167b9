import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from potstill.models.replies import parse
from potstill.models.traces import Trace, extract, from_reply


@pytest.mark.parametrize(
    ("message", "think", "answer"),
    [
        ({"content": "4"}, None, "4"),
        ({"content": "4", "reasoning_content": "2 + 2"}, "2 + 2", "4"),
        ({"content": "4", "reasoning": "2 + 2"}, "2 + 2", "4"),
        ({"content": "4", "reasoning_content": "t", "reasoning": "t"}, "t", "4"),
        ({"content": "4", "reasoning_content": None}, None, "4"),
        ({"content": None, "reasoning_content": "t"}, "t", ""),
        ({"content": "<think>\n2 + 2\n</think>\n\n4"}, "2 + 2", "4"),
        ({"content": "\n<think>t</think>4"}, "t", "4"),
        ({"content": "<think>\n\n</think>\n\n4"}, None, "4"),
        ({"content": "2 + 2\n</think>\n4"}, "2 + 2", "4"),
        ({"content": "<think>2 + 2 is"}, "2 + 2 is", ""),
        ({"content": "The tag <think> opens."}, None, "The tag <think> opens."),
        ({"content": "A <think>b</think> c"}, None, "A <think>b</think> c"),
        ({"content": "See </think> here", "reasoning_content": "t"}, "t", "See </think> here"),
        # llama.cpp's and SGLang's legacy formats give the thinking twice
        ({"content": "<think>t</think>4", "reasoning_content": "t"}, "t", "4"),
        ({"content": "<think>u</think>4", "reasoning_content": "t"}, "t\nu", "4"),
        ({"content": "<think>t</think><answer>\n4\n</answer>"}, "t", "4"),
        ({"content": "<answer>4</answer> is it"}, None, "<answer>4</answer> is it"),
        ({"content": [{"type": "text", "text": "4"}, {"type": "text", "text": "2"}]}, None, "42"),
        ({"content": "a\ud800b", "reasoning": "\udfff"}, "\ufffd", "a\ufffdb"),
        ({"content": "\U0001f600"}, None, "\U0001f600"),
        ({}, None, ""),
        ({"content": 4, "reasoning_content": {"a": 1}}, None, ""),
    ],
)
def test_extract(message, think, answer):
    assert extract(message, "on") == Trace(think, answer)


@pytest.mark.parametrize(
    ("content", "answer"),
    [
        ("<answer>4</answer>", "4"),
        ("So: <answer>4</answer>.", "So: 4."),
        ("<answer>4", "4"),
        ("4", "4"),
        ("<answer>4</answer>\n<answer>5</answer>", "4\n<answer>5</answer>"),
    ],
)
def test_tags_that_the_prompt_asked_for_are_taken_off(content, answer):
    message = {"content": f"<think>t</think> {content}"}
    assert extract(message, "prompted") == Trace("t", answer)


PIECES = ["<think>", "</think>", "<answer>", "</answer>", " ", "\n", "a", "bc", "数", "\ud800", "{"]
texts = st.lists(st.sampled_from(PIECES)).map("".join)
reasonings = st.sampled_from(["on", "off", "prompted"])


def letters(text: str) -> str:
    for tag in PIECES[:4]:
        text = text.replace(tag, "")
    return "".join(text.replace("\ud800", "\ufffd").split())


@given(texts, reasonings)
def test_no_text_of_the_content_is_lost(content, reasoning):
    trace = extract({"content": content}, reasoning)
    assert letters((trace.think or "") + trace.answer) == letters(content)


@given(st.text(["x", "y", "\n", " "]), texts, reasonings)
def test_no_text_is_lost_beside_a_thinking_field(thinking, content, reasoning):
    trace = extract({"content": content, "reasoning_content": thinking}, reasoning)
    assert letters((trace.think or "") + trace.answer) == letters(thinking + content)


@given(texts, texts, reasonings)
def test_a_trace_can_be_written_as_utf_8(content, thinking, reasoning):
    trace = extract({"content": content, "reasoning": thinking}, reasoning)
    f"{trace.think}{trace.answer}".encode()


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)
names = st.sampled_from(["choices", "message", "content", "reasoning", "text", "usage"])


@given(st.dictionaries(names, values))
def test_any_reply_has_a_trace(reply):
    from_reply({"choices": [{"message": reply}]}, "on")
    from_reply(reply, "prompted")


@given(st.text() | values.map(json.dumps))
def test_any_text_can_be_parsed(text):
    reply = parse(text)
    assert reply is None or json.dumps(reply, allow_nan=False)


def test_numbers_that_are_no_json_become_null():
    assert parse('{"a": NaN, "b": [1e999, -Infinity, 1.5]}') == {"a": None, "b": [None, None, 1.5]}


@pytest.mark.parametrize("text", ["", "[]", "{", '{"a": ' * 400 + "1" + "}" * 400, "9" * 5000])
def test_what_is_no_storable_object_is_none(text):
    assert parse(text) is None
