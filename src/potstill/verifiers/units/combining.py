"""Units put together of parts: km/h, kg·m², dollars per apple."""

from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

from potstill.verifiers.expressions.nodes import Unit
from potstill.verifiers.units.definitions import Worth, worth
from potstill.verifiers.units.table import Known

_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


class Part(NamedTuple):
    """One unit with its power."""

    unit: Known | str
    """A word where no unit is known; empty for one that only counts."""
    power: int = 1


def combine(parts: Sequence[Part]) -> Unit:
    """Return the unit that a product of powers is."""
    factor = Fraction(1)
    powers: dict[str, int] = {}
    for part in parts:
        one = _worth(part.unit)
        factor *= one.factor**part.power
        for base, power in one.dimension:
            powers[base] = powers.get(base, 0) + power * part.power
    alone = len(parts) == 1 and parts[0].power == 1
    offset = _worth(parts[0].unit).offset if alone else Fraction(0)
    name, dimension = _name(parts), _dimension(powers)
    if dimension == "1" and not alone:
        dimension = f"~{name}"  # hours a day are no pure number
    return Unit(name, dimension, factor, offset)


def _worth(unit: Known | str) -> Worth:
    if isinstance(unit, Known):
        return worth(unit.known_as)
    return Worth(((f"={unit}", 1),), Fraction(1))


def _dimension(powers: dict[str, int]) -> str:
    """Return base dimensions as one word: `length^2`, `1` for a pure number, `=apple`, `~month`."""
    left = {base: power for base, power in sorted(powers.items()) if power}
    if left.keys() <= {"="}:
        return "=" if left else "1"
    first = {base[0] for base in left}
    mark = "=" if "=" in first else "~" if "~" in first else ""
    product = (
        base.lstrip("=~") + (f"^{power}" if power != 1 else "")
        for base, power in left.items()
        if base != "="
    )
    return mark + " ".join(product)


def _name(parts: Sequence[Part]) -> str:
    above = [_raised(part) for part in parts if part.power > 0]
    below = [_raised(part._replace(power=-part.power)) for part in parts if part.power < 0]
    return "/".join(["·".join(above) or "1", *below])


def _raised(part: Part) -> str:
    name = part.unit.name if isinstance(part.unit, Known) else part.unit
    return name + (str(part.power).translate(_RAISED) if part.power != 1 else "")
