"""Answers that are words: names, short text, yes and no.

Two texts are equal where case, articles, punctuation, quotes, fonts, hyphens and spaces make all
the difference, or a number that is written in words on one side. They are different for certain
where they say two things of which only one can be: Tuesday and Wednesday, even and odd, yes and no,
the same text with other numbers, or two names that the problem tells apart. All else is undecided.
"""

import re

from potstill.verifiers import numerals, units
from potstill.verifiers.finding import Finding, different, equal, undecided
from potstill.verifiers.plain import narrow
from potstill.verifiers.units.names import STOPS, TAILS
from potstill.verifiers.word_classes import SOLUTIONS, TRUTH, Member, members, mentioned

_LONGEST = 400
"""Longer answers in characters are compared as they stand only."""
_MOST_WORDS = 12
"""Most words of a sentence in which one word is taken for its answer."""
_DRESS = re.compile(
    r"\\(?:text(?:bf|it|rm|sf|normal)?|math(?:rm|bf|it|sf)|mbox|emph|boxed)\s*\{([^{}]*)\}"
)
_SPACE = re.compile(r"\\[,;:! ]|~|\\q?quad(?![A-Za-z])|\\(?=emptyset|varnothing)|[$*]")
_PUNCTUATION = re.compile(r"[\"“”‘’'`「」『』《》,，、;；:：.。!！?？]|(?<=\w)-(?=\w)|[‐–—_]")
_ARTICLES = re.compile(r"\b(?:[Tt]he|THE|[Aa]n|a)\b(?=\s+\w)")
"""An `A` may be a point or a team."""
_LEAD = re.compile(
    r"(?:(?:so|thus|hence|therefore) )?(?:(?:the )?(?:final |correct )?answer is|it is|its|"
    r"it was|they are|that is|this is|he is|she is|that would be|it would be|there is|there are) "
)
_HAN_LEAD = re.compile(
    r"^(?:所以|因此|故)?(?:最终)?(?:答案|结果|答|它|他|她|这)?(?:应该|应当)?[是为]?"
)
_PREPOSITION = re.compile(r"^(?:in|at|on|to|towards|by|from)\s+")
_REASON = re.compile(
    r"\s*(?:[,;.(:]|\s)\s*(?:because|since|as|due to|who|which|given that)\b.*", re.S
)
_HEDGE = re.compile(
    r"\b(?:not|no|never|neither|nor|or|either|but|except|maybe|perhaps|possibly|and|both|instead|"
    r"than|cannot|isnt|wasnt|arent|doesnt|if|unless|without|rather|before|after|opposite|"
    r"from|until|following|previous|next|past|non|semi|relatively)\b"
    r"|[不非没无或和与而也除]|n't"
)
_FILLER_WORDS = (
    "the a an answer final correct is was it its are that this he she they will be would winner "
    "day on in at to so thus hence therefore which who mr mrs ms miss dr"
)
_FILLERS = frozenset(_FILLER_WORDS.split())
_FIRST = re.compile(
    r"\W*(yes|no|true|false|correct|incorrect|right|wrong)\b\s*(?:[,.;:!(]|[-–—]|$)", re.I
)
_HAN_FIRST = re.compile(
    r"\W*(是的?|不是|否|对的?|不对|错误?|正确|不正确|成立|不成立)\s*[,，。.;；!！]"
)
_HAN = re.compile(r"[\u3400-\u9fff]")
_CIRCLED = re.compile("[①-⑳]+")
_FIGURES = re.compile(r"[0-9]+(?:\.[0-9]+)?")
_COUNT = re.compile(r"(?:and )?([0-9]+) ([a-z]{3,}|[\u3400-\u9fff]+)(?:\s|$)")
_KINDS = "real|integer|integral|positive|negative|rational|complex|possible|valid|natural|finite"
_THINGS = "solution|root|number|value|integer|answer|limit|triple|pair|function|polynomial"
_UNSURE = re.compile(
    r"\b(?:not sure|not certain|do not know|dont know|no idea|unable to (?:determine|find|solve)|"
    r"not (?:give|have|provide|contain)s? enough|not enough information)\b"
    r"|不知道|不清楚|无法(?:求|得)出"
)
_HAN_NONE = re.compile("无(?:实数)?[解根]|没有(?:实数)?[解根]|不存在")
_NO_SOLUTION = re.compile(
    rf"(?:there (?:is|are) )?no(?: such)?(?: (?:{_KINDS}))* (?:{_THINGS})s?"
    r"(?: (?:for|to|of) [a-z])?(?: exists?)?"
    r"|(?:limit|it|solution|equation|system)s? (?:does|do) (?:not|nt) "
    r"(?:exist|have (?:any |a )?solutions?)"
    r"|(?:equation|system|it) has no (?:real |integer )?(?:solution|root)s?"
)


