"""Former address of `hidden_regime.quantconnect.by_hand.benchmarking`, for code that names it."""

from hidden_regime.quantconnect.by_hand.benchmarking import RegimeDetectionBenchmark

__all__ = ["RegimeDetectionBenchmark"]
