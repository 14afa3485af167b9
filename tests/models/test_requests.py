import json
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from potstill.models.requests import AM_SYSTEM_PROMPT, Request, Sampling
from potstill.models.thinking import ThinkingSwitch
from potstill.records import Message


def test_a_key_does_not_change_between_versions(request_for):
    # Every journal is keyed by this: a change here makes users pay for their answers again.
    request = request_for(sampling=Sampling(temperature=0.6, top_p=0.95))
    assert request.key == "8e4d128c411813619c1708d864f47e74"
    assert request.seed == 1693744756


@pytest.mark.parametrize(
    ("fields", "key"),
    [
        ({}, "c0078c08bd1ca73285ef353d17292dc3"),
        ({"reasoning": "off"}, "8d7d0a37f6f3b06e96e7b8367b33747f"),
        ({"reasoning": "prompted"}, "96e1374baba4fdb8c233f4dd9de9be4f"),
        ({"thinking_switch": "chat_template_kwargs"}, "8b0c459082c051c9ce4333a74717e6bf"),
        (
            {"thinking_switch": "chat_template_kwargs", "reasoning": "off"},
            "a556322455c4f1742f85bc3838d610ca",
        ),
        (
            {"thinking_switch": "chat_template_kwargs", "reasoning": "prompted"},
            "96e1374baba4fdb8c233f4dd9de9be4f",
        ),
    ],
)
def test_the_keys_of_reasoning_modes_do_not_change_between_versions(request_for, fields, key):
    assert request_for(**fields).key == key


def test_what_is_asked_is_in_the_key(request_for):
    base = request_for()
    others = [
        request_for("What is 1 + 2?"),
        request_for(model="other"),
        request_for(sampling=Sampling(temperature=0.7)),
        request_for(sampling=Sampling(temperature=0.6, extra_body={"x": 1})),
        request_for(sampling=Sampling(temperature=0.6, stop=("a",))),
        request_for(reasoning="off"),
        request_for(sample=1),
        request_for(round=1),
        *(request_for(thinking_switch=switch) for switch in get_args(ThinkingSwitch)[1:]),
    ]
    assert len({r.key for r in [base, *others]}) == len(others) + 1


def test_how_a_number_is_written_is_not_in_the_key(request_for):
    whole, real = (request_for(sampling=Sampling(temperature=t)) for t in (1, 1.0))
    assert whole.key == real.key


def test_an_option_that_is_not_set_is_neither_sent_nor_in_the_key(request_for):
    body = request_for(sampling=Sampling()).body(seed=False)
    assert body == {
        "model": "m",
        "messages": [{"role": "user", "content": "What is 1 + 1?"}],
        "max_tokens": 4096,
    }


def test_the_seed_is_each_sample_s_own_and_is_sent_only_if_asked(request_for):
    seeds = {request_for(sample=i).seed for i in range(100)}
    assert len(seeds) == 100
    assert all(0 <= seed < 2**31 for seed in seeds)
    request = request_for()
    assert request.body(seed=True) == {**request.body(seed=False), "seed": request.seed}


def test_the_body_holds_all_sampling_options(request_for):
    options = {
        "temperature": 0.5,
        "top_p": 0.9,
        "top_k": 20,
        "min_p": 0.1,
        "presence_penalty": 0.2,
        "frequency_penalty": 0.3,
        "repetition_penalty": 1.1,
        "max_tokens": 7,
    }
    body = request_for(sampling=Sampling(**options, stop=("x",))).body(seed=False)
    assert options.items() <= body.items()
    assert body["stop"] == ["x"]


@pytest.mark.parametrize(("reasoning", "sent"), [("on", True), ("off", False)])
def test_the_thinking_switch_is_merged_with_other_template_arguments(request_for, reasoning, sent):
    sampling = Sampling(extra_body={"chat_template_kwargs": {"a": 1}})
    request = request_for(
        sampling=sampling, reasoning=reasoning, thinking_switch="chat_template_kwargs"
    )
    assert request.body(seed=False)["chat_template_kwargs"] == {"a": 1, "enable_thinking": sent}


def test_a_forced_opener_is_sent_and_known_to_be_missing_from_the_reply(request_for):
    request = request_for(thinking_switch="prefix")
    assert request.opened
    assert request.body(seed=False)["messages"] == [
        {"role": "user", "content": "What is 1 + 1?"},
        {"role": "assistant", "content": "<think>\n"},
    ]
    assert not request_for(thinking_switch="prefix", reasoning="off").opened
    assert not request_for().opened


@pytest.mark.parametrize(
    "extra", [{"messages": []}, {"seed": 1}, {"n": 2}, {"stream": True}, {"temperature": 1}]
)
def test_extra_body_cannot_replace_what_the_call_is(extra):
    with pytest.raises(ValidationError, match=f"can't set {next(iter(extra))}"):
        Sampling(extra_body=extra)


@pytest.mark.parametrize(
    "options",
    [
        {"temperature": float("nan")},
        {"temperature": -1},
        {"top_p": 2},
        {"max_tokens": 0},
        {"extra_body": {"x": float("inf")}},
        {"temprature": 1},
    ],
)
def test_impossible_options_are_refused(options):
    with pytest.raises(ValidationError):
        Sampling(**options)


@given(st.text(), st.text())
def test_keys_are_equal_only_for_equal_prompts(one, other):
    requests = [
        Request(model="m", messages=(Message(role="user", content=t),), reasoning="on")
        for t in (one, other)
    ]
    assert (requests[0].key == requests[1].key) == (one == other)


def test_the_prompted_system_prompt_is_the_published_one(shared):
    assert AM_SYSTEM_PROMPT in (shared / "facts.md").read_text(encoding="utf-8")


def test_a_request_is_sent_as_json(request_for):
    json.dumps(request_for("数学").body(seed=True), allow_nan=False)


def test_tools_are_sent_and_are_in_the_key_only_where_there_are_some(request_for):
    tool = {"type": "function", "function": {"name": "f", "parameters": {}}}
    plain, offering = request_for(), request_for(tools=[tool])
    assert request_for(tools=[]).key == plain.key != offering.key
    assert "tools" not in plain.body(seed=False)
    assert offering.body(seed=False) == plain.body(seed=False) | {"tools": [tool]}
    forced = Sampling(extra_body={"tools": [tool, tool], "tool_choice": "required"})
    body = request_for(tools=[tool], sampling=forced).body(seed=False)
    assert (body["tools"], body["tool_choice"]) == ([tool], "required")


def test_a_conversation_with_calls_is_sent_whole(request_for):
    call = {"id": "1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    turns = [
        {"role": "user", "content": "Which?"},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "content": "[1]", "tool_call_id": "1", "name": "f"},
    ]
    messages = tuple(map(Message.of_body, turns))
    assert request_for(messages=messages).body(seed=False)["messages"] == turns