def compare(reference: str, answer: str, *, problem: str | None = None) -> Finding:
    """Compare two answers in words.

    Args:
        reference: The plain reference.
        answer: The plain answer.
        problem: The problem's text. Two different names that are both in it are different answers.

    Returns:
        A pass where nothing but dressing differs, where both name the same member of a closed class
        (星期二 and Tuesday), and where the answer says the reference in a short sentence without
        denial, alternatives or another name in it. A fail where they name two members of one class,
        or differ in numbers only, or name two of the problem's names. Else `text_differs`.
    """
    if max(len(reference), len(answer)) > _LONGEST:
        same = reference.split() == answer.split()
        return equal("text") if same else undecided("text_differs", "text")
    expected, found = _bare(reference), _bare(answer)
    if not expected or not found:
        return undecided("text_differs", "text")
    if _CIRCLED.fullmatch(expected):
        return _by_circled(expected, answer)
    if expected == found:
        return _same(reference, answer)
    if found in (f"not {expected}", f"不{expected}", f"不是{expected}", f"非{expected}"):
        return different("text")
    if decided := _by_class(expected, found, answer):
        return decided
    if _says(expected, found, reference, answer) or _same_items(expected, found):
        return equal("text")
    if decided := _by_numbers(expected, found):
        return decided
    if decided := _concluded(expected, answer):
        return decided
    if problem and _both_named(expected, found, problem):
        return different("text")
    return undecided("text_differs", "text")


def no_solution(text: str) -> bool:
    """Return whether a text says that nothing solves the problem: no solution, DNE, 无解, ∅."""
    bare = _bare(text).replace("varnothing", "emptyset").replace("\\{\\}", "{}")
    return Member(SOLUTIONS, "none") in members(bare) or _NO_SOLUTION.fullmatch(bare) is not None


def no_value(text: str) -> str | None:
    """Return why a text names no value: `none`, `many` or `undetermined`; None where it may."""
    bare = _bare(text)
    for member in _whole(bare):
        if member.kind == SOLUTIONS:
            return member.name
    if len(bare) > _MOST_WORDS * 8 or _FIGURES.search(bare):
        return None
    if _UNSURE.search(bare):
        return "undetermined"
    if _NO_SOLUTION.search(bare) or _HAN_NONE.search(bare):
        return "none"
    said = mentioned(bare, SOLUTIONS)
    return min(said) if len(said) == 1 else None


def truth(text: str) -> bool | None:
    """Return what a yes or no says, also with a reason behind it; None for any other text."""
    found = {member.name for member in members(_bare(text)) if member.kind == TRUTH}
    if not found and (first := _FIRST.match(text) or _HAN_FIRST.match(text)):
        found = {member.name for member in members(first[1].lower()) if member.kind == TRUTH}
    return found == {"true"} if found else None


