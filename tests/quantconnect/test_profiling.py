"""The profiler: blocks within blocks, by thread, and nothing when off."""

from __future__ import annotations

import json
import threading

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hidden_regime.quantconnect import profiling
from hidden_regime.quantconnect.performance import PerformanceProfiler, get_global_profiler, profile_regime_update


def test_blocks_and_functions_are_counted():
    profiler = PerformanceProfiler()

    @profiler.time_operation("double")
    def double(x: int) -> int:
        return 2 * x

    assert [double(n) for n in range(3)] == [0, 2, 4]
    with pytest.raises(ValueError, match="inside"), profiler.time_block("block"):
        raise ValueError("inside")
    with profiler.time_operation("block"):
        pass
    stats = profiler.get_stats("double")
    assert stats["call_count"] == 3
    assert stats["min_time"] <= stats["median_time"] <= stats["max_time"] <= stats["total_time"]
    assert profiler.get_stats("block")["call_count"] == 2
    assert "double" in profiler.get_summary()
    profiler.disable()
    double(1)
    with profiler.time_block("block"), profiler.time_operation("block"):
        pass
    assert profiler.get_stats("double")["call_count"] == 3
    assert profiler.get_stats("block")["call_count"] == 2
    profiler.reset()
    assert profiler.get_stats() == {}
    assert profiler.get_stats("double")["mean_time"] == 0.0


@pytest.fixture
def ticking(monkeypatch):
    """A clock that a test moves."""
    now = [0.0]
    monkeypatch.setattr(profiling, "perf_counter", lambda: now[0])
    return lambda seconds: now.__setitem__(0, now[0] + seconds)


def test_a_block_knows_what_lies_within_it(ticking):
    profiler = PerformanceProfiler()
    for _ in range(2):
        with profiler.time_block("outer"):
            ticking(1.0)
            with profiler.time_block("inner"):
                ticking(2.0)
                with profiler.time_block("outer"):  # the same name further in is another place
                    ticking(4.0)
            ticking(0.5)
    with profiler.time_block("inner"):
        ticking(8.0)
    tree = {tuple(row["path"]): (row["call_count"], row["total_time"], row["self_time"]) for row in profiler.get_tree()}
    assert tree == {("outer",): (2, 15.0, 3.0), ("outer", "inner"): (2, 12.0, 4.0), ("outer", "inner", "outer"): (2, 8.0, 8.0),
                    ("inner",): (1, 8.0, 8.0)}  # fmt: skip
    assert profiler.get_stats("inner")["call_count"] == 3
    assert profiler.get_stats("inner")["total_time"] == 20.0
    lines = profiler.get_summary().splitlines()
    assert [line[:12].rstrip() for line in lines[1:]] == ["outer", "  inner", "    outer", "inner"]
    assert json.loads(profiler.to_json()) == profiler.get_tree()


@given(st.lists(st.floats(0, 10), min_size=1, max_size=60))
def test_figures_are_numpys(values):
    figures = profiling._figures("x", profiling.array("d", values), 0.0)
    expected = {
        "total_time": np.sum(values), "mean_time": np.mean(values), "median_time": np.median(values), "p95_time": np.quantile(values, 0.95),
        "p99_time": np.quantile(values, 0.99), "min_time": min(values), "max_time": max(values), "std_dev": np.std(values)}  # fmt: skip
    for name, value in expected.items():
        assert figures[name] == pytest.approx(value, rel=1e-9, abs=1e-12)
    assert figures["call_count"] == len(values)


def test_threads_have_trees_of_their_own():
    profiler, meet = PerformanceProfiler(), threading.Barrier(3)

    def work() -> None:
        for _ in range(50):
            with profiler.time_block("outer"):
                meet.wait()
                with profiler.time_block("inner"):
                    meet.wait()

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    tree = {tuple(row["path"]): row["call_count"] for row in profiler.get_tree()}
    assert tree == {("outer",): 150, ("outer", "inner"): 150}


def test_the_global_profiler_measures_updates_when_it_is_on():
    @profile_regime_update
    def update() -> str:
        return "done"

    profiler = get_global_profiler()
    assert update() == "done"
    assert profiler.get_stats() == {}
    profiler.enable()
    try:
        update()
        assert profiler.get_stats("regime_update")["call_count"] == 1
    finally:
        profiler.disable()
        profiler.reset()
