"""Former address of `hidden_regime.detection.schedule`, for code that names it."""

from hidden_regime.detection.schedule import Schedule

__all__ = ["Schedule"]
