import json

import pytest

from potstill.models.requests import AM_SYSTEM_PROMPT
from potstill.models.script import Script
from potstill.models.script.replies import usage, whole
from potstill.models.script.text import filler, say
from potstill.models.script.wishes import wants_thinking
from potstill.models.traces import from_reply

BODY = {"model": "m", "messages": [{"role": "user", "content": "What is 6 * 7?"}]}
TOOL = {
    "type": "function",
    "function": {
        "name": "find",
        "parameters": {
            "type": "object",
            "properties": {
                "place": {"type": "string"},
                "unit": {"enum": ["km", "mi"]},
                "near": {"type": "array", "items": {"type": "integer"}},
                "far": {"type": ["number", "null"]},
                "deep": {"type": "object", "properties": {"yes": {"type": "boolean"}}},
                "odd": True,
            },
        },
    },
}


def reply(script, body=BODY, request="hash"):
    said = say(script, body, request)
    return whole(said, body, request, usage(said, script.cached))


def trace(script, body=BODY, request="hash"):
    return from_reply(reply(script, body, request), "on")


def user(text):
    return {"messages": [{"role": "user", "content": text}]}


STYLES = ["reasoning_content", "reasoning", "think_tags", "lone_close", "blocks", "none"]


@pytest.mark.parametrize("style", STYLES)
def test_each_style_is_read_back(style):
    read = trace(Script(style=style, answers={"What is 6 * 7?": "42"}))
    assert read.answer == "The answer is \\boxed{42}."
    assert read.think == (None if style == "none" else filler("hash", "thinking", 40))


def test_prompted_thinks_where_the_system_prompt_asks_for_tags():
    script = Script(style="prompted")
    assert trace(script).think is None
    system = {"role": "system", "content": AM_SYSTEM_PROMPT}
    asked = reply(script, {"messages": [system, *BODY["messages"]]})
    read = from_reply(asked, "prompted")
    assert read.think == filler("hash", "thinking", 40)
    assert read.answer.startswith("The answer is")


@pytest.mark.parametrize("style", STYLES[:-1])
def test_a_share_of_the_answers_lacks_its_thinking(style):
    script = Script(style=style, missing_traces=0.3)
    missing = [trace(script, request=f"{i}").think is None for i in range(300)]
    assert 60 < sum(missing) < 120


def test_a_known_prompt_is_known_with_lines_after_it():
    script = Script(answers={"a\nb": "1", "a": "2"})
    assert "\\boxed{1}" in trace(script, user("a\nb\nThink.\nAnswer in \\boxed{}.")).answer
    parts = [{"type": "text", "text": "a"}, {"type": "image_url"}, {"type": "text", "text": "\nb"}]
    assert "\\boxed{1}" in trace(script, user(parts)).answer


def test_the_share_of_right_answers_is_the_accuracy():
    script = Script(answers={"q": "42"}, accuracy=0.7)
    answers = [trace(script, user("q"), f"{i}").answer for i in range(1000)]
    assert 650 < sum("\\boxed{42}" in answer for answer in answers) < 750
    assert set(answers) == {"The answer is \\boxed{42}.", "The answer is \\boxed{43}."}


@pytest.mark.parametrize(("reference", "wrong"), [("A", "B"), ("D", "A"), ("9", "10"), ("x", "0")])
def test_a_wrong_answer_is_of_the_reference_s_kind(reference, wrong):
    script = Script(answers={"q": reference}, accuracy=0)
    assert f"{{{wrong}}}" in trace(script, user("q")).answer


def test_texts_have_the_words_that_are_asked_for_and_do_not_repeat_themselves():
    script = Script(words=803, answer_words=347)
    read = trace(script)
    assert len(read.think.split()) == 803
    assert len(read.answer.split()) == 347 + 4
    assert len(json.dumps(reply(script))) > 8000
    phrases = [tuple(read.think.split()[i : i + 10]) for i in range(0, 800, 10)]
    assert len(set(phrases)) == 80
    assert filler("a", "thinking", 0) == ""


