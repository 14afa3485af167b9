"""Formats: a sample as one row of an exported dataset."""
