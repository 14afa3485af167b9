"""How far a comparison computes, and how an evaluation says that it goes no further."""

BITS = 66_000
"""Most bits of a number that is computed exactly: about 20,000 digits."""
TERMS = 2_000
"""Most terms of a sum or factors of a product that are added or multiplied."""
NESTED = 40
"""Most of them where each is such a sum itself."""
ITEMS = 400
"""Most items of a list or set that are matched with another's."""


class Unsupported(Exception):
    """There is no evaluating this here, whatever it is worth."""


class Undefined(Unsupported):
    """It has no value: a division by zero, the logarithm of zero."""


class TooLarge(Unsupported):
    """It has a value that is too large to be computed."""
