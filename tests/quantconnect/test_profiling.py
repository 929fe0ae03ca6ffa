"""The profiler: measures when on, nothing when off."""

from __future__ import annotations

import pytest

from hidden_regime.quantconnect.performance import PerformanceProfiler


def test_blocks_and_functions_are_counted():
    profiler = PerformanceProfiler()

    @profiler.time_operation("double")
    def double(x: int) -> int:
        return 2 * x

    assert [double(n) for n in range(3)] == [0, 2, 4]
    with pytest.raises(ValueError, match="inside"), profiler.time_block("block"):
        raise ValueError("inside")
    stats = profiler.get_stats("double")
    assert stats["call_count"] == 3
    assert stats["min_time"] <= stats["median_time"] <= stats["max_time"] <= stats["total_time"]
    assert profiler.get_stats("block")["call_count"] == 1
    assert "double" in profiler.get_summary()
    profiler.disable()
    double(1)
    assert profiler.get_stats("double")["call_count"] == 3
    profiler.reset()
    assert profiler.get_stats() == {}
    assert profiler.get_stats("double")["mean_time"] == 0.0