def test_the_usage_is_in_words():
    body = {"messages": [{"role": "system", "content": "Be brief."}, *BODY["messages"]]}
    assert reply(Script(cached=0.5), body)["usage"] == {
        "prompt_tokens": 7,
        "completion_tokens": 44,
        "total_tokens": 51,
        "prompt_tokens_details": {"cached_tokens": 3},
        "completion_tokens_details": {"reasoning_tokens": 40},
    }


SWITCHES = [
    {"chat_template_kwargs": {"enable_thinking": False}},
    {"chat_template_kwargs": {"thinking": False}},
    {"enable_thinking": False},
    {"thinking": {"type": "disabled"}},
    {"reasoning": {"enabled": False}},
    {"reasoning": {"effort": "none"}},
    {"reasoning_effort": "none"},
    user("What? /no_think"),
    {"messages": [{"role": "system", "content": "detailed thinking off"}, *BODY["messages"]]},
    {"messages": [*BODY["messages"], {"role": "assistant", "content": "<think>\n\n</think>\n\n"}]},
]


@pytest.mark.parametrize("switch", SWITCHES)
def test_a_request_switches_the_thinking_off_where_the_script_lets_it(switch):
    body = BODY | switch
    assert trace(Script(switchable=True), body).think is None
    assert trace(Script(), body).think is not None


@pytest.mark.parametrize(
    "body",
    [
        BODY,
        BODY | {"chat_template_kwargs": {"enable_thinking": True}},
        BODY | {"thinking": {"type": "enabled"}, "reasoning_effort": "low"},
        user("Why /no_think, rather /think"),
        user("a/no_think"),
        {"messages": [*BODY["messages"], {"role": "assistant", "content": "<think>\n"}]},
        {"messages": ["x", {}], "thinking": [], "reasoning": 0, "chat_template_kwargs": None},
        {"messages": "/no_think"},
    ],
)
def test_whatever_is_no_switch_leaves_it_on(body):
    assert wants_thinking(body)


def test_a_share_of_requests_with_tools_gets_a_call_that_fits_the_schema():
    script, body = Script(tool_calls=0.5), {**BODY, "tools": [TOOL]}
    replies = [reply(script, body, f"{i:032}")["choices"][0] for i in range(200)]
    called = [choice for choice in replies if choice["finish_reason"] == "tool_calls"]
    assert 70 < len(called) < 130
    message = called[0]["message"]
    (call,) = message["tool_calls"]
    assert (call["type"], call["function"]["name"]) == ("function", "find")
    arguments = json.loads(call["function"]["arguments"])
    assert isinstance(arguments["place"], str)
    assert arguments["unit"] in ("km", "mi")
    assert type(arguments["near"][0]) is int
    assert type(arguments["far"]) is float
    assert type(arguments["deep"]["yes"]) is bool
    assert arguments["odd"] is None
    assert message["reasoning_content"]
    assert not message["content"]


@pytest.mark.parametrize("tools", [None, [], ["x"], [{}], [{"function": 1}], {"a": 1}])
def test_what_is_no_tool_is_not_called(tools):
    assert "tool_calls" not in reply(Script(tool_calls=1), {**BODY, "tools": tools})["choices"][0]


def test_a_tool_that_must_not_be_called_is_not():
    body = {**BODY, "tools": [TOOL], "tool_choice": "none"}
    assert say(Script(tool_calls=1), body, "hash").call is None


def test_a_schema_that_never_ends_gets_an_end():
    schema = {"type": "object", "properties": {}}
    schema["properties"]["again"] = schema
    tool = {"type": "function", "function": {"name": "f", "parameters": schema}}
    said = say(Script(tool_calls=1), {**BODY, "tools": [tool]}, "hash")
    assert said.call.arguments.endswith("null" + "}" * 21)
