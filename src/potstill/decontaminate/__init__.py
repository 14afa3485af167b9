"""Finders of benchmark items among problems."""
