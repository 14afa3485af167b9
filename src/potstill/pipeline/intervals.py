"""What a few calls tell of all of them: a total with an interval.

The calls of a teacher are drawn in proportion over reasoning modes, sources and categories, so that
their plain mean stands for all of them. The interval is Student's t for the sum of the values that
were not drawn; of several teachers the variances add up, with the degrees of freedom of Welch and
Satterthwaite (1946). Spreading the draw makes it rather too wide than too narrow, long tails rather
too narrow: for answers whose lengths are log-normal with a standard deviation of 0.8 of the
logarithm, 20 calls cover 84 of 100 totals, and 50 calls 87.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import NormalDist, fmean, variance

from potstill.records import Record

LEVEL = 0.9
"""Share of forecasts that should hold what it turns out to be."""


class Range(Record):
    """A figure that is not known yet."""

    expected: float
    """The likeliest."""
    low: float
    """It is between this, with nine chances in ten,"""
    high: float
    """and this."""

    def times(self, factor: float) -> "Range":
        """Return the range of a multiple."""
        return Range(
            expected=self.expected * factor, low=self.low * factor, high=self.high * factor
        )


@dataclass(frozen=True)
class Total:
    """A sum of which a part is known."""

    expected: float
    """The likeliest."""
    known: float
    """What it can't be below."""
    spread: float
    """The variance of what is not known."""
    freedom: float
    """Degrees of freedom of that variance."""

    def range(self) -> Range:
        """Return the expected value with its interval."""
        half = quantile(self.freedom) * math.sqrt(self.spread) if self.spread else 0.0
        low = max(self.known, self.expected - half)
        return Range(expected=self.expected, low=low, high=self.expected + half)


def total(drawn: Sequence[float], count: int) -> Total:
    """Return the sum over `count` values of which some were drawn at random.

    One value alone says nothing of how they differ: it is then taken for its own deviation.
    """
    if not drawn:
        return Total(0.0, 0.0, 0.0, math.inf)
    mean, known, left = fmean(drawn), math.fsum(drawn), count - len(drawn)
    each = variance(drawn) if len(drawn) > 1 else mean**2
    spread = left**2 * each * (1 / len(drawn) + 1 / left) if left else 0.0
    return Total(known + left * mean, known, spread, max(1, len(drawn) - 1))


def together(totals: Iterable[Total]) -> Total:
    """Return the sum of independent ones."""
    parts = list(totals)
    spread = math.fsum(part.spread for part in parts)
    weights = math.fsum(part.spread**2 / part.freedom for part in parts)
    return Total(
        math.fsum(part.expected for part in parts),
        math.fsum(part.known for part in parts),
        spread,
        spread**2 / weights if weights else math.inf,
    )


def quantile(freedom: float, level: float = LEVEL) -> float:
    """Return which multiple of its deviation a value stays within, by Student's t.

    The expansion of Abramowitz and Stegun, 26.7.5, right to 1 % from 2 degrees of freedom on.
    """
    z = NormalDist().inv_cdf((1 + level) / 2)
    if freedom < 2:
        return math.tan(math.pi * level / 2)  # exact for 1, which is Cauchy's
    terms = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160,
    )
    return z + sum(term / freedom**power for power, term in enumerate(terms, start=1))
