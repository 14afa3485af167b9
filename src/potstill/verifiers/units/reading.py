"""The unit that stands at a place in a text."""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import takewhile
from typing import NamedTuple

from potstill.verifiers.expressions.nodes import Unit
from potstill.verifiers.units import counted
from potstill.verifiers.units.combining import Part, combine
from potstill.verifiers.units.dressed import Token, fraction, tokens
from potstill.verifiers.units.names import (
    AFTER,
    GLUED,
    HAN_STOPS,
    POWERS,
    POWERS_BEHIND,
    TAILS,
)
from potstill.verifiers.units.table import Known, table

_WINDOW = 120
"""Characters that are looked at."""
_FIRST = re.compile(r"[A-Za-z \\~{^%‰°º€£¥￥₹₽¢$ΩΩÅℓµμ℃℉′″'\"/\u4e00-\u9fff]")
_MONEY = re.compile(
    r"(?:\\text\{\s*)?(US\\?\$|HK\\?\$|\\?\$|€|£|¥|￥|₹|₽|\\pounds(?![A-Za-z])|\\yen(?![A-Za-z])"
    r"|\\euro(?![A-Za-z])|(?:USD|RMB|CNY|EUR|GBP|HKD|INR|Rs\.?)(?=\s*[0-9]))(?:\s*\})?"
)
_COMMANDS = {"\\pounds": "£", "\\yen": "¥", "\\euro": "€", "RMB": "元", "Rs.": "Rs"}
_LONE = frozenset("mgshLNJWVAK")
"""Letters that may be a unit behind a space, where nothing but a closing sign follows."""
_CLOSED = re.compile(r"\s*(?:$|[,;.)\]}。，；、|&]|\\\\|\\\)|\\\]|\$|and\b|or\b|[\u4e00-\u9fff])")
_JOINED = re.compile(r"\s*[_^(']|[A-Za-z0-9]|\\(?:sqrt|frac)")
_TAIL = re.compile(r"\s+([a-z]+)(?: [a-z]+){0,4}(?=\.?\s*(?:$|[,;]))")
_HAN_EXCEPTIONS = re.compile(
    "年级|月份|分之|角[形度]|天[下然]|日[报期]|两[个者]|周[长率]|成[绩立]|里面|时[候间]|块状|度数|节[课目]"
)
"""Words that only begin like a unit."""
_HAN_INEXACT = re.compile("[多余几]|左右|上下|以[上下内外]")
_NUMERAL = re.compile("[0-9零〇一二两三四五六七八九十百千万半负]")
_LONGEST = 10
"""Most characters of a Chinese unit."""


def match(text: str, start: int, *, after: Unit | None = None) -> tuple[Unit, int] | None:
    r"""Return the unit at a place behind a value, and where it ends.

    It may be set in a LaTeX font or not, and have spaces before it: `\text{ cm}^2`, ` km/h`,
    `平方厘米`, `^\circ`, `\%`, ` dollars per hour`. The longest counts. Letters are a unit rather
    than variables where they are set as text; where they are a word or an abbreviation of several
    letters behind a space; right behind the value only abbreviations that everybody knows (`5kg`,
    and not `5m`) and full names; single letters only behind a space, and where nothing follows that
    goes on with the expression.

    What no table knows is a counting word, if it is one Chinese word or an English phrase up to the
    end of the text or a comma: its dimension is `=` and the word (`=apple`), for words that only
    count (个, ways) `=` alone, which says no more than no unit.

    Args:
        text: The whole text.
        start: Where the value ends.
        after: The unit of the quantity just before this value, for parts of one measurement:
            分 is the tenth of 角 in 3元5角2分, and a minute in 2时30分 and 30度15分.
    """
    if start >= len(text) or not _FIRST.match(text[start]):
        return None
    found = _match(text[start : start + _WINDOW], after.dimension if after else "")
    return (found[0], start + found[1]) if found else None


