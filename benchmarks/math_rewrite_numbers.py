"""Numbers and quantities in other forms, and other numbers that look like them."""

import re
from collections.abc import Iterator
from fractions import Fraction
from math import factorial, prod
from random import Random

Form = tuple[str, str, bool]
"""The kind of a rewriting, the rewritten answer, and whether it is equal."""

_FRACTION = re.compile(r"(-?)\\[dt]?frac\s*(?:\{(\d+)\}|(\d))\s*(?:\{(\d+)\}|(\d))")
_PLAIN = re.compile(r"-?(?:\d{1,3}(?:,(?:\\!)?\d{3})+|\d+)(?:\.\d+)?|-?\.\d+")
_UNITS: dict[str, tuple[str, Fraction, str]] = {
    "mm": ("length", Fraction(1, 1000), "millimeters"),
    "cm": ("length", Fraction(1, 100), "centimeters"),
    "m": ("length", Fraction(1), "meters"),
    "km": ("length", Fraction(1000), "kilometers"),
    "g": ("mass", Fraction(1), "grams"),
    "kg": ("mass", Fraction(1000), "kilograms"),
    "mL": ("volume", Fraction(1), "milliliters"),
    "L": ("volume", Fraction(1000), "liters"),
    "s": ("time", Fraction(1), "seconds"),
    "min": ("time", Fraction(60), "minutes"),
    "h": ("time", Fraction(3600), "hours"),
    "cm^2": ("area", Fraction(1, 10**4), "square centimeters"),
    "m^2": ("area", Fraction(1), "square meters"),
}
_QUANTITY = re.compile(r"(\S+?)(?:\\,|\s)*\\text\{\s*([A-Za-z]+)\s*\}(\^2)?")
# fmt: off
_ONES = [
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
    "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
]
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
# fmt: on
_MOST_PLACES = 9


def value(text: str) -> Fraction | None:
    """Return the value of digits or of a fraction of two of them."""
    text = text.strip()
    if match := _FRACTION.fullmatch(text):
        sign, *digits = match.groups()
        above, below = (int(one) for one in digits if one)
        return Fraction(-above if sign else above, below) if below else None
    if _PLAIN.fullmatch(text):
        return Fraction(text.replace(",", "").replace(r"\!", ""))
    return None


def decimal(number: Fraction, places: int | None = None) -> str | None:
    """Return the number with digits behind the point, or None where they don't end soon."""
    if places is None:
        scaled = next((n for n in range(_MOST_PLACES) if 10**n % number.denominator == 0), None)
        if scaled is None:
            return None
        places = scaled
    digits = f"{abs(round(number * 10**places)):0{places + 1}d}"
    sign = "-" if number < 0 else ""
    return f"{sign}{digits[:-places]}.{digits[-places:]}" if places else sign + digits


def fraction(number: Fraction, by: int = 1) -> str:
    """Return the number as a fraction in LaTeX, both parts multiplied."""
    sign = "-" if number < 0 else ""
    return rf"{sign}\frac{{{abs(number.numerator) * by}}}{{{number.denominator * by}}}"


