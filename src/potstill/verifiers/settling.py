"""What a response settles on, where that has to be read to be known."""

import re

from potstill.verifiers.answers import Answer, final_answer, unmarked
from potstill.verifiers.compare import is_readable
from potstill.verifiers.tails import conclusion, is_hedged, tail

_LINE = 200
"""Longest response in characters that may be nothing but an answer."""
_WORDS = 20
"""Longest one that may be nothing but a name or a word."""
_NAME = 3
"""Most words of a name."""
_SENTENCE = re.compile(r"(?<=[。！？；\n])|(?<=[.!?])\s+(?=[A-Z])")
_ASIDE = re.compile(r"\s*\((?:[A-Za-z][a-z]+\s?){1,5}\)(?=\s|[,.;]|$)")
"""Words in brackets behind a value: x = 0 (double root)."""
_BULLET = re.compile(r"\s*[-*•]\s+(.+)")


def settled(text: str, *, words: bool, none: bool) -> Answer | None:
    """Return the answer of a response; None where it has none.

    Args:
        text: The answering part of a response.
        words: Whether the reference is words, such as a name.
        none: Whether it says that there is no value, or that there are infinitely many.
    """
    if marked := final_answer(text):
        return _without_sentence(marked, words=words)
    text = _ASIDE.sub("", text)
    last = conclusion(_last_sentence(text))
    if none and last:
        return Answer(last, "last_sentence")
    if 0 < len(text) <= _LINE and "\n" not in text and is_readable(text):
        whole = conclusion(text)
        return Answer(whole if is_readable(whole) else text, "whole")
    if not words and (found := tail(last, is_readable)):
        hedged = is_hedged(_last_sentence(text), found)
        return Answer(last if hedged else found, "last_sentence", (found,), hedged)
    if words and 0 < len(text) <= _WORDS and "\n" not in text:
        return Answer(text, "whole")
    found = unmarked(text, words=words)
    long = found and (len(found.text.split()) > _NAME or len(found.text) > _WORDS // 2)
    if words and long and len(last) <= _LINE:
        return Answer(last, "last_sentence")
    return found


def _without_sentence(answer: Answer, *, words: bool) -> Answer:
    if answer.hedged or words or is_readable(answer.text):
        return answer
    found = tail(conclusion(answer.text), is_readable)
    return answer._replace(text=found) if found else answer


def _last_sentence(text: str) -> str:
    """Return the last sentence of a text, or the items of a list at its end with commas."""
    end = text.strip()[-1000:].rstrip(".。!！ \n")
    lines = end.splitlines()
    items: list[str] = []
    while lines and (item := _BULLET.fullmatch(lines[-1])):
        items.insert(0, item[1].rstrip(" .;,。；，"))
        lines.pop()
    return ", ".join(items) if len(items) > 1 else _SENTENCE.split(end)[-1]
