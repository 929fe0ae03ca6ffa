"""One run of a strategy after another: what it depends on, what it came to, and where that is kept."""
