"""Readers of problems: one row is one `Problem`, or a `Dropped` that says why not."""
