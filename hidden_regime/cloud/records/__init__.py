"""What the cloud answers, as values: open to whatever is new, missing or of another type."""
