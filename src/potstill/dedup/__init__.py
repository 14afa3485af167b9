"""Finders of repeated problems."""
