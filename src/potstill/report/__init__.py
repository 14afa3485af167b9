"""What a run tells a person: where it stands, and what became of one row."""
