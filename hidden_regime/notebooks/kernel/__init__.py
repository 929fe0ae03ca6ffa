"""What a notebook finds when it begins: LEAN's names, QuantBook, `report` and `api`."""

from hidden_regime.notebooks.kernel.beginning import begin

__all__ = ["begin"]
