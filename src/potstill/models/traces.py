"""Thinking and answer out of a reply, whichever way the endpoint writes them.

Where the thinking can be:

- a field beside the content: `reasoning_content` (DeepSeek, SGLang, llama.cpp), `reasoning` (vLLM,
  OpenRouter, Ollama), `reasoning_details` (OpenRouter, where it gives nothing else);
- blocks of the content: `{"type": "thinking", "thinking": …}`, with a text (Anthropic) or a list of
  texts (Mistral) in it; a redacted block holds no text;
- tags at the start of the content: `<think>` or one of the pairs in `TAGS`;
- before a lone `</think>`: the chat template, or the request itself, had opened the tag.

What can't be told for certain stays text, so that nothing is lost but the tags and white space:

1. Opening tags count at the start only; elsewhere they are text like any other. Several blocks on
   end are one thinking.
2. A closing tag in quotes or backticks, or in a code block (after an odd number of ```), does not
   close. A tag opened inside is closed inside. Where thinking has no end by these rules (it speaks
   of a tag, or leaves a code block open), its first closing tag that isn't quoted ends it.
3. Thinking that is never closed was cut: the answer is empty then.
4. A lone closing tag counts where no thinking came otherwise and no opening one stands before it.
5. `<answer>` tags come off where they wrap the whole answer, or where the prompt asked for them.

It takes time linear in the text, whatever the text.
"""

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from pydantic import JsonValue

from potstill.models.replies import first_message
from potstill.records import Reasoning


class Trace(NamedTuple):
    """What a teacher wrote, in the one shape that the records hold."""

    think: str | None
    """The thinking without its tags; None where there is none."""
    answer: str
    """What follows the thinking; empty where the reply ended before it."""


class Tags(NamedTuple):
    """How a family of models marks its thinking, and its answer where it does."""

    opened: str
    closed: str
    answer_opened: str = ""
    answer_closed: str = ""


THINK = Tags("<think>", "</think>")
TAGS = (
    THINK,  # DeepSeek-R1, Qwen3, GLM, and most others
    Tags("<thinking>", "</thinking>"),  # by prompt
    Tags("<thought>", "</thought>"),  # EXAONE Deep
    Tags("<seed:think>", "</seed:think>"),  # Seed-OSS
    Tags("◁think▷", "◁/think▷"),  # Kimi
    Tags("[THINK]", "[/THINK]"),  # Magistral
    Tags(  # Command A Reasoning
        "<|START_THINKING|>", "<|END_THINKING|>", "<|START_RESPONSE|>", "<|END_RESPONSE|>"
    ),
    Tags(  # Sky-T1, OpenThinker
        "<|begin_of_thought|>",
        "<|end_of_thought|>",
        "<|begin_of_solution|>",
        "<|end_of_solution|>",
    ),
    Tags(  # gpt-oss, where the server leaves its channels in the text
        "<|channel|>analysis<|message|>",
        "<|end|>",
        "<|start|>assistant<|channel|>final<|message|>",
        "<|return|>",
    ),
    Tags("<|channel>thought\n", "<channel|>"),  # Gemma 4
)
"""The tags that are known from the models' chat templates."""

_LONE = (THINK, TAGS[2])
"""Those whose opening tag a chat template writes: DeepSeek-R1 and EXAONE Deep, for example."""
_FIRSTS = frozenset(tags.opened[0] for tags in TAGS)
_QUOTES = {"`": "`", '"': '"', "'": "'", "“": "”", "‘": "’", "「": "」"}
_NO_SPACE = re.compile(r"\S|\Z")
_SURROGATES = re.compile("[\ud800-\udfff]")


def from_reply(
    reply: Mapping[str, JsonValue], reasoning: Reasoning, *, opened: bool = False
) -> Trace:
    """Return the trace of a whole reply; an empty one where it has no message."""
    return extract(first_message(reply), reasoning, opened=opened)


def extract(
    message: Mapping[str, JsonValue], reasoning: Reasoning, *, opened: bool = False
) -> Trace:
    """Return thinking and answer of a message, without surrounding white space.

    Lone surrogates, which JSON can hold and UTF-8 can't, become U+FFFD.

    Args:
        message: `choices[0].message` of the reply.
        reasoning: How the teacher was asked to think.
        opened: Whether the request itself wrote `<think>`, so that the reply goes on from there;
            see `Request.opened`.
    """
    blocks, content = _content(message.get("content"))
    think = (_field(message) or blocks).strip()
    inside, answer = _split(content, lone=not think, opened=opened and not think)
    if inside != think:  # llama.cpp and SGLang have formats that give the thinking twice
        think = "\n".join(part for part in (think, inside) if part)
    return Trace(think or None, _untag(answer, reasoning))


def _field(message: Mapping[str, JsonValue]) -> str:
    """Return the first field of thinking that holds a text."""
    for name in ("reasoning_content", "reasoning", "reasoning_details"):
        value = message.get(name)
        if value and (text := _text(value)):
            return text
    return ""


