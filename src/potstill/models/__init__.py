"""Asking models: requests, traces, failures, limits, the client, and two teachers of our own."""
