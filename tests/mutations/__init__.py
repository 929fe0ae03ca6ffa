"""Mistakes of one line that some test must see: `python -m tests.mutations` makes each of them in a copy. See `__main__.py`."""