def in_words(number: int) -> str:
    """Return a number from 0 to 999 in English."""
    if number < 20:
        return _ONES[number]
    if number < 100:
        rest = number % 10
        return _TENS[number // 10 - 2] + (f"-{_ONES[rest]}" if rest else "")
    rest = f" {in_words(number % 100)}" if number % 100 else ""
    return f"{_ONES[number // 100]} hundred{rest}"


def in_base(number: int, base: int) -> str:
    """Return the digits of a positive number in another base, with the base below."""
    digits = ""
    left = number
    while left:
        left, digit = divmod(left, base)
        digits = "0123456789ABCDEF"[digit] + digits
    return f"{digits}_{base}" if base < 10 else f"{digits}_{{{base}}}"


def numbers(reference: str, rng: Random) -> Iterator[Form]:
    """Yield what is equal to a number, and what only looks like it."""
    number = value(reference)
    if number is None:
        return
    if number.denominator == 1:
        yield from _integers(int(number), rng)
    else:
        yield from _fractions(number, rng)
    if number:
        yield "sign", fraction(-number) if number.denominator > 1 else str(-number), False


def _integers(number: int, rng: Random) -> Iterator[Form]:
    yield "point_zero", f"{number}.0", True
    yield "fraction", fraction(Fraction(number), rng.randint(2, 9)), True
    part = rng.randint(2, 99)
    yield "sum", f"{number - part}+{part}", True
    if abs(number) >= 1000:
        for mark in (",", "{,}", r"\,", r",\!"):
            yield "thousands", f"{number:,}".replace(",", mark), True
        zeros = len(str(abs(number))) - 1
        mantissa = decimal(Fraction(number, 10**zeros), zeros)
        yield "scientific", rf"{mantissa} \times 10^{{{zeros}}}", True
        yield "exponent", rf"{mantissa} \times 10^{{{zeros + 1}}}", False
    if 0 <= number < 1000:
        yield "words", in_words(number), True
        yield "words", in_words(number + 1), False
        yield "words", in_words(abs(number - 10)), number == 5
    if 1 < number < 10**6:
        base = rng.choice((2, 3, 5, 7, 8, 16))
        yield "base", in_base(number, base), True
        yield "base", in_base(number + rng.choice((1, base)), base), False
    for root in (2, 3):
        if 1 < number < 10**7 and round(number ** (1 / root)) ** root == number:
            whole = round(number ** (1 / root))
            yield "power", f"{whole}^{root}", True
            yield "root", rf"\sqrt{{{number**2}}}", True
            yield "power", f"{whole}^{root + 1}", False
    for n in range(4, 10):
        if factorial(n) == number:
            yield "factorial", f"{n}!", True
    for n in range(5, 13):
        for k in (2, 3):
            if prod(range(n - k + 1, n + 1)) // factorial(k) == number:
                yield "binomial", rf"\binom{{{n}}}{{{k}}}", True
                yield "binomial", rf"\binom{{{n}}}{{{k - 1}}}", k == n - k + 1
    yield "near", str(number + rng.choice((-1, 1))), False
    yield "near", f"{number}.5", False
    yield "digit", _other_digit(number, rng), False
    yield "digit", f"{number}0", number == 0
    yield "reciprocal", rf"\frac{{1}}{{{number}}}", number in (1, -1)


def _other_digit(number: int, rng: Random) -> str:
    digits = str(abs(number))
    place = rng.randrange(len(digits))
    other = rng.choice([one for one in "123456789" if one != digits[place]])
    return ("-" if number < 0 else "") + digits[:place] + other + digits[place + 1 :]


def _fractions(number: Fraction, rng: Random) -> Iterator[Form]:
    above, below = number.numerator, number.denominator
    yield "slash", f"{above}/{below}", True
    yield "unreduced", fraction(number, rng.randint(2, 9)), True
    yield "fraction", fraction(number), True
    if number < 0:
        yield "sign_place", rf"\frac{{{above}}}{{{below}}}", True
        yield "sign_place", rf"\frac{{{-above}}}{{-{below}}}", True
    exact = decimal(number)
    if exact:
        yield "decimal", exact, True
        yield "decimal", exact + "0", True
        yield "percent", f"{decimal(number * 100)}\\%", True
        yield "percent", f"{decimal(number * 1000)}\\%", False
        places = len(exact.partition(".")[2])
        if places > 1:
            yield "rounded", decimal(number, places - 1) or "", False
    else:
        yield "rounded", decimal(number, rng.randint(2, 9)) or "", False
    if abs(number) > 1:
        whole, rest = divmod(abs(above), below)
        sign = "-" if number < 0 else ""
        yield "mixed", rf"{sign}{whole}\frac{{{rest}}}{{{below}}}", True
        yield "mixed", rf"{sign}{whole + 1}\frac{{{rest}}}{{{below}}}", False
    yield "reciprocal", fraction(1 / number), abs(number) == 1
    yield "near", fraction(Fraction(above + rng.choice((-1, 1)), below)), False
    yield "near", fraction(Fraction(above, below + 1)), False


def quantities(reference: str, rng: Random) -> Iterator[Form]:
    """Yield a quantity in other units, and quantities that are others."""
    match = _QUANTITY.fullmatch(reference.strip())
    number = value(match[1]) if match else None
    name = match[2] + (match[3] or "") if match else ""
    if number is None or name not in _UNITS or number == 0:
        return
    kind, factor, word = _UNITS[name]
    figure = match[1] if match else ""
    yield "unit_word", f"{figure} {word}", True
    yield "unit_left_out", figure, True
    for other, (its_kind, its_factor, its_word) in _UNITS.items():
        if its_kind == kind and other != name:
            exact = decimal(number * factor / its_factor)
            if exact:
                yield "unit_converted", f"{exact} {rng.choice((other, its_word))}", True
                wrong = decimal(number * factor / its_factor * 10) or ""
                yield "unit_converted", f"{wrong} {its_word}", False
            yield "unit", f"{figure} {its_word}", False
    yield "unit_dimension", f"{figure} {'kilograms' if kind == 'length' else 'meters'}", False
    yield "near", f"{decimal(number + 1) or fraction(number + 1)} {word}", False
