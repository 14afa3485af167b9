"""Comparison of two answers that were read: by value, by what they solve, by what they hold."""
