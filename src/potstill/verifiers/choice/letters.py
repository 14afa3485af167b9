"""The letters that a short text names, such as an answer or a reference."""

import re

from potstill.verifiers.choice.options import LETTERS, Options
from potstill.verifiers.finding import Finding, undecided
from potstill.verifiers.plain import is_words, plain, same_text

_LONGEST = 2_000
"""Longest text in characters that may name letters."""
_ONE = r"(?i:options?|choices?|answers?|选项|statements?|both|either|letters?)"
_LIST = re.compile(
    rf"{_ONE}?\s*[(\[]?[A-J][)\]]?"
    r"(?:(?:[\s,、;&/+.和与及或]|(?i:and|or|either|both|options?|choices?)\b){0,9}[(\[]?[A-J][)\]]?)*"
    r"\s*(?:项|选项|(?:两|三|四)项)?(?:\s*(?:都|均|是|为)*(?:正确|对)的?|\s+(?:is|are)\s+(?:the\s+)?(?:both\s+)?"
    r"(?:correct|right|true)(?:\s+(?:answers?|options?|choices?))?)?"
)
_RUN = re.compile(r"(?<![A-Za-z])[A-J]+(?![A-Za-z])")
_BEGINS = re.compile(
    rf"{_ONE}?\s*[(\[]?(?P<letter>[A-J])(?:[)\]]\s?[.:]?|\s?[.、:]|(?=,|\s+(?:because|since|is|as|which)\b)"
    r"|项|(?=\s))\s*(?P<rest>.*)",
    re.S,
)
_ENDS = re.compile(
    r"(?P<rest>.+?)\s*[(\[](?:(?i:option|choice|选项)\s*)?(?P<letter>[A-J])[)\]]", re.S
)
_NOTHING = re.compile(
    r"none\s+(?:of\s+(?:the\s+)?(?:above|these|them|options?|given|listed|other)\b.*)?|neither.*"
    r"|以上(?:都|均|皆|全)?(?:不是|不对|错|不正确|错误)|都不对|没有正确(?:选项|答案).*",
    re.I | re.S,
)
_WORD = re.compile(r"(?<![\\A-Za-z])[A-Za-z]{2,}")
_LOOSE = re.compile(r"[\s.,;:!?'\"`*_$。，；：！？“”‘’、()（）-]+")


def letters(text: str, options: Options, *, strict: bool = False) -> str | None:
    """Return the letters that a short text names, sorted; None where it can't be told.

    Args:
        text: Letters alone, the text of an option, or a letter with more behind it.
        options: The prompt's options.
        strict: Whether what stands behind a letter has to be its option.

    Returns:
        Letters, or an empty text where the answer is that no option is right.
    """
    if len(text) > _LONGEST:
        return None
    bare = plain(options.lettered(plain(text)))
    same = [letter for letter, option in options.texts.items() if plain(option) == bare]
    if bare not in options.texts and len(same) == 1:
        return same[0]
    if len(bare) == 1 and bare.upper() in (*options.texts, *LETTERS):
        bare = bare.upper()
    if letter := _with_its_text(bare, options):
        return letter
    if _LIST.fullmatch(bare):
        found = _RUN.findall(re.sub(r"(?i:options?|choices?|answers?)", " ", bare))
        if all(run == "".join(sorted(set(run))) for run in found):  # `AC`, and not `BAD`
            return "".join(sorted(set("".join(found))))
    if option := option_of(bare, options):
        return option
    if _NOTHING.fullmatch(bare):
        return "" if options.texts else None
    for shape in (_BEGINS, _ENDS):
        if (match := shape.fullmatch(bare)) and (found := _with_rest(match, options, strict)):
            return found
    return None


def option_of(text: str, options: Options) -> str | None:
    """Return the only option that reads like a text, or has its value."""
    bare = plain(text)
    if not bare:
        return None
    for alike in (same_text, _same_letters):
        same = [letter for letter, option in options.texts.items() if alike(bare, plain(option))]
        if len(same) == 1:
            return same[0]
        if same:
            return None
    if not is_value(bare):
        return None
    equal = [
        letter
        for letter, option in options.texts.items()
        if same_value(option, bare).outcome == "pass"
    ]
    return equal[0] if len(equal) == 1 else None


def quoted(text: str, options: Options) -> str | None:
    """Return the only option whose text stands in a sentence; not counting parts of its text."""
    said = _LOOSE.sub("", text).casefold()
    loose = {letter: _LOOSE.sub("", one).casefold() for letter, one in options.texts.items()}
    found = {letter: one for letter, one in loose.items() if len(one) > 3 and one in said}
    longest = max(found.values(), key=len, default="")
    rest = [letter for letter, one in found.items() if one == longest or one not in longest]
    return rest[0] if len(rest) == 1 else None


def is_value(text: str) -> bool:
    """Return whether a plain text may be a value that can be computed, rather than words."""
    if len(text) > 200 or is_words(text) or len(_WORD.findall(text)) > 3:
        return False
    return bool(re.search(r"[0-9\\√π∞∅a-z]", text))


def same_value(option: str, answer: str) -> Finding:
    """Compare an option with a value, where both are short."""
    if len(option) > 200:
        return undecided("too_large")
    from potstill.verifiers.compare import compare  # the trees are only needed for values

    return compare(option, answer)


def _with_its_text(text: str, options: Options) -> str | None:
    """Return the letter of `B. Paris`, where that is what B says."""
    match = _BEGINS.fullmatch(text)
    own = plain(options.texts.get(match["letter"], "")) if match else ""
    if match is None or not own or not match["rest"]:
        return None
    rest = plain(match["rest"])
    return match["letter"] if same_text(rest, own) or _same_letters(rest, own) else None


def _with_rest(match: re.Match[str], options: Options, strict: bool) -> str | None:
    letter, rest = match["letter"], plain(match["rest"])
    own = plain(options.texts.get(letter, ""))
    if rest and len(own) > 3 and rest.casefold().startswith(own.casefold()):
        return letter
    spaced = match.re is _BEGINS and match[0][match.end("letter") :].startswith(" ")
    if strict or match.re is _ENDS or (spaced and rest and options.texts):
        said = option_of(rest, options)
        return letter if said == letter else None
    others = set("".join(_RUN.findall(rest))) - {letter}
    if others & set(options.texts or "ABCDEFGH") and not _about_others(rest):
        return None
    said = option_of(rest, options) if rest and options.texts else None
    return letter if said in (None, letter) else None


def _about_others(rest: str) -> bool:
    """Return whether other letters are named only to say that they are wrong."""
    return (
        re.match(r"(?i)[,;(]?\s*(?:and\s+)?(?:not|rather than|instead of|而不是|而非)\b", rest)
        is not None
    )


def _same_letters(one: str, other: str) -> bool:
    """Return whether two texts have the same letters and figures, in any case."""
    if (
        len(one) <= 3
        or not re.search(r"[A-Za-z\u3400-\u9fff]{2}", one)
        or re.search(r"[\\^_]", one)
    ):
        return False
    return _LOOSE.sub("", one).casefold() == _LOOSE.sub("", other).casefold()
