"""Numbers in words, Chinese and English, read exactly."""

from potstill.verifiers.numerals.english import english
from potstill.verifiers.numerals.han import chinese
from potstill.verifiers.numerals.matching import match, percent

__all__ = ["chinese", "english", "match", "percent"]
