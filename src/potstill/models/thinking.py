r"""How a teacher is told to think or not, which every family of models does in its own way.

| switch | thinking on | thinking off | for |
|---|---|---|---|
| `chat_template_kwargs` | `enable_thinking: true` in it | `false` | Qwen3, GLM, Hunyuan, Gemma 4 |
| `chat_template_thinking` | `thinking: true` in it | `false` | DeepSeek-V3.1, Kimi-K2.5, Granite |
| `soft_switch` | ` /think` after the last user turn | ` /no_think` | Qwen3 on any server |
| `soft_switch_system` | `/think` before the system prompt | `/no_think` | Nemotron v2, SmolLM3 |
| `detailed_thinking` | `detailed thinking on` before it | `… off` | Llama-Nemotron v1 |
| `reasoning_effort` | `medium`, or as `extra_body` says | `none`, or its lowest | OpenAI, gpt-oss |
| `thinking_type` | `thinking: {type: enabled}` | `disabled` | APIs of DeepSeek, GLM, Kimi, Doubao |
| `enable_thinking` | `enable_thinking: true` | `false` | Alibaba's API |
| `reasoning_enabled` | `reasoning: {enabled: true}` | `false` | OpenRouter |
| `prefix` | the answer begins `<think>\n` | `<think>\n\n</think>\n\n` | R1 on vLLM, SGLang |
| `prefix_flag` | the same, marked `prefix: true` | the same | APIs of DeepSeek (`/beta`), Mistral |

The names are those of the models' chat templates and cards, and of the vendors' API references. A
prefix forces what the others ask for: the Chinese-110k set saw to it in this way that R1 thinks
each time. Some templates cut thinking out of an answer that a request begins; the server refuses
such a call, or the probe (`models/watch.py`) finds it out.
"""

import re
from collections.abc import Callable, Sequence
from typing import Literal

from pydantic import JsonValue

from potstill.records import Reasoning

ThinkingSwitch = Literal[
    "none",
    "chat_template_kwargs",
    "chat_template_thinking",
    "soft_switch",
    "soft_switch_system",
    "detailed_thinking",
    "reasoning_effort",
    "thinking_type",
    "enable_thinking",
    "reasoning_enabled",
    "prefix",
    "prefix_flag",
]
"""How a teacher is told to think or not; `none` where it isn't told."""

Body = dict[str, JsonValue]
Way = Callable[[Body, Sequence[Body], bool], Body]

_LOWEST_EFFORT = (
    (r"gpt-oss|^(openai-)?o[134](-|$)", "low"),  # these think in any case
    (r"gpt-5(-mini|-nano)?(-20\d\d-\d\d-\d\d)?$", "minimal"),
)
"""The lowest effort of OpenAI's models that don't know `none`, which came with gpt-5.1."""

_FAMILIES: tuple[tuple[str, ThinkingSwitch | None], ...] = (
    (r"qwen-?3.*(instruct|thinking|coder|max)", None),  # one mode only
    (r"qwen-?3|glm-(4\.[5-9]|5)|gemma-4|exaone-4", "chat_template_kwargs"),
    (r"hunyuan-(a13b|[\d.]+b)|nemotron-3-", "chat_template_kwargs"),
    (r"deepseek(-chat)?-v(3\.[12]|4)|kimi-k2\.[5-9]|granite-3\.[2-9]", "chat_template_thinking"),
    (r"nemotron.*(nano.*v2|v1[.-]5)|smollm3", "soft_switch_system"),
    (r"llama-3.*nemotron-(nano|super|ultra)", "detailed_thinking"),
    (r"gpt-oss|gpt-5|^(openai-)?o[134](-|$)", "reasoning_effort"),
    (r"^deepseek-(chat|reasoner)$|doubao-seed", "thinking_type"),
)


