"""The stages of the line, one short function each: gather, dedup, …, export."""
