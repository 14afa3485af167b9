r"""The answer in a clause such as the rest of "the answer is …".

Off come what only comments on it: reasons, doubt, what it is not, and the approximation beside an
exact value.
"""

import re

from potstill.verifiers.answers.answer import Answer
from potstill.verifiers.plain import prose

FORMULA = re.compile(
    r"\$\$([^$]{1,1000})\$\$|\$((?:\\.|[^$\n\\]){1,500})\$|\\\(((?:\\\\|(?!\\[()]).){1,500})\\\)"
    r"|\\\[((?:\\\\|(?!\\[\[\]]).){1,1500})\\\]",
    re.S,
)
"""A formula in its dollars or brackets."""
NUMBER = re.compile(
    r"(?<![A-Za-z0-9.^_\\{])(?:(?<![)\]}])-)?"
    r"(?:[0-9]{1,3}(?:,[0-9]{3})+(?![0-9,])|[0-9]+(?:,[0-9]+)*)(?:\.[0-9]+)?(?:\s?/\s?[0-9]+)?"
    r"(?:\s?\\?%|\s(?:hundred|thousand|million|billion|dozen)\b|[万亿百]+|千(?![克米瓦卡]))?"
)
"""A number that stands alone in a text; commas without spaces keep several in one piece."""
_VALUE = r"(?=[-+(\[{$\\]*[0-9]|\$|\\[(\[a-z]|\(?[A-Z]\)?(?![A-Za-z]))"
_REASON = re.compile(
    r"[,;]?\s+(?:because|since|given that|assuming|so that|whereas|while|which\s+(?:is|are|was|"
    r"means|can|gives|makes|represents|corresponds|matches|comes|equals|we|must|has)|where\s|as\s+(?:the|it|"
    r"we|this|there|that|a|given|required|shown|stated|expected|desired)\b).*"
    r"|,\s+(?:so|and\s+(?:the|this|it|we|thus|so)|but|making|meaning|i\.e\.|that\s+is|after|if|when)\b"
    r".*|\s*[,，;；(（]?(?:因为|由于|其中|所以|也就是|即|理由).*|\s+---?\s+.*|\s*—+\s*.*"
    r"|;\s+(?!or\b|and\b)[a-z]{2,}\s.*",
    re.S | re.IGNORECASE,
)
_NOT_BUT = re.compile(
    r"(?i:not)\s.{1,80}?[,;]?\s*\b(?i:but(?:\s+rather|\s+instead|\s+actually)?|rather|instead)\s+(.+)"
    r"|(?:不|并非|不是|而?非).{1,40}?[,，;；]?\s*而是\s*(.+)",
    re.S,
)
_NOT = re.compile(rf"(?i:not)\s+(?:equal\s+to\s+)?{_VALUE}.*|(?:并?不|并非).*", re.S)
_RATHER = re.compile(
    rf"\s*[,;(]?\s*\b(?i:and\s+)?(?i:not|rather\s+than|instead\s+of|as\s+opposed\s+to)\s+{_VALUE}.*"
    r"|\s*[,，;；(（]?\s*(?:而不是|而非|不是).*",
    re.S,
)
_ABOUT = re.compile(
    r"(?:\\approx|≈|≃|≐|\\simeq|~|approximately|approx\.?|about|around|roughly|nearly|"
    r"大约是?|大概是?|近似[为是]?|约[为是]?|差不多是?)(?![A-Za-z])\s*",
    re.IGNORECASE,
)
_NEAR = re.compile(
    r"\s*(?:\\approx(?![A-Za-z])|≈|≃|≐|\\simeq(?![A-Za-z]))"
    r"|[,(]?\s+(?:i\.e\.,?|that\s+is,?)?\s*\(?(?:approximately|approx\.?|about|roughly)\s"
    r"|\s*[,，(（]?\s*(?:或|即)?(?:大约|约[为是等]|近似)",
    re.IGNORECASE,
)
_OR_NEAR = re.compile(
    r"[,(]?\s+or\s+\(?\$?\s*(?:approximately|approx\.?|about|roughly|≈|\\approx)(?![A-Za-z]).*",
    re.IGNORECASE | re.S,
)
_DOUBT = re.compile(
    r"(?:(?:simply|just|exactly|only|indeed|therefore|thus|actually|clearly|probably|likely|maybe|"
    r"perhaps|possibly|most\s+likely|definitely|given\s+by|equal\s+to|I\s+(?:think|believe|guess),?|"
    r"either|it\s+is|it's|option|choice)\s+|要么|可能[是为]?|也许是?|或许是?|大概率?是?|应该?[是为]?)+",
    re.IGNORECASE,
)
_OR = re.compile(
    r"\s*[,，;；、?？]?\s*(?:\\text\{\s*(?:or|OR)\s*\}|(?<![A-Za-z])(?:or|OR)(?![A-Za-z])|或者?|还是|"
    r"也可能[是为]?|(?:要么|maybe|perhaps|possibly)(?![a-z]))\s*(?:(?:possibly|maybe|perhaps|even|rather)"
    r"\s+|可能[是为]?|[是为])?\s*"
)
_COPULA = re.compile(
    r"(?:^|\s)(?:is|are|was|were|be|equals|equal\s+to)\s+(?!(?:a|an|not|no)\b)|(?:等于|[是为有])\s*",
    re.IGNORECASE,
)
_LABELLED = re.compile(r"(?:^|[\s,;，；。])[(（](?:[a-h]|[ivx]{1,4}|[1-9])[)）]\s*")
_BRACKETS = re.compile(r"\s+[(（](?:[^()（）]*(?:[A-Za-z]{3}|[\u3400-\u9fff]|%)[^()（）]*)[)）]\Z")
_BOLD = re.compile(r"\*\*([^*\n]{1,300})\*\*(.*)", re.S)
_SEVERAL = re.compile(r"[0-9]|\b(?:and|or|either)\b|[或和]")
_NO_VALUE_ALONE = re.compile(
    r"[\\^_*/+]|[π√半或多余约不]|(?<![a-z])(?:and|at|between|cubed|either|half|least|less|minus|more|"
    r"most|no|not|or|over|plus|power|root|squared|than|times|"
    r"(?:in|de)creas\w+|drops?|falls?|grows?|rises?|reduc\w+)(?![a-z])|[增减升降]",
    re.IGNORECASE,
)
_ALONE = re.compile(r"[A-Za-z](?:_\{?\w+\}?)?")
_WORD = re.compile(r"\s?([A-Za-z%°$\u3400-\u9fff][^\s,;:!?，。；：！？]*)")
_PER = re.compile(r"\s+(?:per|a|an)\s+[A-Za-z]+")
_STOPS = re.compile(
    r"a|an|at|by|each|every|for|from|in|left|more|of|on|per|such|that|there|to|total|who|with|altogether|remaining|is|"
    r"are|was|has|have|will|would|can",
    re.IGNORECASE,
)
_SIDE = re.compile(r"(?<![<>!:\\])=(?![=>])")
_SEPARATE = re.compile(r"[,;]|\\text|\\q?quad|\b(?:and|or)\b|\\\\|\\begin")
_NAME = re.compile(
    r"\s*\\?[A-Za-z]+(?:_(?:\w|\{[^{}]*\}))?'?\s*(?:\([^()]*\)|\\left\([^()]*\\right\))?\s*"
)
_EDGES = " \t\r\n*`!,:：，。;；>#"


