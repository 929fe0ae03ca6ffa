"""The benchmark suite: what caching and batching are worth, against what a user would otherwise write."""

from hidden_regime.research.benchmarks.comparison import compare
from hidden_regime.research.benchmarks.scenarios import FULL, QUICK, Scenario
from hidden_regime.research.benchmarks.suite import run

__all__ = ["FULL", "QUICK", "Scenario", "compare", "run"]
