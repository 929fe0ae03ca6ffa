"""Measuring and speeding up regime detection inside an algorithm."""

from hidden_regime.quantconnect.performance.profiling import PerformanceProfiler

__all__ = ["PerformanceProfiler"]