def stated(clause: str, by: str) -> Answer | None:
    """Return the answer that a clause states, or None where it says only what it isn't."""
    clause = _without_comment(clause)
    if not clause:
        return None
    if parts := _labelled(clause):
        return Answer(", ".join(parts), by, parts)
    pieces = [_value(piece) for piece in _OR.split(clause)]
    parts = tuple(piece for piece in pieces if piece)
    if len(parts) > 1 and all(len(part) <= 60 for part in parts):
        return Answer(" or ".join(parts), by, parts, hedged=True)
    found = _value(clause)
    return Answer(found, by, _figures(found)) if found else None


def side(formula: str) -> str:
    """Return what a formula comes to: of `3 + 4 = 7` the 7, of `x = 3 + 4 = 7` the 7 as well.

    An approximation at the end doesn't count where an exact value stands before it. Equations
    (`2x + y = 5`, `x = 5`) and lists of them stay whole.
    """
    formula = exact(formula)
    sides = _SIDE.split(formula)
    if len(sides) < 2 or _SEPARATE.search(formula) or not all(map(_balanced, sides)):
        return formula.strip()
    if len(sides) > 2 or not re.search("[A-Za-z]", re.sub(r"\\[A-Za-z]+", "", sides[0])):
        return sides[-1].strip() or formula.strip()
    return formula.strip()


def _balanced(text: str) -> bool:
    return all(text.count(one) == text.count(other) for one, other in ("()", "{}"))


def exact(formula: str) -> str:
    r"""Return a formula without the approximation behind it; of `x \approx 5` it is the 5."""
    near = _NEAR.search(formula)
    if near is None:
        return formula
    before = formula[: near.start()].rstrip(" ,(，（")
    named = not before.strip() or _NAME.fullmatch(before)
    return formula[near.end() :].strip(" )）") if named else before


