"""What `python -m benchmarks truth` is made of: series whose regimes are known, what finds them, and how right that is."""
