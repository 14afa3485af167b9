"""The part of a text that answers: without thinking, and without what a chat has around it."""

import re
from typing import NamedTuple

_THINKING = (
    ("<think>", "</think>"),
    ("<thinking>", "</thinking>"),
    ("<thought>", "</thought>"),
    ("<seed:think>", "</seed:think>"),
    ("◁think▷", "◁/think▷"),
    ("[THINK]", "[/THINK]"),
    ("<|START_THINKING|>", "<|END_THINKING|>"),
    ("<|begin_of_thought|>", "<|end_of_thought|>"),
    ("<|channel|>analysis<|message|>", "<|channel|>final<|message|>"),
)
"""How models mark their thinking, and where it ends; `models/traces.py` has the whole story."""
_QUOTES = frozenset("`\"'“‘「")
_ROLE = re.compile(
    r"\s*(?:<\|im_start\|>|<\|start_header_id\|>|<start_of_turn>|<[|｜]Assistant[|｜]>)"
    r"(?:\s*(?:assistant|model)\b)?(?:<\|end_header_id\|>)?\s*"
)
_TURN_ENDS = re.compile(
    r"<\|(?:im_end|im_start|endoftext|eot_id|eom_id|end|return|end_of_text|start_header_id|user"
    r"|end_of_solution)\|>|</s>|<(?:end|start)_of_turn>|<[|｜](?:end▁of▁sentence|User)[|｜]>"
    r"|\[/?INST\]"
)
_SOLUTION = "<|begin_of_solution|>"


class Body(NamedTuple):
    """What a text says to its reader."""

    text: str
    """The answering part; empty where there is none."""
    unfinished: bool = False
    """Whether the text ends while its writer still thinks."""


def answering(text: str) -> Body:
    """Return what follows the thinking of a text, up to the end of its turn.

    Thinking ends with its last closing tag that isn't in quotes. A text that opens it and never
    closes it has no answering part, whatever the thinking came to. Behind the answer, markers of
    a chat and all that follows them are cut.
    """
    if "<" not in text and "[" not in text and "◁" not in text:
        return Body(text.strip())
    if role := _ROLE.match(text):
        text = text[role.end() :]
    start = text.lstrip()
    for opened, closed in _THINKING:
        end = _last(text, closed)
        if end >= 0:
            text = text[end + len(closed) :]
            break
        if start.startswith(opened):
            return Body("", unfinished=True)
    text = text.lstrip().removeprefix(_SOLUTION)
    cut = _TURN_ENDS.search(text)
    return Body((text[: cut.start()] if cut else text).strip())


def _last(text: str, tag: str) -> int:
    """Return where a tag stands last and isn't in quotes, or -1."""
    at = text.rfind(tag)
    while at > 0 and text[at - 1] in _QUOTES:
        at = text.rfind(tag, 0, at)
    return at