def _bare(text: str) -> str:
    """Return a text in lower case without fonts, quotes, punctuation and articles."""
    text = narrow(text[:_LONGEST])
    while (plain := _DRESS.sub(r"\1", text)) != text:
        text = plain
    text = _PUNCTUATION.sub(_gap, _SPACE.sub(" ", text))
    text = " ".join(_ARTICLES.sub(" ", _in_figures(text)).lower().split())
    text = _LEAD.sub("", text, count=1) if _LEAD.match(text) else text
    if _HAN.search(text):
        text = text.replace(" ", "")
        text = (_HAN_LEAD.sub("", text) or text) if len(text) > 2 else text
    return text


def _gap(match: re.Match[str]) -> str:
    """Return what takes the place of punctuation: nothing for quotes, a space for the rest."""
    return "" if match[0] in "\"“”‘’'`「」『』《》" else " "


def _in_figures(text: str) -> str:
    """Return a text with numbers in words as figures: three apples, 三个."""
    found: list[str] = []
    i = 0
    while i < len(text):
        ordinal = i > 0 and text[i - 1] == "第"
        numeral = numerals.match(text[i:], 0) if ordinal else numerals.match(text, i)
        if numeral and numeral[0].value.denominator == 1:
            found.append(str(numeral[0].value))
            i = numeral[1] + (i if ordinal else 0)
        else:
            found.append(text[i])
            i += 1
    return "".join(found)


def _same(reference: str, answer: str) -> Finding:
    """Return the finding for texts that only case and dressing tell apart: CO is not Co."""
    here, there = (
        re.sub(r"[^A-Za-z]", "", _DRESS.sub(r"\1", text)) for text in (reference, answer)
    )
    if here == there or len(here) > 3 or members(here.lower()):
        return equal("text")
    symbols = len(here) == len(there) == 2 and here[0] == there[0] and here[0].isupper()
    return different("text") if symbols else undecided("text_differs", "text")


def _by_class(expected: str, found: str, answer: str) -> Finding | None:
    """Compare members of closed classes: both as whole texts, or one in a short answer."""
    ours, theirs = _whole(expected), _whole(found)
    if theirs:
        return _by_members(ours, theirs)
    kinds = {member.kind for member in ours}
    if TRUTH in kinds and (said := truth(answer)) is not None:
        return _by_members(ours, frozenset({Member(TRUTH, "true" if said else "false")}))
    if not ours or len(found.split()) > _MOST_WORDS or _HEDGE.search(found):
        return None
    in_sentence = [(kind, mentioned(found, kind)) for kind in kinds]
    theirs = frozenset(Member(kind, min(names)) for kind, names in in_sentence if len(names) == 1)
    return _by_members(ours, theirs) if theirs else None


def _whole(bare: str) -> frozenset[Member]:
    """Return the members of classes that a whole text is."""
    found = members(bare)
    if not found and no_solution(bare):
        return frozenset({Member(SOLUTIONS, "none")})
    return found


def _by_members(ours: frozenset[Member], theirs: frozenset[Member]) -> Finding | None:
    if ours & theirs:
        return equal("text")
    shared = {member.kind for member in ours} & {member.kind for member in theirs}
    return different("text") if shared else None


def _by_circled(expected: str, answer: str) -> Finding:
    """Compare the numbers in circles of a last clause: 正确的结论是①和③."""
    said = re.findall("[①-⑳]", re.split(r"[,，;；。]", answer.rstrip("。. "))[-1])
    if not said:
        return undecided("text_differs", "text")
    return equal("text") if sorted({*said}) == sorted(expected) else different("text")


def _by_numbers(expected: str, found: str) -> Finding | None:
    """Return that two texts differ which count the same things, and other numbers of them."""
    here, there = _COUNT.findall(expected), _COUNT.findall(found)
    if not here or any(_COUNT.sub("", text).strip() for text in (expected, found)):
        return None
    if any(word in TAILS | STOPS for _, word in here):
        return None
    if [word for _, word in here] != [word for _, word in there] or here == there:
        return None
    return None if any(_known(word) for _, word in here) else different("text")


