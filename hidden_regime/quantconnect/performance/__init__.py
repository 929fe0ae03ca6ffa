"""Measuring and speeding up regime detection inside an algorithm."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hidden_regime.lazily import lazily

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


__getattr__ = lazily(__name__, _HOMES)


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
