"""Runs notebooks from beginning to end."""

from hidden_regime.notebooks.running.run import run_notebook

__all__ = ["run_notebook"]
