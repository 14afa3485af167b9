"""The option that a response settles on."""

import re

from potstill.verifiers.answers import Answer, final_answer, unmarked
from potstill.verifiers.choice.letters import letters, quoted
from potstill.verifiers.choice.options import Options

_REACH = 20_000
"""Characters at the end of a response in which a choice is looked for."""
_WHO = (
    r"[($\[{*\\a-z]{0,9}(?P<who>[A-J]"
    r"(?:(?:[\s,、&]|and\b|or\b|和|与|及|或){0,5}[A-J]){0,9})(?![A-Za-z'’])"
)
_CHOOSES = tuple(
    re.compile(pattern.replace("WHO", _WHO), re.MULTILINE)
    for pattern in (
        r"(?<![不挑未])(?:选(?:择|出|取)?(?:的是|为|是)?|应?选项?[为是]|答案(?:选|[是为])?)\s*[:：]?\s*WHO"
        r"(?!\s*(?:错|不|是错|点|[和与]))",
        r"(?:正确|符合题意|恰当|合理|最佳|对)的?(?:选项|答案|一项|说法|叙述|结论)?\s*应?[是为]\s*[:：]?"
        r"\s*(?:选项)?WHO(?!\s*(?:选?项)?\s*(?:是?错|不))",
        r"(?:答案|选项?)WHO\s*项?\s*(?:是|为)?(?:正确|对)",
        r"(?i:\b(?:choose|select|pick|go(?:ing)?\s+with|chose|opt\s+for|choosing|selected)\s+(?:the\s+)?"
        r"(?:option|choice|answer|letter)?\s*)WHO",
        r"(?i:\banswer\s+is\s*:?\s*)[(]?(?P<who>[a-jA-J])[)]?\s*[.]?\s*$",
        r"(?i:\bmy\s+(?:choice|answer|pick)\s*(?:is)?\s*:?\s*)WHO",
        r"(?i:\b(?:correct|right|best|final|matching|appropriate)\s+"
        r"(?:option|choice|answer|one|statement|letter|response)s?\s+"
        r"(?:is|are|would\s+be|must\s+be|should\s+be)?\s*:?\s*(?:options?|choices?)?\s*)WHO",
        r"(?i:\b(?:corresponds?\s+to|match(?:es|ing)|which\s+is|that\s+is|this\s+is|answer\s+is)\s+"
        r"(?:the\s+)?(?:option|choice|answer|statement)\s*)WHO",
        r"(?i:^\W{0,4}(?:so|therefore|thus|hence|所以|因此|故)[,，]?\s*(?:it\s+is|it's|option)?\s*)WHO"
        r"(?=[\s$*).。}]*$)",
        r"(?<![A-Za-z])WHO[\s)*\]$}]*\s*(?i:(?:is|was|must\s+be|would\s+be)\s+(?:therefore\s+)?"
        r"(?:the\s+|my\s+)?(?:(?:only|single)\s+)?(?:(?:correct|right|best|final)\s+)?"
        r"(?:answer|option|choice)\b)",
    )
)
"""Words that choose; the last letters that they choose count."""
_DENIED = re.compile(
    r"(?i)(?:\b(?:not|n't|never|cannot|if|whether|eliminate|exclude|rule\s+out|wrong(?:ly)?)\b"
    r"[^.,;\n]{0,12}|不|排除|非|若|如果|是否)\s*\Z"
)
_SOME = r"[A-J](?:[\s,、()（）]{0,4}(?:and\s|和|与)?\s?[A-J]){0,9}(?![A-Za-z])"
_JUDGED = re.compile(
    rf"(?<![A-Za-z])(?P<who>{_SOME})[)\]*$}}]*\s*(?:项|选项|说法)?\s*(?:[:：,，]\s*)?"
    r"(?:(?P<right>(?:都|均|是|为)?(?:正确|对的?(?![应比于照称])|符合题意)"
    r"|(?:is|are)\s+(?:both\s+)?(?:correct|right|true)\b|✓|√|✅)"
    r"|(?P<wrong>(?:都|均|是|为)?(?:错误?|不(?:正确|对|符合|选|合))"
    r"|(?:is|are)\s+(?:all\s+|both\s+)?(?:incorrect|wrong|false|not\s+(?:correct|right|true))\b"
    r"|✗|×|❌))"
)
_OUT = re.compile(
    r"(?:排除|(?i:eliminated?|rule[sd]?\s+out|exclude[sd]?|discard))\s*(?:了|掉|(?i:options?|choices?))?"
    rf"\s*[(（]?(?P<who>{_SOME})"
)
_LABELLED = re.compile(r"\W{0,4}[A-J]\s?[.、:)]")
_NEGATION = re.compile(r"(?i)\b(?:not|never|wrong|incorrect|false|rather|instead)\b|n't|[不错非误]")
_BOLD = re.compile(r"\*\*\s*([^*\n]{1,200}?)\s*\*\*")


