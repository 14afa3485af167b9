"""Answers that words announce: "the answer is …", "Answer: …", "答案是…", "故选…"."""

import re

from potstill.verifiers.answers.answer import Answer
from potstill.verifiers.answers.clauses import stated
from potstill.verifiers.plain import prose

_REACH = 50_000
"""Characters at the end of a text in which an announcement is looked for."""
_MOST = 20
"""Most announcements that are tried, from the last one."""
_PHRASE = re.compile(
    r"\b(?:the|my|our|this|your|its|his|her)\s+(?:[a-z]{3,12}\s+){0,3}?answers?\b"
    r"(?:[^.:=\n。]{0,60}?\b(?:is|was|are|equals|becomes|(?:should|would|will|must|can\s+only)\s+be|"
    r"comes\s+(?:out\s+)?to(?:\s+be)?)\b"
    r"(?!\s+(?:wrong|incorrect|clear|obvious|unique|obtained|found|correct\.|right\.|given\s+in)\b)"
    r"\s*[:：]?|\s*\**\s*[:：=])"
    r"|^\W{0,8}(?:(?:the|my|our)\s+)?(?:final\s+|correct\s+|short\s+)?(?:answers?|ans|final\s+result)"
    r"(?:\W{0,4}(?:[:：=→]|->|=>)|(?=\s+(?:\$|\\[(\[]))|(?<=ans)\.(?=\s))"
    r"|^(?:\#{1,6}\s*|\*\*\s*)(?:[0-9]{1,2}[.)]\s*)?(?:final\s+|correct\s+)?answers?[\s*]*$"
    r"|(?:故|最终|正确|参考|标准|的|所以|因此)?答案\s*(?:就|便|应该|应当|应|即|可能|也许|大概|或许|大约|约)?\s*"
    r"(?:(?:[是为即]|等于)\s*[:：]?|[:：=]|(?=要么))"
    r"|[【\[]答案[】\]]\s*[:：]?"
    r"|(?:^|(?<=[。；;\s*]))答\s*[:：]"
    r"|^\W{0,4}(?:最终)?(?:结果|答案|结论)[\s*]*(?:[:：]|[是为]|$)",
    re.IGNORECASE | re.MULTILINE,
)
_SUPPOSED = re.compile(
    r"\b(?:if|whether|suppose|unless|why|how|until|once|assum(?:e|ing)|check|verify|ensure|guess|what|"
    r"likely|confirm|put|give|write|provide|box|state|express|say(?:s|ing)?)\s+(?:that\s+|in\s+)?\Z"
    r"|(?:如果|假设|若|是否|检查|请|写出)\Z",
    re.IGNORECASE,
)
_CHOSEN = re.compile(
    r"(?<![不挑])(?:选择?|(?:correct|right|best)\s+(?:option|choice)\s+is)\s*[:：]?\s*"
    r"\$?\s*(?:\\\w+\{|\(|（)?"
    r"\s*([A-J](?:[\s,、]{0,3}[A-J]){0,5})(?=[\s$}).,;!。，；）!*`]*(?:$|[\n。;；]|\.(?:\s|$)))",
    re.MULTILINE,
)
_START = re.compile(r"[\s*_`#>:：,，]*(?:[-•]\s+)?")
_CLAUSE = re.compile(
    r"(\$\$.{1,500}?\$\$|\\\[.{1,1500}?\\\]|\\begin\{.{1,1500}?\\end\{[a-z*]+\}|.{1,500}?"
    r"(?=(?<![ap]\.m)[.!?](?:[\s*]|\Z)|[。！？\n]|\Z))",
    re.S,
)
_ITEM = re.compile(
    r"[ \t]*(?:[-*•]\s+|[(（](?:[a-h]|[ivx]{1,4}|[1-9])[)）]|[a-h]\)|[1-9][.)]\s)"
    r"\s*([^\n]{1,200})\n?"
)
_AMENDED = re.compile(
    r"\b(?:it|this|that|the\s+(?:value|result|total))\s+(?:should|must|would)\s+(?:actually\s+|really\s+)?"
    r"be\b|应该?当?[是为]",
    re.IGNORECASE,
)
_CORRECTION = re.compile(
    r"\b(?:wait|actually|correction|corrected|oops|sorry|hold\s+on|scratch\s+that|my\s+mistake|made\s+an?\s+"
    r"(?:mistake|error)|(?:is|was|'s)\s+(?:wrong|incorrect|not\s+(?:right|correct))|let\s+me\s+(?:re|correct)"
    r"\w*)\b|更正|不对|错了|有误|纠正|等等|等一下|抱歉|修正",
    re.IGNORECASE,
)

