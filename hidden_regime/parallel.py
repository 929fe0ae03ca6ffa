"""Former address of `hidden_regime.many.parallel`, for code that names it."""

from hidden_regime.many.parallel import BatchTrainer

__all__ = ["BatchTrainer"]
