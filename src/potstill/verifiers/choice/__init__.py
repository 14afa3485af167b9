"""Multiple choice, in English and Chinese."""

from potstill.verifiers.choice.verdicts import choice, verify_choice

__all__ = ["choice", "verify_choice"]
