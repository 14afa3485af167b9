"""What a comparison lets pass beyond equality."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rules:
    """Options of a comparison; as they stand nothing but equality passes."""

    tolerance: float | None = None
    """Largest relative difference of two numbers that pass as equal."""
    rounding: bool = False
    """Whether a number passes that rounds to the reference, where that is a decimal."""
