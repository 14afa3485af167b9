"""What units are worth: Pint's definitions, and those that Pint lacks or has otherwise.

Pint (github.com/hgrecco/pint) is imported at the first unit that needs it. Our own are:

- Units of angle and information, fractions, and currencies, which Pint takes for pure numbers or
  leaves out. Degrees are not turned into radians here: π is no fraction.
- The year as 12 months, and neither in days, since a year may have 365 or 366.
- The acre as 43,560 international square feet; Pint's is by the survey foot.
- The Chinese units of today: 1 斤 = 500 g, 1 里 = 500 m, 15 亩 = 1 ha (State Council, 1959).
"""

from collections.abc import Mapping
from fractions import Fraction
from functools import cache
from importlib import import_module
from typing import NamedTuple, Protocol

Dimension = tuple[tuple[str, int], ...]
"""Base dimensions with their powers, sorted."""


class Worth(NamedTuple):
    """What one of a unit is, in base units of its dimension."""

    dimension: Dimension
    factor: Fraction
    offset: Fraction = Fraction(0)


_LENGTH, _AREA, _MASS = (("length", 1),), (("length", 2),), (("mass", 1),)
_TIME, _TEMPERATURE = (("time", 1),), (("temperature", 1),)
_MONTH = (("~month", 1),)
_ANGLE, _FRACTION, _BIT = (("degree", 1),), (), (("bit", 1),)


def _currency(name: str) -> Dimension:
    return ((name, 1),)


_UNSURE = ("ton", "KB", "MB", "GB", "TB", "unit", "分")
"""Units of no one size: short and long tons, 1,000 or 1,024 bytes; 分 of money, time or marks.

Like months, which are no fixed number of days, they have a dimension of their own that begins with
`~`: whether another unit says the same can't be told.
"""
OWN: Mapping[str, Worth] = {
    "li": Worth(_LENGTH, Fraction(500)),
    "zhang": Worth(_LENGTH, Fraction(10, 3)),
    "chi": Worth(_LENGTH, Fraction(1, 3)),
    "cun": Worth(_LENGTH, Fraction(1, 30)),
    "acre": Worth(_AREA, 43560 * Fraction(3048, 10000) ** 2),
    "mu": Worth(_AREA, Fraction(2000, 3)),
    "jin": Worth(_MASS, Fraction(1, 2)),
    "liang": Worth(_MASS, Fraction(1, 20)),
    "quarter_hour": Worth(_TIME, Fraction(900)),
    "month": Worth(_MONTH, Fraction(1)),
    "quarter_year": Worth(_MONTH, Fraction(3)),
    "year": Worth(_MONTH, Fraction(12)),
    "decade": Worth(_MONTH, Fraction(120)),
    "century": Worth(_MONTH, Fraction(1200)),
    "celsius": Worth(_TEMPERATURE, Fraction(1), Fraction(27315, 100)),
    "fahrenheit": Worth(_TEMPERATURE, Fraction(5, 9), Fraction(45967, 180)),
    "degree": Worth(_ANGLE, Fraction(1)),
    "arcminute": Worth(_ANGLE, Fraction(1, 60)),
    "arcsecond": Worth(_ANGLE, Fraction(1, 3600)),
    "radian": Worth((("radian", 1),), Fraction(1)),
    "steradian": Worth((("radian", 2),), Fraction(1)),
    "percent": Worth(_FRACTION, Fraction(1, 100)),
    "permille": Worth(_FRACTION, Fraction(1, 1000)),
    "ppm": Worth(_FRACTION, Fraction(1, 10**6)),
    "tenth": Worth(_FRACTION, Fraction(1, 10)),
    "bit": Worth(_BIT, Fraction(1)),
    "byte": Worth(_BIT, Fraction(8)),
    "kibibyte": Worth(_BIT, Fraction(8 * 2**10)),
    "mebibyte": Worth(_BIT, Fraction(8 * 2**20)),
    "gibibyte": Worth(_BIT, Fraction(8 * 2**30)),
    **{name: Worth(((f"~{name}", 1),), Fraction(1)) for name in _UNSURE},
    "usd": Worth(_currency("USD"), Fraction(1)),
    "cent": Worth(_currency("USD"), Fraction(1, 100)),
    "eur": Worth(_currency("EUR"), Fraction(1)),
    "gbp": Worth(_currency("GBP"), Fraction(1)),
    "pence": Worth(_currency("GBP"), Fraction(1, 100)),
    "cny": Worth(_currency("CNY"), Fraction(1)),
    "jiao": Worth(_currency("CNY"), Fraction(1, 10)),
    "fen": Worth(_currency("CNY"), Fraction(1, 100)),
    "jpy": Worth(_currency("JPY"), Fraction(1)),
    "hkd": Worth(_currency("HKD"), Fraction(1)),
    "inr": Worth(_currency("INR"), Fraction(1)),
    "rub": Worth(_currency("RUB"), Fraction(1)),
}
"""The units that Pint is not asked about."""


class _Quantity(Protocol):
    magnitude: Fraction
    dimensionality: Mapping[str, int | float | Fraction]

    def to_base_units(self) -> "_Quantity": ...


class _Registry(Protocol):
    def Quantity(self, value: Fraction, unit: str) -> _Quantity: ...  # noqa: N802


@cache
def worth(name: str) -> Worth:
    """Return what the unit of a name in `names.py` is worth."""
    if name in OWN:
        return OWN[name]
    quantity = _registry().Quantity(Fraction(1), name).to_base_units()
    dimension = sorted((k.strip("[]"), int(v)) for k, v in quantity.dimensionality.items())
    return Worth(tuple(dimension), Fraction(quantity.magnitude))


@cache
def _registry() -> _Registry:
    return import_module("pint").UnitRegistry(non_int_type=Fraction)
