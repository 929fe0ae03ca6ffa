"""Reads a notebook without running it: calls that don't exist, and what to use instead."""

from hidden_regime.notebooks.linting.check import lint
from hidden_regime.notebooks.linting.findings import Finding

__all__ = ["Finding", "lint"]
