"""Measuring and speeding up regime detection inside an algorithm."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hidden_regime.lazily import lazily

if TYPE_CHECKING:
    from hidden_regime.quantconnect.by_hand.batch_updates import (
        BatchRegimeUpdater,
        OptimizedMultiAssetUpdater,
        create_batch_updater,
    )
    from hidden_regime.quantconnect.by_hand.benchmarking import RegimeDetectionBenchmark
    from hidden_regime.quantconnect.by_hand.caching import CachedRegimeDetector, RegimeModelCache, create_cached_detector
    from hidden_regime.quantconnect.profiling import (
        PerformanceProfiler,
        get_global_profiler,
        profile_regime_update,
    )

_HERE = "hidden_regime.quantconnect"
_HOMES = {
    "BatchRegimeUpdater": f"{_HERE}.by_hand.batch_updates",
    "CachedRegimeDetector": f"{_HERE}.by_hand.caching",
    "OptimizedMultiAssetUpdater": f"{_HERE}.by_hand.batch_updates",
    "PerformanceProfiler": f"{_HERE}.profiling",
    "RegimeDetectionBenchmark": f"{_HERE}.by_hand.benchmarking",
    "RegimeModelCache": f"{_HERE}.by_hand.caching",
    "create_batch_updater": f"{_HERE}.by_hand.batch_updates",
    "create_cached_detector": f"{_HERE}.by_hand.caching",
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
