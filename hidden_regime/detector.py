"""Former address of `hidden_regime.detection.detector`, for code that names it."""

from hidden_regime.detection.detector import RegimeDetector

__all__ = ["RegimeDetector"]
