"""How long things take here, against each other."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from time import perf_counter
from typing import Any

from hidden_regime.exceptions import ParameterError


class RegimeDetectionBenchmark:
    """Times functions, and compares them.

    Examples
    --------
    >>> from hidden_regime.quantconnect.performance import RegimeDetectionBenchmark
    >>> benchmark = RegimeDetectionBenchmark()
    >>> found = benchmark.benchmark_scenario("sorting", lambda: list(range(1000)), sorted, iterations=3)
    >>> found["scenario"], found["iterations"], found["min_time"] > 0
    ('sorting', 3, True)
    """

    def __init__(self) -> None:
        self.results: dict[str, dict[str, Any]] = {}

    def benchmark_scenario(self, scenario_name: str, setup_func: Callable[[], Any] | None, test_func: Callable[..., Any],
                           iterations: int = 10) -> dict[str, Any]:  # fmt: skip
        """Time a function.

        Parameters
        ----------
        scenario_name : str
        setup_func : callable, optional
            Called before each iteration; its time doesn't count. What it gives, `test_func` is called with.
        test_func : callable
        iterations : int

        Returns
        -------
        dict
            scenario, iterations, and in seconds total_time, mean_time, median_time, min_time, max_time, std_dev.
        """
        if isinstance(iterations, bool) or not isinstance(iterations, int) or iterations < 1:
            raise ParameterError("iterations", iterations, "an integer of at least 1")
        seconds = []
        for _ in range(iterations):
            given = () if setup_func is None else (setup_func(),)
            begin = perf_counter()
            test_func(*given)
            seconds.append(perf_counter() - begin)
        self.results[scenario_name] = {
            "scenario": scenario_name, "iterations": iterations, "total_time": sum(seconds),
            "mean_time": statistics.fmean(seconds), "median_time": statistics.median(seconds), "min_time": min(seconds),
            "max_time": max(seconds), "std_dev": statistics.stdev(seconds) if iterations > 1 else 0.0,
        }  # fmt: skip
        return self.results[scenario_name]

    def compare_scenarios(self, baseline: str, comparison: str) -> dict[str, Any]:
        """How many times faster one is than the other, by their medians.

        Returns
        -------
        dict
            baseline, comparison, speedup (above 1: `comparison` is faster), time_saved in seconds, improvement_percent.
        """
        for name, given in (("baseline", baseline), ("comparison", comparison)):
            if given not in self.results:
                raise ParameterError(name, given, f"one of {list(self.results)}", "Call benchmark_scenario for it first.")
        before, now = (self.results[name]["median_time"] for name in (baseline, comparison))
        return {
            "baseline": baseline, "comparison": comparison, "speedup": before / now if now > 0.0 else float("inf"),
            "time_saved": before - now, "improvement_percent": 100.0 * (before - now) / before if before > 0.0 else 0.0,
        }  # fmt: skip

    def print_results(self) -> None:
        """Print a table of all scenarios, in milliseconds."""
        columns = ("mean_time", "median_time", "min_time", "max_time", "std_dev")
        width = max([len("scenario"), *map(len, self.results)])
        print(f"{'scenario':<{width}}  runs" + "".join(f"{name.removesuffix('_time'):>11}" for name in columns) + "  ms")  # noqa: T201
        for name, row in self.results.items():
            figures = "".join(f"{1e3 * row[column]:11.3f}" for column in columns)
            print(f"{name:<{width}}  {row['iterations']:4d}{figures}")  # noqa: T201