def money(text: str, start: int) -> tuple[Unit, int] | None:
    r"""Return the currency whose sign stands at a place before a value: `$`, `\$`, `€`, `US$`."""
    if (found := _MONEY.match(text, start, start + _WINDOW)) is None:
        return None
    sign = found[1] if found[1] in _COMMANDS else found[1].replace("\\", "")
    return combine([Part(table().signs[_COMMANDS.get(sign, sign)])]), found.end()


@lru_cache(maxsize=4096)
def _match(text: str, after: str) -> tuple[Unit, int] | None:
    read = tokens(text)
    if read and (known := AFTER.get(after, {}).get(read[0].text)) and read[0].whole:
        return combine([Part(table().names[known])]), read[0].end
    found = _known(read, text) or _counted(read, text)
    return (combine(found[0]), found[1]) if found else None


class _Factor(NamedTuple):
    parts: tuple[Part, ...]
    next: int
    """The token behind it."""
    end: int | None = None
    """Where it ends inside its last token, if not with that."""


def _known(read: Sequence[Token], text: str) -> tuple[tuple[Part, ...], int] | None:
    """Return the longest product of known units, and where it ends."""
    best: tuple[tuple[Part, ...], int] | None = None
    for product in _products(read):
        last = read[product.next - 1]
        end = product.end or last.end
        if last.whole and (ended := _ended(read[0], product.parts, text, end)):
            best = product.parts, ended
    return best


def _products(read: Sequence[Token]) -> Iterator[_Factor]:
    """Yield the product of units up to each of them, from left to right."""
    parts: tuple[Part, ...] = ()
    i, sign, inside, bound = 0, 1, False, True
    while i < len(read):
        if (divides := _divides(read, i)) or (read[i].kind == "dot" and parts):
            sign, bound, i = -1 if divides else sign, True, i + 1
            if i < len(read) and read[i].kind == "left":
                inside, i = True, i + 1
            continue
        ends = not bound and read[i].spaced and not _goes_on(read, i)
        if ends or (factor := _factor(read, i)) is None:
            return
        parts += tuple(part._replace(power=part.power * sign) for part in factor.parts)
        i, bound = factor.next, False
        if inside and i < len(read) and read[i].kind == "right":
            inside, i = False, i + 1
        if not inside:
            yield _Factor(parts, i, factor.end)
        if factor.end:
            return


def _divides(read: Sequence[Token], i: int) -> bool:
    if read[i].kind == "per":
        return i > 0 or (len(read) > 1 and len(read[1].text) > 2)  # 15/month
    return read[i].text in ("per", "a", "an") and not (i == 0 and _named(read, i))  # per cent


def _goes_on(read: Sequence[Token], i: int) -> bool:
    """Return whether a word behind a space goes on with a product: `kg m/s`, `m s^{-1}`."""
    token, before = read[i], read[i - 1].text
    if token.as_text or (i + 1 < len(read) and read[i + 1].text.startswith("-")):
        return True
    return len(before) == 2 and before in GLUED and token.text in _LONE


def _factor(read: Sequence[Token], i: int) -> _Factor | None:
    token = read[i]
    if token.kind == "frac":
        return _quotient(token, i)
    if token.kind == "han":
        return _han(token, read, i)
    raised = POWERS.get(token.text.lower(), 1) if token.kind == "word" else 1
    if raised > 1:
        i += 1
    if (named := _named(read, i)) is None:
        return None
    known, i = named
    power, i = _power(read, i)
    return _Factor((Part(known, power * raised),), i)


def _quotient(token: Token, i: int) -> _Factor | None:
    above, below = (_known(tokens(half, as_text=True), half) for half in fraction(token.text))
    if not above or not below:
        return None
    turned = tuple(part._replace(power=-part.power) for part in below[0])
    return _Factor(above[0] + turned, i + 1)


