"""Former address of `hidden_regime.regimes.statistics`, for code that names it."""

from hidden_regime.regimes.statistics import regime_table

__all__ = ["regime_table"]
