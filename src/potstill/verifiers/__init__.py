"""Verifiers: plug-ins that say whether a response is right, and the same on plain strings."""

from potstill.verifiers.choice import verify_choice
from potstill.verifiers.math import verify_math

__all__ = ["verify_choice", "verify_math"]