def _known(word: str) -> bool:
    """Return whether a word is a unit of measurement, so that other numbers may say the same."""
    unit = units.match(f" {word}", 0)
    return unit is not None and not unit[0].dimension.startswith("=")


def _says(expected: str, found: str, reference: str, answer: str) -> bool:
    """Return whether a short answer says the reference and nothing else that counts."""
    if _HAN.search(expected) or _FIGURES.fullmatch(expected):
        return False
    bare = [_PREPOSITION.sub("", text) for text in (expected, found)]
    if bare[0] == bare[1] and (bare[0] == expected) != (bare[1] == found):
        return True
    clause = _bare(_REASON.sub("", answer, count=1))
    if clause == expected:
        return True
    words, wanted = clause.split(), expected.split()
    if len(words) > _MOST_WORDS or _HEDGE.search(clause):
        return False
    for i in range(len(words) - len(wanted) + 1):
        if words[i : i + len(wanted)] == wanted:
            before, behind = words[:i], words[i + len(wanted) :]
            named = all(_is_name(text, expected) for text in (reference, answer))
            return _only_fills(before, behind, named=named and len(wanted) == 1)
    return False


def _concluded(expected: str, answer: str) -> Finding | None:
    """Compare what the last clause of a sentence says that something is: 所以两圆外切."""
    clause = _bare(re.split(r"[,，;；。:：]|\.\s", answer.rstrip(" .。!"))[-1])
    ours = {member.kind for member in _whole(expected)}
    ends = (
        [members(clause[at:]) for at in range(1, len(clause) - 1)] if not clause.isascii() else []
    )
    if ours and (theirs := next((found for found in ends if ours & {m.kind for m in found}), None)):
        denied = re.search(r"[不非没无或和]|可能", clause)
        return None if denied else _by_members(_whole(expected), theirs)
    if (
        not clause.endswith(expected)
        or clause == expected
        or clause.isascii() != expected.isascii()
    ):
        return None
    before = clause.removesuffix(expected)
    if _HAN.search(expected):
        if re.search(r"(?:不是?|并?非)\Z", before):
            return different("text")
        said = len(expected) > 1 or before.endswith(("是", "为"))
    else:
        said = re.search(r"\b(?:is|are|called|named|becomes|forms|be)\s(?:an?\s|the\s)?\Z", before)
    return equal("text") if said and not _HEDGE.search(before) else None


def _only_fills(before: list[str], behind: list[str], *, named: bool) -> bool:
    """Return whether words around an answer are fillers, or the other part of the same name."""
    if not all(word in _FILLERS for word in before):
        return False
    if named and len(behind) == 1 and len(behind[0]) > 2 and not members(behind[0]):
        return behind[0].isalpha()
    return all(word in _FILLERS for word in behind)


def _is_name(text: str, word: str) -> bool:
    """Return whether a word stands in a text as a name does: Evelyn, also before Carter."""
    name = rf"\b{re.escape(word.title())}(?: [A-Z][a-z]+)?[.\s\W]*$"
    return len(word) > 2 and re.search(name, text) is not None


def _same_items(expected: str, found: str) -> bool:
    """Return whether two texts join the same items by "and", in another order."""
    here, there = (re.split(r" and |[和与及]", text) for text in (expected, found))
    return len(here) > 1 and sorted(here) == sorted(there) and "respectively" not in expected


def _both_named(expected: str, found: str, problem: str) -> bool:
    """Return whether the problem has both texts, of a word or two, as names of two."""
    names = [text.title() for text in (expected, found)]
    if any(len(name.split()) > 2 or not _stands_in(name, problem) for name in names):
        return False
    one, other = names  # Evelyn Carter may be called by either name
    return not any(_stands_in(name, problem) for name in (f"{one} {other}", f"{other} {one}"))


def _stands_in(name: str, text: str) -> bool:
    return re.search(rf"\b{re.escape(name)}\b", text) is not None
