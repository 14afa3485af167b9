"""potstill."""