def alternatives(text: str) -> tuple[str, ...]:
    """Return what `or` stands between in a short text; empty where it stands nowhere."""
    parts = tuple(part.strip() for part in _OR.split(_DOUBT.sub("", text, count=1)))
    return parts if len(parts) > 1 and all(parts) else ()


def inside(formula: re.Match[str]) -> str:
    """Return what stands between the dollars or brackets of a match of `FORMULA`."""
    return next(group for group in formula.groups() if group is not None).strip()


def _labelled(clause: str) -> tuple[str, ...]:
    """Return the answers to the parts of a question: of `(1) 5; (2) 6` the 5 and the 6."""
    if not _LABELLED.match(clause):
        return ()
    pieces = [piece.strip(_EDGES) for piece in _LABELLED.split(clause)[1:]]
    return tuple(map(_value, pieces)) if len(pieces) > 1 and all(pieces) else ()


def _figures(clause: str) -> tuple[str, ...]:
    """Return the numbers of a sentence that has several."""
    if not prose(clause):
        return ()
    found = [match[0].strip() for match in NUMBER.finditer(clause)]
    return tuple(found) if len(found) > 1 else ()


def _without_comment(clause: str) -> str:
    clause = clause.strip(_EDGES)
    if but := _NOT_BUT.match(clause):
        clause = (but[1] or but[2]).strip(_EDGES)
    elif _NOT.match(clause):
        return ""
    first = FORMULA.match(clause)  # a formula at the start is kept whole
    kept = first.end() if first else 0
    for pattern in (_RATHER, _REASON, _OR_NEAR):
        if (found := pattern.search(clause, kept or 1)) and clause[: found.start()].strip(_EDGES):
            clause = clause[: found.start()]
    return _BRACKETS.sub("", clause.strip(_EDGES))


def _value(clause: str) -> str:
    """Return the answer in a clause: its bold part, its only formula, or the whole of it."""
    clause = clause.strip(_EDGES)
    clause = _DOUBT.sub("", clause, count=1) if _DOUBT.match(clause) else clause
    if (bold := _BOLD.match(clause)) and not _SEVERAL.search(bold[2]):
        clause = bold[1] + (bold[2] if len(bold[2].split()) <= 2 else "")
    clause = clause.replace("**", "").strip(_EDGES)
    clause = _exact_outside(clause)
    if about := _ABOUT.match(clause):
        clause = clause[about.end() :]
    formulas = [one for one in FORMULA.finditer(clause) if not _ALONE.fullmatch(inside(one))]
    formulas = formulas or list(FORMULA.finditer(clause))
    if not formulas:
        return _plain_value(clause)
    before, after = clause[: formulas[0].start()], clause[formulas[-1].end() :]
    if len(formulas) > 1 or _SEVERAL.search(after) or re.search("[0-9]", before):
        return _plain_value(clause.replace("$", "").strip())
    unit = after if len(after.split()) <= 3 else ""
    return (side(inside(formulas[0])) + unit).strip(_EDGES)


def _exact_outside(clause: str) -> str:
    """Return a clause without an approximation that stands outside of its formulas."""
    masked = FORMULA.sub(
        lambda match: "x1" * (len(match[0]) // 2) + "1" * (len(match[0]) % 2), clause
    )
    near = _NEAR.search(masked)
    if near is None or not clause[: near.start()].strip(_EDGES + "(（"):
        return clause
    before = clause[: near.start()].rstrip(" ,(，（")
    return clause[near.end() :] if _NAME.fullmatch(masked, 0, len(before)) else before


def _plain_value(clause: str) -> str:
    """Return what a sentence says a thing is, where that is a single figure; else all of it."""
    clause = side(clause)
    if not prose(clause):
        return clause
    copulas = list(_COPULA.finditer(clause))
    told = clause[copulas[-1].end() :].strip(_EDGES) if copulas else ""
    if told and re.match(r"[-+($\\]*[0-9]|[$\\]", told):
        clause = told
    figures = list(NUMBER.finditer(clause))
    if len(figures) != 1 or _NO_VALUE_ALONE.search(clause):
        return clause
    if len(clause.split()) < 4 and re.match(r"[-+$€£¥]?[0-9]", clause):
        return clause
    return clause[figures[0].start() : _end_of_unit(clause, figures[0].end())]


def _end_of_unit(clause: str, at: int) -> int:
    """Return where the words that may be a unit end: at most two, and `per` another."""
    for _ in range(2):
        word = _WORD.match(clause, at)
        if word is None or _STOPS.fullmatch(word[1]):
            break
        at = word.end()
    per = _PER.match(clause, at)
    return per.end() if per else at