def settled(text: str, options: Options) -> Answer | None:
    """Return what marks a choice: a final answer, or words that choose, the last ones."""
    answer = final_answer(text)
    if answer and (answer.by != "phrase" or letters(answer.text, options) is not None):
        return answer
    tail = options.lettered(text[-_REACH:])
    found = [match for pattern in _CHOOSES for match in pattern.finditer(tail)]
    for match in sorted(found, key=lambda match: match.end(), reverse=True):
        if not _DENIED.search(tail, max(0, match.start() - 40), match.start()):
            return Answer(match["who"], "phrase")
    if answer and (letter := quoted(_line_of(tail, answer.text), options)):
        return Answer(letter, answer.by)
    return answer


def _line_of(text: str, answer: str) -> str:
    """Return the last line that has an answer in it."""
    at = max(text.rfind(answer), 0)
    end = text.find("\n", at)
    return text[text.rfind("\n", 0, at) + 1 : end if end >= 0 else len(text)][:1_000]


def implied(text: str, options: Options) -> Answer | None:
    """Return the choice of a response that marks none.

    That is what stands in bold, or on the first or last line, if it is the only one; then the
    option that is judged right, or is left when the others are ruled out; then the option whose
    text or value the last sentence has.
    """
    if not text:
        return None
    bold = [
        m for m in _BOLD.findall(text[-_REACH:]) if letters(m, options, strict=bool(options.texts))
    ]
    if len({letters(m, options) for m in bold}) == 1:
        return Answer(bold[-1], "bold")
    lines = [line for line in map(str.strip, text.splitlines()) if line]
    ends = [line for line in lines[:1] + lines[-1:] if letters(line, options, strict=True)]
    if len({letters(line, options) for line in ends}) == 1:
        return Answer(ends[-1], "line")
    return _judged(text[-_REACH:], options) or _told(text, options)


def _judged(text: str, options: Options) -> Answer | None:
    right: set[str] = set()
    wrong: set[str] = set()
    for match in _JUDGED.finditer(text):
        who = set(re.findall("[A-J]", match["who"]))
        right, wrong = (right | who, wrong - who) if match["right"] else (right - who, wrong | who)
    for match in _OUT.finditer(text):
        wrong |= set(re.findall("[A-J]", match["who"])) - right
    sought = wrong if options.negative else right
    every = set(options.texts)
    if len(right) == 1 and not wrong:  # chosen, also where the prompt asks for what is wrong
        sought = right
    if sought and (len(sought) < len(every) or not every):
        return Answer("".join(sorted(sought)), "judged")
    left = every - wrong
    if not options.negative and wrong and len(left) == 1:
        return Answer(left.pop(), "judged")
    return None


def _told(text: str, options: Options) -> Answer | None:
    """Return the option that the last sentence comes to."""
    if not options.texts:
        return None
    for words in (True, False):
        found = unmarked(text, words=words)
        if found and letters(found.text, options, strict=True):
            return found
    *_, last = text.rstrip().split("\n")
    if len(last) > 1_000 or _LABELLED.match(last) or _NEGATION.search(last):
        return None
    letter = quoted(last, options)
    return Answer(letter, "last_words") if letter else None
