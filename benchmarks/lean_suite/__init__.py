"""LEAN's own regression algorithms on the embedded engine: the statistics must be those that LEAN's test expects."""

from benchmarks.lean_suite.command import main

__all__ = ["main"]
