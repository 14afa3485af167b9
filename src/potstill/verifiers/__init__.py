"""Judges of responses: one file, one verifier, beside the parts that they share."""
