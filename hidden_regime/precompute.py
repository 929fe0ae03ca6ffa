"""Former address of `hidden_regime.many.run`, for code that names it."""

from hidden_regime.many.run import ManyRegimes, precompute, run_many

__all__ = ["ManyRegimes", "precompute", "run_many"]