_FINAL = re.compile(r"(?:\b[Tt]he\s+)?\b[Ff]inal\s+[Aa]nswer\b|最终答案")
_ROUGHLY = re.compile(r"approx|about|roughly|≈|约", re.IGNORECASE)


def announced(text: str) -> tuple[Answer, int] | None:
    """Return the answer that words announce last, and where their clause begins.

    One that names a value comes before a later one that only talks ("the answer is what was asked
    for"). Suppositions ("if the answer is 5") announce nothing.
    """
    text = text[-_REACH:]
    talk: tuple[Answer, int] | None = None
    found = [*_PHRASE.finditer(text), *_CHOSEN.finditer(text)]
    for match in sorted(found, key=lambda match: match.start(), reverse=True)[:_MOST]:
        if match.re is _CHOSEN:
            return Answer(match[1], "phrase"), match.start()
        if _SUPPOSED.search(text, max(0, match.start() - 30), match.start()):
            continue
        answer = _listed(text, match.end()) or _stated(text, match.end())
        if answer and (len(answer.text.split()) <= 6 or re.search(r"[0-9$\\]", answer.text)):
            return answer, match.start()
        talk = talk or (answer and (answer, match.start()))
    return talk


def corrected(text: str) -> Answer | None:
    """Return the answer that a text announces after it has taken something back."""
    text = text[-_REACH:]
    cue = _CORRECTION.search(text)
    if cue is None:
        return None
    rest = text[cue.end() :]
    if found := announced(rest):
        return found[0]
    amended = list(_AMENDED.finditer(rest))
    return _stated(rest, amended[-1].end()) if amended else None


def concluded(text: str, before: Answer) -> Answer | None:
    """Return what a text announces as the final answer, after boxes of what leads to it.

    An approximation is none, nor is a decimal where the box had a formula.
    """
    text = text[-_REACH:]
    final = list(_FINAL.finditer(text))
    if not final or _ROUGHLY.search(text, final[-1].end(), final[-1].end() + 60):
        return None
    found = announced(text[final[-1].start() :])
    if found is None or found[0].hedged or not re.search(r"[0-9\\]", found[0].text):
        return None
    rounded = "." in found[0].text and "\\" in before.text
    return None if rounded or prose(found[0].text) else found[0]


def _stated(text: str, at: int) -> Answer | None:
    start = _START.match(text, at)
    begin = start.end() if start else at
    opening = text[at:begin].rpartition("\n")[2]
    if opening.count("**") % 2 and "**" in text[begin : begin + 300]:
        begin = text.rindex("**", at, begin)  # the bold that opens here is the answer's own
    clause = _CLAUSE.match(text, begin)
    return stated(clause[1], "phrase") if clause else None


def _listed(text: str, at: int) -> Answer | None:
    """Return the answers on the following lines, where these are items of a list."""
    start = re.compile(r"[\s*:：]*\n").match(text, at)
    if start is None:
        return None
    parts: list[str] = []
    position = start.end()
    while len(parts) < 20 and (item := _ITEM.match(text, position)):
        if (one := stated(item[1], "phrase")) is None:
            return None
        parts.append(one.text)
        position = item.end()
    return Answer(", ".join(parts), "phrase", tuple(parts)) if len(parts) > 1 else None
