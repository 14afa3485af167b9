import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from potstill.formats.tags import in_tags
from potstill.models.replies import parse
from potstill.models.traces import TAGS, Trace, extract, from_reply
from potstill.protocols import NotExpressible
from potstill.records import Response


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


def block(kind, **fields):
    return {"type": kind, **fields}


@pytest.mark.parametrize(
    ("message", "think", "answer"),
    [
        ({"content": "4", "reasoning": {"text": "2 + 2"}}, "2 + 2", "4"),
        ({"content": "4", "reasoning": [block("reasoning.text", text="a"), "b"]}, "ab", "4"),
        ({"content": "4", "reasoning": "", "reasoning_content": "t"}, "t", "4"),
        (
            {
                "content": "4",
                "reasoning_details": [
                    block("reasoning.summary", summary="Adding"),
                    block("reasoning.encrypted", data="c2VjcmV0"),
                    block("reasoning.text", text=" 2 and 2", signature="s"),
                ],
            },
            "Adding 2 and 2",
            "4",
        ),
        ({"content": "4", "reasoning": "t", "reasoning_details": [{"text": "t"}]}, "t", "4"),
        (
            {
                "content": [
                    block("thinking", thinking="2 + 2", signature="s"),
                    block("redacted_thinking", data="c2VjcmV0"),
                    block("text", text="4"),
                ]
            },
            "2 + 2",
            "4",
        ),
        # Mistral, and its blocks as a stream leaves them
        ({"content": [block("thinking", thinking=[block("text", text="t")]), "4"]}, "t", "4"),
        ({"content": [block("thinking", thinking=t) for t in ("2 +", " 2")]}, "2 + 2", ""),
        (
            {
                "content": [
                    block("thinking", thinking="a"),
                    block("text", text="1, "),
                    block("thinking", thinking="b"),
                    block("text", text="2"),
                ]
            },
            "a\nb",
            "1, 2",
        ),
        ({"content": [block("image_url", image_url={}), block("text", text="4")]}, None, "4"),
        ({"content": [block("text", text="<think>t</think>4")]}, "t", "4"),
        ({"content": [block("thinking", thinking=None), block("text", text="4")]}, None, "4"),
    ],
)
def test_fields_and_blocks(message, think, answer):
    assert extract(message, "on") == Trace(think, answer)


@pytest.mark.parametrize("tags", TAGS, ids=lambda tags: tags.opened.strip())
def test_tags_of_many_models(tags):
    answer = f"{tags.answer_opened}4{tags.answer_closed}"
    whole = f"{tags.opened}2 + 2{tags.closed}{answer}"
    assert extract({"content": whole}, "on") == Trace("2 + 2", "4")
    assert extract({"content": f"{tags.opened}2 + 2 is"}, "on") == Trace("2 + 2 is", "")


@pytest.mark.parametrize(
    ("content", "think", "answer"),
    [
        ("2 + 2</thought>4", "2 + 2", "4"),
        ("<think>a</think>\n<think>b</think>4", "a\nb", "4"),
        ("<think>a</think>\n<think>b", "a\nb", ""),
        ("<think></think>\n<think>b</think>4", "b", "4"),
        ("<think>a</think>4 <think>b</think>", "a", "4 <think>b</think>"),
        ("<think>a<think>b</think>c</think>4", "a<think>b</think>c", "4"),
        ("<think>The <think> tag opens.</think>4", "The <think> tag opens.", "4"),
        ("<think>a</think>See </think> here", "a", "See </think> here"),
        ("<think>`</think>` closes.</think>4", "`</think>` closes.", "4"),
        ('<think>It is "4"</think>\n"4"', 'It is "4"', '"4"'),
        ("<think>```\n</think>\n```</think>4", "```\n</think>\n```", "4"),
        ("<think>```\nx = 4</think>4", "```\nx = 4", "4"),
        ("<think>```\na</think>```\n</think>\n```", "```\na</think>```", "```"),
        ("The tag `</think>` closes.", None, "The tag `</think>` closes."),
        ("The tag “</think>” closes.", None, "The tag “</think>” closes."),
        ("Write\n```\n</think>\n```", None, "Write\n```\n</think>\n```"),
        ("Is `</think>` it?</think>Yes", "Is `</think>` it?", "Yes"),
        ("I open `<think>` now</think>4", "I open `<think>` now", "4"),
        ("`<think>a</think>`", None, "`<think>a</think>`"),
        ("Try [THINK] or ◁think▷.", None, "Try [THINK] or ◁think▷."),
        ("<thinker>a</thinker>", None, "<thinker>a</thinker>"),
    ],
)
def test_tags_that_are_text(content, think, answer):
    assert extract({"content": content}, "on") == Trace(think, answer)