def _content(value: JsonValue) -> tuple[str, str]:
    """Return the thinking and the text of a message's content.

    Blocks of one kind that follow each other are pieces of one text, as streams leave them.
    """
    if not isinstance(value, list):
        return "", _text(value)
    texts: list[str] = []
    thinking: list[str] = []
    thought = False
    for part in value:
        if isinstance(part, dict) and part.get("type") in ("thinking", "reasoning"):
            thinking += ["" if thought else "\n", _text(part.get("thinking")) or _text(part)]
            thought = True
        elif text := _text(part):
            texts.append(text)
            thought = False
    return "".join(thinking), "".join(texts)


def _text(value: JsonValue) -> str:
    """Return the text of a value: a text, an object that holds one, or a list of such."""
    if isinstance(value, str):
        return _clean(value)
    if isinstance(value, list):
        return "".join(_text(part) for part in value if not isinstance(part, list))
    if isinstance(value, dict):
        named = (value.get(name) for name in ("text", "summary", "content"))
        return next((_clean(text) for text in named if isinstance(text, str)), "")
    return ""


def _clean(text: str) -> str:
    try:
        text.encode()  # much faster than looking for surrogates, which are rare
    except UnicodeEncodeError:
        return _SURROGATES.sub("\ufffd", text)
    return text


def _split(content: str, *, lone: bool, opened: bool) -> tuple[str, str]:
    """Return what stands in tags at the start of the content, and the rest.

    Args:
        content: The content's text.
        lone: Whether a lone closing tag may end thinking.
        opened: Whether `<think>` stands before the content.
    """
    at = _start(content, 0)
    tags = _tags_at(content, at)
    if tags is not None:
        return _blocks(content, tags, at + len(tags.opened))
    if opened:
        return _blocks(content, THINK, at)
    # One character is found, or not, far faster than a tag.
    for tags in _LONE if lone and ">" in content else ():
        if _is_closed(content, tags):
            return _blocks(content, tags, at)
    return "", content.strip()


def _blocks(content: str, tags: Tags, at: int) -> tuple[str, str]:
    """Return the thinking that begins at `at`, in one block or several on end, and the rest."""
    thinking: list[str] = []
    careful = True
    while True:
        end, careful = _end(content, tags, at, careful=careful)
        thinking.append(content[at : len(content) if end < 0 else end].strip())
        at = len(content) if end < 0 else _start(content, end + len(tags.closed))
        another = _tags_at(content, at)
        if another is None:
            break
        tags, at = another, at + len(another.opened)
    answer = content[at:].removeprefix(tags.answer_opened).rstrip()
    answer = answer.removesuffix(tags.answer_closed).strip()
    return "\n".join(part for part in thinking if part), answer


def _end(content: str, tags: Tags, at: int, *, careful: bool) -> tuple[int, bool]:
    """Return where the thinking that begins at `at` is closed, or -1, and whether by rule 2.

    Where the rule once found no end, the rest of the text is no longer read `careful`ly: it would
    find none there either, and looking again and again would take quadratic time.
    """
    first, depth, fences, done = -1, 1, 0, at
    for end in _unquoted(content, tags.closed, at):
        first = end if first < 0 else first
        if not careful:
            break
        fences += content.count("```", done, end)
        depth += sum(1 for _ in _unquoted(content, tags.opened, done, end)) - 1
        done = end
        if depth <= 0 and fences % 2 == 0:
            return end, True
    return first, False


def _is_closed(content: str, tags: Tags) -> bool:
    """Return whether the content closes thinking that nothing in it has opened."""
    fences = done = 0
    for end in _unquoted(content, tags.closed, 0):
        fences += content.count("```", done, end)
        done = end
        if fences % 2 == 0:
            return next(_unquoted(content, tags.opened, 0, end), None) is None
    return False


def _unquoted(content: str, tag: str, start: int, stop: int | None = None) -> Iterator[int]:
    """Yield where `tag` stands and isn't in quotes."""
    stop = len(content) if stop is None else stop
    while (at := content.find(tag, start, stop)) >= 0:
        start = at + len(tag)
        quote = _QUOTES.get(content[at - 1 : at])
        if quote is None or not content.startswith(quote, start):
            yield at


def _start(content: str, at: int) -> int:
    """Return where the next character stands that isn't white space, or the end."""
    found = _NO_SPACE.search(content, at)
    return found.start() if found else len(content)


def _tags_at(content: str, at: int) -> Tags | None:
    if content[at : at + 1] not in _FIRSTS:
        return None
    return next((tags for tags in TAGS if content.startswith(tags.opened, at)), None)


def _untag(answer: str, reasoning: Reasoning) -> str:
    if ">" not in answer:
        return answer
    before, opened, rest = answer.partition("<answer>")
    inside, closed, after = rest.partition("</answer>")
    whole = closed and not before.strip() and not after.strip()
    if opened and (whole or reasoning == "prompted"):
        return (before + inside + after).strip()
    return answer
