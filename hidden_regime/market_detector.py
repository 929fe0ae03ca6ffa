"""Former address of `hidden_regime.detection.market`, for code that names it."""

from hidden_regime.detection.market import MarketDetector

__all__ = ["MarketDetector"]
