"""Mathematical answers as trees: read from LaTeX, plain text and Chinese; nothing is computed."""