def _named(read: Sequence[Token], i: int) -> tuple[Known, int] | None:
    """Return the unit that the next words name, the most words that can be."""
    following = takewhile(lambda token: token.kind in ("word", "degree"), read[i : i + 3])
    words = [token.text for token in following]
    for count in range(len(words), 1, -1):
        phrase = "".join(words[:count]) if words[0] == "°" else " ".join(words[:count])
        known = table().words.get(phrase.lower()) or table().signs.get(phrase)
        if known:
            return known, i + count
    return (known, i + 1) if words and (known := _word(words[0])) else None


def _word(word: str) -> Known | None:
    if known := table().signs.get(word) or table().words.get(word.lower()):
        return known
    bare = word.removesuffix(".")
    if bare != word:
        return _word(bare)
    return table().signs.get(word.lower()) if len(word) > 1 and word.isupper() else None


def _power(read: Sequence[Token], i: int) -> tuple[int, int]:
    if i < len(read):
        token = read[i]
        if token.kind == "power":
            return int(token.text), i + 1
        if token.kind == "word" and token.text.lower() in POWERS_BEHIND:
            return POWERS_BEHIND[token.text.lower()], i + 1
    return 1, i


def _han(token: Token, read: Sequence[Token], i: int) -> _Factor | None:
    """Return a Chinese unit, with words behind it that don't matter: 5米绳子."""
    run = token.text
    if _HAN_EXCEPTIONS.match(run):
        return None
    raised, name = 1, run
    for sign, power in POWERS.items():
        if run.startswith(sign) and len(run) > len(sign):
            raised, name = power, run[len(sign) :]
    size = next((n for n in range(min(len(name), _LONGEST), 0, -1) if name[:n] in table().han), 0)
    if not size or _HAN_INEXACT.match(name, size):
        return None
    known, rest = table().han[name[:size]], name[size:]
    if not rest:
        power, following = _power(read, i + 1)
        return _Factor((Part(known, raised * power),), following)
    end = token.start + len(run) - len(rest)
    if rest[0] not in HAN_STOPS and not _NUMERAL.match(rest):
        stop = next((n for n, character in enumerate(rest) if character in HAN_STOPS), len(rest))
        end += stop
    return _Factor((Part(known, raised),), i + 1, end if end < token.start + len(run) else None)


def _ended(first: Token, parts: Sequence[Part], text: str, end: int) -> int | None:
    """Return where a unit ends, or None where its letters are more likely variables."""
    letters = first.text.strip(".")
    if first.kind != "word" or not (letters.isascii() and letters.isalpha()):
        return end
    if _JOINED.match(text, end) or not (first.as_text or _is_sure(first, parts, text, end)):
        return None
    return _with_tail(text, end)


def _is_sure(first: Token, parts: Sequence[Part], text: str, end: int) -> bool:
    """Return whether letters that no font sets as text are a unit."""
    letters, alone = first.text.strip("."), len(parts) == 1
    if not first.spaced:
        if alone:
            return letters in GLUED or len(letters) > 3
        return len(letters) > 1 or parts[1].power < 0
    if len(letters) == 1 and alone:
        return letters in _LONE and _CLOSED.match(text, end) is not None
    return letters != "in" or _CLOSED.match(text, end) is not None


def _with_tail(text: str, end: int) -> int:
    """Return where the words end that may go on behind a unit: `feet tall`, `miles away`."""
    tail = _TAIL.match(text, end)
    return tail.end() if tail and tail[1] in TAILS else end


def _counted(read: Sequence[Token], text: str) -> tuple[tuple[Part, ...], int] | None:
    if not read:
        return None
    if read[0].kind == "han":
        found = counted.han(read[0].text)
        if not found or (found[1] < len(read[0].text) and not read[0].whole):
            return None
        end = read[0].start + found[1] if found[1] < len(read[0].text) else read[0].end
        return (found[0],), end
    word = counted.english(text)
    return ((word[0],), word[1]) if word else None


PERCENT = Unit("%", "1", combine([Part(Known("%", "percent"))]).factor)
"""Per cent, for whoever reads it out of 百分之五."""
