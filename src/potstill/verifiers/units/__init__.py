"""Units of measurement, money and counting words, read as they are written behind a number."""

from potstill.verifiers.units.reading import PERCENT, match, money

__all__ = ["PERCENT", "match", "money"]