def tell(body: Body, turns: Sequence[Body], switch: ThinkingSwitch, reasoning: Reasoning) -> Body:
    """Return the fields of a request's body that say whether to think; none where nothing does.

    What `extra_body` gives beside the switch in the same object (such as a `budget_tokens` in
    `thinking`) is kept.

    Args:
        body: The body without them.
        turns: Its messages.
        switch: How to say it.
        reasoning: Whether to think; with `prompted` it is the system prompt that asks for it.
    """
    if switch == "none" or reasoning == "prompted":
        return {}
    return _WAYS[switch](body, turns, reasoning == "on")


def opens(switch: ThinkingSwitch, reasoning: Reasoning) -> bool:
    """Return whether the request writes `<think>` itself, so that the reply lacks it."""
    return switch in ("prefix", "prefix_flag") and reasoning == "on"


def suggest(model: str) -> ThinkingSwitch | None:
    """Return the switch that fits a model by its name, or None where none is known or needed.

    Of models that can be had both ways it is the one for servers of open weights (vLLM, SGLang,
    llama.cpp), not the vendor's own API.
    """
    name = _plain(model)
    return next((switch for names, switch in _FAMILIES if re.search(names, name)), None)


def _plain(model: str) -> str:
    return re.sub(r"[^a-z0-9.]+", "-", model.lower())


def _within(field: str, name: str, on: JsonValue, off: JsonValue) -> Way:
    """Set `name` in the object `field`, beside what is there."""

    def way(body: Body, turns: Sequence[Body], thinks: bool) -> Body:
        given = body.get(field)
        return {field: {**(given if isinstance(given, dict) else {}), name: on if thinks else off}}

    return way


def _enable_thinking(body: Body, turns: Sequence[Body], thinks: bool) -> Body:
    return {"enable_thinking": thinks}


def _reasoning_effort(body: Body, turns: Sequence[Body], thinks: bool) -> Body:
    if thinks:
        return {"reasoning_effort": body.get("reasoning_effort", "medium")}
    name = _plain(str(body["model"]))
    lowest = (effort for names, effort in _LOWEST_EFFORT if re.search(names, name))
    return {"reasoning_effort": next(lowest, "none")}


def _soft_switch(body: Body, turns: Sequence[Body], thinks: bool) -> Body:
    last = max(i for i, turn in enumerate(turns) if turn["role"] == "user")
    said = f"{turns[last]['content']} {'/think' if thinks else '/no_think'}"
    return {"messages": [*turns[:last], turns[last] | {"content": said}, *turns[last + 1 :]]}


def _in_system(on: str, off: str) -> Way:
    """Put a line before the system prompt, or make it the system prompt where there is none."""

    def way(body: Body, turns: Sequence[Body], thinks: bool) -> Body:
        line = on if thinks else off
        if turns[0]["role"] != "system":
            return {"messages": [{"role": "system", "content": line}, *turns]}
        first = turns[0] | {"content": f"{line}\n\n{turns[0]['content']}"}
        return {"messages": [first, *turns[1:]]}

    return way


def _prefix(body: Body, turns: Sequence[Body], thinks: bool) -> Body:
    return {
        "messages": [*turns, _begun(thinks)],
        "continue_final_message": True,
        "add_generation_prompt": False,
    }


def _prefix_flag(body: Body, turns: Sequence[Body], thinks: bool) -> Body:
    return {"messages": [*turns, _begun(thinks) | {"prefix": True}]}


def _begun(thinks: bool) -> Body:
    begin = "<think>\n" if thinks else "<think>\n\n</think>\n\n"
    return {"role": "assistant", "content": begin}


_WAYS: dict[ThinkingSwitch, Way] = {
    "chat_template_kwargs": _within("chat_template_kwargs", "enable_thinking", True, False),
    "chat_template_thinking": _within("chat_template_kwargs", "thinking", True, False),
    "soft_switch": _soft_switch,
    "soft_switch_system": _in_system("/think", "/no_think"),
    "detailed_thinking": _in_system("detailed thinking on", "detailed thinking off"),
    "reasoning_effort": _reasoning_effort,
    "thinking_type": _within("thinking", "type", "enabled", "disabled"),
    "enable_thinking": _enable_thinking,
    "reasoning_enabled": _within("reasoning", "enabled", True, False),
    "prefix": _prefix,
    "prefix_flag": _prefix_flag,
}
