"""Filters: a sample is kept, or rejected with a reason."""
