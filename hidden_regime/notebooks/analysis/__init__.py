"""Notebooks that show what an experiment came to."""

from hidden_regime.notebooks.analysis.making import KINDS, new_notebook

__all__ = ["KINDS", "new_notebook"]
