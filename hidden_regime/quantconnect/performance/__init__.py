"""Measuring and speeding up regime detection inside an algorithm."""

from hidden_regime.quantconnect.performance.profiling import PerformanceProfiler, get_global_profiler, profile_regime_update

__all__ = ["PerformanceProfiler", "get_global_profiler", "profile_regime_update"]
