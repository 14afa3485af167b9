"""Schemas: the shapes in which published datasets keep a problem and its response."""