@pytest.mark.parametrize(
    ("message", "think", "answer"),
    [
        ({"content": "2 + 2\n</think>\n4"}, "2 + 2", "4"),
        ({"content": "2 + 2 is"}, "2 + 2 is", ""),  # cut
        ({"content": "<think>\n2 + 2</think>4"}, "2 + 2", "4"),  # the endpoint gives it back
        ({"content": "4", "reasoning_content": "2 + 2"}, "2 + 2", "4"),
        ({"content": "I write <think> first</think>4"}, "I write <think> first", "4"),
        ({"content": "```\n2 + 2</think>4"}, "```\n2 + 2", "4"),
        ({"content": ""}, None, ""),
    ],
)
def test_a_reply_that_goes_on_from_a_forced_opener(message, think, answer):
    assert extract(message, "on", opened=True) == Trace(think, answer)
    assert from_reply({"choices": [{"message": message}]}, "on", opened=True).think == think


PIECES = ["<think>", "</think>", "<answer>", "</answer>", " ", "\n", "a", "bc", "数", "\ud800", "{"]
PIECES += ["`", "```", '"', "</thought>", "<thinking>", "[THINK]", "<|end|>"]
MARKS = {tag for tags in TAGS for tag in tags if tag} | {"<answer>", "</answer>"}
texts = st.lists(st.sampled_from(PIECES)).map("".join)
reasonings = st.sampled_from(["on", "off", "prompted"])


def letters(text: str) -> str:
    for mark in MARKS:
        text = text.replace(mark, "")
    return "".join(text.replace("\ud800", "\ufffd").split())


@given(texts, reasonings, st.booleans())
def test_no_text_of_the_content_is_lost(content, reasoning, opened):
    trace = extract({"content": content}, reasoning, opened=opened)
    assert letters((trace.think or "") + trace.answer) == letters(content)


@given(st.text(["x", "y", "\n", " "]), texts, reasonings)
def test_no_text_is_lost_beside_a_thinking_field(thinking, content, reasoning):
    trace = extract({"content": content, "reasoning_content": thinking}, reasoning)
    assert letters((trace.think or "") + trace.answer) == letters(thinking + content)


@given(texts, st.sampled_from(["on", "off"]), st.booleans())
def test_a_trace_read_again_is_the_same(content, reasoning, opened):
    think, answer = extract({"content": content}, reasoning, opened=opened)
    # Without thinking an empty block says so, as Qwen3's template writes it.
    again = {"content": answer, "reasoning_content": think}
    if think is None:
        again = {"content": f"<think>\n\n</think>\n\n{answer}"}
    assert extract(again, reasoning) == (think, answer)


@given(texts, st.booleans())
def test_a_trace_in_tags_is_read_as_it_was_or_can_t_be_written(content, opened):
    trace = extract({"content": content}, "on", opened=opened)
    row = Response.model_construct(think=trace.think, answer=trace.answer)
    try:
        text = in_tags(row)
    except NotExpressible:
        assert any(mark in f"{trace.think}{trace.answer}" for mark in MARKS)
    else:
        assert extract({"content": text}, "on") == trace


HOSTILE = [
    "<think>",
    "<think></think>",
    "<think><think></think>",
    "<think>```</think>",
    '"</think>"',
]
HOSTILE += ["```</think>", "</think>", "<answer></answer>", "< ", "<think> \n </think> \n "]


@pytest.mark.parametrize("piece", HOSTILE)
@pytest.mark.parametrize("before", ["", "<think>", "a"])
def test_a_megabyte_of_tags_takes_no_quadratic_time(piece, before):
    # With quadratic time, each would take hours.
    content = before + piece * (2**20 // len(piece))
    for opened in (False, True):
        extract({"content": content}, "prompted", opened=opened)


@given(texts, texts, reasonings)
def test_a_trace_can_be_written_as_utf_8(content, thinking, reasoning):
    trace = extract({"content": content, "reasoning": thinking}, reasoning)
    f"{trace.think}{trace.answer}".encode()


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)
names = st.sampled_from(
    ["choices", "message", "content", "reasoning", "reasoning_details", "type", "thinking", "text"]
)


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
