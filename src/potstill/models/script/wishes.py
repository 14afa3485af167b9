"""Whether a request wants thinking, in every way that endpoints know to say it."""

import re
from collections.abc import Mapping

from pydantic import JsonValue

_SWITCH = re.compile(r"(?<!\S)/(no_)?think\b")
_OFF_IN_SYSTEM = re.compile(r"detailed thinking off", re.I)


def wants_thinking(body: Mapping[str, JsonValue]) -> bool:
    """Return whether a request leaves the thinking on.

    It is switched off by `enable_thinking: false` or `thinking: false` in `chat_template_kwargs`
    (vLLM, SGLang), `enable_thinking: false` in the body (DashScope), `thinking: {type: disabled}`
    (DeepSeek, GLM), `reasoning: {enabled: false}` or `{effort: none}` (OpenRouter),
    `reasoning_effort: none` (OpenAI), the last `/think` or `/no_think` of the prompt (Qwen3),
    `detailed thinking off` in the system prompt (Nemotron), or a closed `</think>` in an answer
    that the request begins.
    """
    return not (_switched_off(body) or _said_off(body.get("messages")))


def _switched_off(body: Mapping[str, JsonValue]) -> bool:
    template, thinking = body.get("chat_template_kwargs"), body.get("thinking")
    reasoning = body.get("reasoning")
    return (
        (
            isinstance(template, dict)
            and False in (template.get("enable_thinking"), template.get("thinking"))
        )
        or body.get("enable_thinking") is False
        or (isinstance(thinking, dict) and thinking.get("type") == "disabled")
        or (
            isinstance(reasoning, dict)
            and (reasoning.get("enabled") is False or reasoning.get("effort") == "none")
        )
        or body.get("reasoning_effort") == "none"
    )


def _said_off(messages: JsonValue) -> bool:
    turns = [m for m in messages if isinstance(m, dict)] if isinstance(messages, list) else []
    said = [(turn.get("role"), str(turn.get("content"))) for turn in turns]
    if said and said[-1][0] == "assistant":
        return "</think>" in said[-1][1]
    asked = [text for role, text in said if role in ("system", "user")]
    switches = [match[1] for text in asked for match in _SWITCH.finditer(text)]
    if switches:
        return switches[-1] is not None
    return any(role == "system" and _OFF_IN_SYSTEM.search(text) for role, text in said)


def asks_for_tags(body: Mapping[str, JsonValue]) -> bool:
    """Return whether the system prompt asks for thinking in `<think>` tags."""
    messages = body.get("messages")
    first = messages[0] if isinstance(messages, list) and messages else None
    if not isinstance(first, dict) or first.get("role") != "system":
        return False
    return "<think>" in str(first.get("content"))
