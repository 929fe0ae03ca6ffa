"""LEAN's QuantBook for notebooks without LEAN."""

from hidden_regime.notebooks.quantbook.book import QuantBook

__all__ = ["QuantBook"]
