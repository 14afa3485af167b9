"""Points, lists, sets and intervals in other forms, and their near neighbours."""

import re
from collections.abc import Iterator, Sequence
from random import Random
from typing import NamedTuple

from math_rewrite_numbers import Form, fraction, numbers, value

_INFINITE = re.compile(r"([+-]?)\\infty")
_ONE = re.compile(r"([\[(])([^\[\](),]+),([^\[\](),]+)([\])])")


class Interval(NamedTuple):
    """An interval; an end that is None is infinite."""

    low: str | None
    high: str | None
    has_low: bool
    has_high: bool

    def latex(self) -> str:
        """Return it between brackets."""
        low, high = self.low or r"-\infty", self.high or r"\infty"
        return f"{'[' if self.has_low else '('}{low}, {high}{']' if self.has_high else ')'}"

    def relation(self, name: str) -> str:
        """Return it as a chain of inequalities."""
        less_low = r"\le" if self.has_low else "<"
        less_high = r"\le" if self.has_high else "<"
        if self.low is None:
            return f"{name} {less_high} {self.high}"
        if self.high is None:
            return f"{name} {less_low.replace('le', 'ge').replace('<', '>')} {self.low}"
        return f"{self.low} {less_low} {name} {less_high} {self.high}"


def unbracketed(text: str) -> str:
    r"""Return the text without `\left`, `\right` and thin spaces."""
    return re.sub(r"\\(?:left|right)(?![a-z])|\\[,!;]|\\\s", "", text).strip()


def split(text: str) -> list[str]:
    """Return the parts between commas that stand in no brackets."""
    parts, depth = [""], 0
    for sign in text:
        depth += (sign in "([{") - (sign in ")]}")
        if sign == "," and not depth:
            parts.append("")
        else:
            parts[-1] += sign
    return [part.strip() for part in parts]


def intervals(text: str) -> list[Interval] | None:
    """Return the intervals of a union, or None where it is none or may as well be a point."""
    text = re.sub(r"^[a-z]\s*\\in\s*", "", unbracketed(text))
    found: list[Interval] = []
    for part in re.split(r"\\cup", text):
        match = _ONE.fullmatch(part.strip())
        if not match:
            return None
        low, high = match[2].strip(), match[3].strip()
        is_open = (bool(_INFINITE.fullmatch(low)), bool(_INFINITE.fullmatch(high)))
        found.append(
            Interval(
                None if is_open[0] else low,
                None if is_open[1] else high,
                match[1] == "[",
                match[4] == "]",
            )
        )
    sure = len(found) > 1 or any("[" in text or "]" in text or None in one[:2] for one in found)
    ends = [end for one in found for end in one[:2] if end is not None]
    return found if sure and ends and all(value(end) is not None for end in ends) else None


def interval_forms(reference: str, rng: Random) -> Iterator[Form]:
    """Yield an interval as inequality and builder, and others with another bound."""
    found = intervals(reference)
    if not found or any(one[:2] == (None, None) for one in found):
        return
    named = re.match(r"([a-z])\s*\\in", reference)
    name = named[1] if named else rng.choice("xty")
    relation = r" \text{ or } ".join(one.relation(name) for one in found)
    yield "inequality", relation, True
    yield "inequality", relation.replace(r"\le", "≤").replace(r"\ge", "≥"), True
    yield "builder", rf"\{{{name} \mid {relation}\}}", True
    yield "member", rf"{name} \in {union(found)}", True
    if len(found) > 1:
        yield "order", union(found[::-1]), True
        yield "missing", union(found[1:]), False
        yield "missing", found[0].relation(name), False
    for number, one in enumerate(found):
        for other in (*_shut(one), *_moved(one, rng)):
            changed = [*found[:number], other, *found[number + 1 :]]
            kind = "bound_closed" if other[:2] == one[:2] else "bound_moved"
            yield kind, union(changed), False
            yield kind, r" \text{ or } ".join(each.relation(name) for each in changed), False


def union(found: Sequence[Interval]) -> str:
    """Return the union of intervals."""
    return r" \cup ".join(one.latex() for one in found)


def _shut(one: Interval) -> Iterator[Interval]:
    if one.low is not None:
        yield one._replace(has_low=not one.has_low)
    if one.high is not None:
        yield one._replace(has_high=not one.has_high)


def _moved(one: Interval, rng: Random) -> Iterator[Interval]:
    # Outwards, so that no interval is empty or swallowed by its neighbour.
    for name, by in (("low", -1), ("high", 1)):
        end = getattr(one, name)
        number = value(end) if end is not None else None
        if number is not None:
            moved = number + by * rng.randint(1, 3)
            text = str(moved) if moved.denominator == 1 else fraction(moved)
            yield one._replace(**{name: text})


def items(reference: str) -> tuple[str, list[str]] | None:
    """Return the brackets and the items of a point, a set or a list of numbers."""
    text = unbracketed(reference)
    shapes = ((r"\(([^()]+)\)", "()"), (r"\\\{(.+)\\\}", "{}"), (r"([^()\[\]]+)", ""))
    for shape, brackets in shapes:
        match = re.fullmatch(shape, text)
        parts = split(match[1]) if match else []
        if len(parts) > 1 and len({*map(value, parts)} - {None}) == len(parts):
            # `1,234` may be a number.
            spaced = brackets or ", " in text
            return (brackets, parts) if spaced else None
    return None


def item_forms(reference: str, rng: Random) -> Iterator[Form]:
    """Yield points, sets and lists with their items written otherwise, and with other items."""
    found = items(reference)
    if not found or intervals(reference):
        return
    brackets, parts = found
    place = rng.randrange(len(parts))
    for kind, text, equal in numbers(parts[place], rng):
        if kind in ("fraction", "decimal", "slash", "unreduced", "near", "sign", "rounded"):
            other = [*parts[:place], text, *parts[place + 1 :]]
            is_equal = equal or (brackets != "()" and _same(parts, other))
            yield f"item_{kind}", wrapped(brackets, other), is_equal
    rolled = parts[1:] + parts[:1]
    yield "order", wrapped(brackets, rolled), brackets != "()"
    yield "missing", wrapped(brackets, parts[1:]) if len(parts) > 2 else parts[1], False
    yield "extra", wrapped(brackets, [*parts, "1729"]), False
    yield "spacing", wrapped(brackets, parts, r",\ "), True
    if brackets == "()":
        yield "brackets", r"\left(" + ", ".join(parts) + r"\right)", True
    else:
        yield "and", ", ".join(parts[:-1]) + r" \text{ and } " + parts[-1], True
        yield "braces", wrapped("" if brackets else "{}", parts[::-1]), True
        yield "braces", wrapped("{}", rolled[1:]), False


def _same(parts: Sequence[str], others: Sequence[str]) -> bool:
    return {*map(value, parts)} == {*map(value, others)}


def wrapped(brackets: str, parts: Sequence[str], comma: str = ", ") -> str:
    """Return items between brackets."""
    begin, end = {"()": ("(", ")"), "{}": (r"\{", r"\}"), "": ("", "")}[brackets]
    return begin + comma.join(parts) + end
