"""Labelers: what can be told of a problem, such as its category."""
