from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from potstill.models.thinking import ThinkingSwitch, opens, suggest, tell

SWITCHES = get_args(ThinkingSwitch)
TURNS = [{"role": "system", "content": "s"}, {"role": "user", "content": "u"}]


def told(switch, reasoning, turns=TURNS, **body):
    return tell({"model": "m", **body}, turns, switch, reasoning)


@pytest.mark.parametrize(
    ("switch", "on", "off"),
    [
        ("none", {}, {}),
        (
            "chat_template_kwargs",
            {"chat_template_kwargs": {"enable_thinking": True}},
            {"chat_template_kwargs": {"enable_thinking": False}},
        ),
        (
            "chat_template_thinking",
            {"chat_template_kwargs": {"thinking": True}},
            {"chat_template_kwargs": {"thinking": False}},
        ),
        ("reasoning_effort", {"reasoning_effort": "medium"}, {"reasoning_effort": "none"}),
        ("thinking_type", {"thinking": {"type": "enabled"}}, {"thinking": {"type": "disabled"}}),
        ("enable_thinking", {"enable_thinking": True}, {"enable_thinking": False}),
        (
            "reasoning_enabled",
            {"reasoning": {"enabled": True}},
            {"reasoning": {"enabled": False}},
        ),
    ],
)
def test_switches_that_are_fields(switch, on, off):
    assert told(switch, "on") == on
    assert told(switch, "off") == off


def contents(switch, reasoning, turns=TURNS):
    return [(turn["role"], turn["content"]) for turn in told(switch, reasoning, turns)["messages"]]


@pytest.mark.parametrize(
    ("switch", "on", "off"),
    [
        ("soft_switch", [("system", "s"), ("user", "u /think")], ("user", "u /no_think")),
        (
            "soft_switch_system",
            [("system", "/think\n\ns"), ("user", "u")],
            ("system", "/no_think\n\ns"),
        ),
        (
            "detailed_thinking",
            [("system", "detailed thinking on\n\ns"), ("user", "u")],
            ("system", "detailed thinking off\n\ns"),
        ),
        (
            "prefix",
            [("system", "s"), ("user", "u"), ("assistant", "<think>\n")],
            ("assistant", "<think>\n\n</think>\n\n"),
        ),
    ],
)
def test_switches_that_are_words(switch, on, off):
    assert contents(switch, "on") == on
    assert off in contents(switch, "off")


def test_a_system_prompt_is_made_where_there_is_none():
    assert contents("detailed_thinking", "off", TURNS[1:]) == [
        ("system", "detailed thinking off"),
        ("user", "u"),
    ]


def test_the_last_turn_of_the_user_is_switched_also_before_a_tool_s_result():
    turns = [
        {"role": "user", "content": "a"},
        {"role": "user", "content": "b"},
        {"role": "assistant", "content": None, "tool_calls": [{}]},
        {"role": "tool", "content": "4"},
    ]
    messages = told("soft_switch", "on", turns)["messages"]
    assert messages == [turns[0], {"role": "user", "content": "b /think"}, *turns[2:]]


def test_a_prefix_comes_with_what_the_endpoint_needs_to_go_on_from_it():
    asked = told("prefix", "on")
    assert (asked["continue_final_message"], asked["add_generation_prompt"]) == (True, False)
    assert told("prefix_flag", "on") == {
        "messages": [*TURNS, {"role": "assistant", "content": "<think>\n", "prefix": True}]
    }


def test_what_extra_body_gives_beside_the_switch_is_kept():
    thinking = {"budget_tokens": 1024}
    assert told("thinking_type", "on", thinking=thinking) == {
        "thinking": {"type": "enabled", "budget_tokens": 1024}
    }
    assert thinking == {"budget_tokens": 1024}
    assert told("reasoning_effort", "on", reasoning_effort="high") == {"reasoning_effort": "high"}
    assert told("reasoning_effort", "off", reasoning_effort="high") == {"reasoning_effort": "none"}


@pytest.mark.parametrize(
    ("model", "lowest"),
    [
        ("gpt-5.1", "none"),
        ("gpt-5", "minimal"),
        ("gpt-5-mini-2025-08-07", "minimal"),
        ("openai/gpt-oss-20b", "low"),
        ("o3-mini", "low"),
    ],
)
def test_the_lowest_effort_is_the_model_s(model, lowest):
    assert told("reasoning_effort", "off", model=model) == {"reasoning_effort": lowest}


@given(st.sampled_from(SWITCHES), st.lists(st.sampled_from(["user", "assistant"]), max_size=5))
def test_only_a_request_that_is_to_think_or_not_is_changed(switch, roles):
    turns = [{"role": role, "content": "x"} for role in [*roles, "user"]]
    before = [dict(turn) for turn in turns]
    on, off, prompted = (told(switch, mode, turns) for mode in ("on", "off", "prompted"))
    assert turns == before
    assert prompted == {}
    assert (on == off) == (switch == "none")


def test_only_a_forced_opener_is_missing_from_the_reply():
    opening = {(s, mode) for s in SWITCHES for mode in ("on", "off", "prompted") if opens(s, mode)}
    assert opening == {("prefix", "on"), ("prefix_flag", "on")}


@pytest.mark.parametrize(
    ("model", "switch"),
    [
        ("Qwen/Qwen3-8B", "chat_template_kwargs"),
        ("qwen3:8b", "chat_template_kwargs"),
        ("Qwen3.5-27B", "chat_template_kwargs"),
        ("Qwen/Qwen3-235B-A22B-Instruct-2507", None),
        ("Qwen/Qwen3-30B-A3B-Thinking-2507", None),
        ("Qwen2.5-7B-Instruct", None),
        ("zai-org/GLM-4.5-Air", "chat_template_kwargs"),
        ("glm-4.6", "chat_template_kwargs"),
        ("tencent/Hunyuan-A13B-Instruct", "chat_template_kwargs"),
        ("Hunyuan-7B-Instruct", "chat_template_kwargs"),
        ("google/gemma-4-26B-A4B-it", "chat_template_kwargs"),
        ("nvidia/NVIDIA-Nemotron-3-Nano-30B-A3B-BF16", "chat_template_kwargs"),
        ("deepseek-ai/DeepSeek-V3.1-Terminus", "chat_template_thinking"),
        ("deepseek/deepseek-chat-v3.1", "chat_template_thinking"),
        ("moonshotai/Kimi-K2.5", "chat_template_thinking"),
        ("ibm-granite/granite-3.3-8b-instruct", "chat_template_thinking"),
        ("nvidia/NVIDIA-Nemotron-Nano-9B-v2", "soft_switch_system"),
        ("nvidia/Llama-3_3-Nemotron-Super-49B-v1_5", "soft_switch_system"),
        ("HuggingFaceTB/SmolLM3-3B", "soft_switch_system"),
        ("nvidia/Llama-3_3-Nemotron-Super-49B-v1", "detailed_thinking"),
        ("nvidia/Llama-3.1-Nemotron-Nano-8B-v1", "detailed_thinking"),
        ("nvidia/Llama-3.1-Nemotron-70B-Instruct", None),
        ("openai/gpt-oss-120b", "reasoning_effort"),
        ("o3-mini", "reasoning_effort"),
        ("deepseek-reasoner", "thinking_type"),
        ("deepseek-ai/DeepSeek-R1-0528", None),
        ("scripted", None),
        ("", None),
    ],
)
def test_a_known_family_gets_its_switch(model, switch):
    assert suggest(model) == switch
