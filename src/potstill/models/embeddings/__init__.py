"""Texts as vectors: models on this machine, and endpoints."""
