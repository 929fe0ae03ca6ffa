"""Measuring and speeding up regime detection inside an algorithm."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hidden_regime.quantconnect.performance.batch_updates import (
        BatchRegimeUpdater,
        OptimizedMultiAssetUpdater,
        create_batch_updater,
    )
    from hidden_regime.quantconnect.performance.benchmarking import RegimeDetectionBenchmark
    from hidden_regime.quantconnect.performance.caching import CachedRegimeDetector, RegimeModelCache, create_cached_detector
    from hidden_regime.quantconnect.performance.profiling import (
        PerformanceProfiler,
        get_global_profiler,
        profile_regime_update,
    )

_HERE = "hidden_regime.quantconnect.performance"
_HOMES = {
    "BatchRegimeUpdater": f"{_HERE}.batch_updates",
    "CachedRegimeDetector": f"{_HERE}.caching",
    "OptimizedMultiAssetUpdater": f"{_HERE}.batch_updates",
    "PerformanceProfiler": f"{_HERE}.profiling",
    "RegimeDetectionBenchmark": f"{_HERE}.benchmarking",
    "RegimeModelCache": f"{_HERE}.caching",
    "create_batch_updater": f"{_HERE}.batch_updates",
    "create_cached_detector": f"{_HERE}.caching",
    "get_global_profiler": f"{_HERE}.profiling",
    "profile_regime_update": f"{_HERE}.profiling",
}


def __getattr__(name: str) -> Any:
    """Import a name when it is first asked for: a strategy, and a bundle of it, carries what it uses."""
    if name not in _HOMES:
        raise AttributeError(f"module {_HERE!r} has no attribute {name!r}; it has {', '.join(sorted(_HOMES))}")
    value = getattr(importlib.import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


__all__ = [
    "BatchRegimeUpdater",
    "CachedRegimeDetector",
    "OptimizedMultiAssetUpdater",
    "PerformanceProfiler",
    "RegimeDetectionBenchmark",
    "RegimeModelCache",
    "create_batch_updater",
    "create_cached_detector",
    "get_global_profiler",
    "profile_regime_update",
]
