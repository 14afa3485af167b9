"""Asking a teacher by batches: OpenAI's file protocol, in which answers are cheap and late."""
