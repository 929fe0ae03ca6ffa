"""Former address of `hidden_regime.quantconnect.profiling`, for code that names it."""

from hidden_regime.quantconnect.profiling import PerformanceProfiler, get_global_profiler, profile_regime_update

__all__ = ["PerformanceProfiler", "get_global_profiler", "profile_regime_update"]
