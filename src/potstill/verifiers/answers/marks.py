r"""The final answer of a response where something marks it.

`<answer>…</answer>` comes before boxes, these before `####`, and that before `{"answer": …}`, a
block of code at the end, and words that announce it; of each kind the last counts. Before them all
comes what words announce behind a box or tag after a correction ("Wait, …") or as the final answer.
"""

import json
import re

from potstill.verifiers.answers.answer import Answer
from potstill.verifiers.answers.boxed import last_boxed
from potstill.verifiers.answers.clauses import stated
from potstill.verifiers.answers.phrases import announced, concluded, corrected
from potstill.verifiers.answers.unmarked import last_value

_HASHES = re.compile(r"(?:^|\n)####[ \t]*(\S[^\n]*?)\s*\Z")
_TAGS = ("answer", "final_answer", "Answer", "ANSWER")
_JSON = re.compile(r'"(?:final_?)?answer"\s*:\s*("(?:[^"\\\n]|\\.){0,500}"|[^,}\n"]{1,200})', re.I)
_FENCED = re.compile(r"```[A-Za-z]*\n([^\n`]{1,200})\n```\s*\Z")
_CALL = re.compile(r"(?:print|return)\s*\(?\s*[\"']?(.*?)[\"']?\s*\)?;?")
_TAIL = 4_000
"""Characters at the end of a text in which an object of JSON or a block of code may stand."""
_ECHO = re.compile(
    r"\n[#* \t]*(?:Question|Q|Problem|Human|User|Input|Instruction|Exercise|问题|题目|问)"
    r"[ \t]*[0-9]*\**[ \t]*[:：]"
)


def final_answer(text: str) -> Answer | None:
    """Return the marked final answer of a response, or None where nothing marks one.

    The text is taken to be the answering part alone; see `answering`. Where it goes on with another
    question after a marked answer, as models without chat training do, that one isn't answered.
    """
    echo = _ECHO.search(text)
    before = _marked(text[: echo.start()]) if echo else None
    return before or _marked(text)


def _marked(text: str) -> Answer | None:
    if found := _tagged(text) or last_boxed(text):
        answer, end = found
        return corrected(text[end:]) or concluded(text[end:], answer) or answer
    if hashes := _HASHES.search(text, max(0, len(text) - _TAIL)):
        return stated(hashes[1], "hashes")
    if found := _code(text):
        return found
    found = announced(text)
    return found[0] if found else None


def _tagged(text: str) -> tuple[Answer, int] | None:
    for tag in _TAGS:
        end = text.rfind(f"</{tag}>")
        start = text.rfind(f"<{tag}>", 0, max(end, 0))
        if start < 0:
            continue
        within = text[start + len(tag) + 2 : end].strip()
        if found := _inside(within):
            return found, end
    return None


def _inside(within: str) -> Answer | None:
    if marked := last_boxed(within):
        return marked[0]
    marked = announced(within)
    if marked or "\n" in within:
        return marked[0] if marked else last_value(within)
    return stated(within, "tag") if within else None


def _code(text: str) -> Answer | None:
    """Return the answer in an object of JSON, or in a block of code with one line, at the end."""
    tail = text[-_TAIL:]
    found = list(_JSON.finditer(tail)) if 'nswer"' in tail else []
    if found:
        return _json_value(found[-1][1])
    if fenced := _FENCED.search(tail):
        call = _CALL.fullmatch(fenced[1].strip())
        return Answer((call[1] if call else fenced[1]).strip(), "code")
    return None


def _json_value(written: str) -> Answer | None:
    try:
        value = str(json.loads(written)).strip()
    except ValueError:
        value = written.strip('" ')
    return Answer(value, "json") if value else None
