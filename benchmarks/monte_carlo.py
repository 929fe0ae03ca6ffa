"""What simulations cost: ten thousand paths of drawn days, and two hundred that the engine runs over."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import date
from importlib.metadata import version
from time import process_time
from typing import Any

import numpy as np
import pandas as pd

from hidden_regime.experiments.regime_paths import engine_paths
from hidden_regime.experiments.simulation import monte_carlo

TEMPLATE = "optimized_multi_asset"
DAYS, BLOCK = 3024, 100.0
YEARS, END = 3.0, date(2004, 3, 12)


def main(quick: bool = False) -> None:
    """Print seconds of CPU in one process."""
    print(f"arch {version('arch')}; {os.cpu_count()} cores, one process; seconds of CPU")
    returns = pd.Series(np.random.default_rng(0).normal(0.0004, 0.01, DAYS), pd.bdate_range("2010-01-04", periods=DAYS))
    monte_carlo(returns, n_paths=2)  # what is imported once
    count = 1_000 if quick else 10_000
    seconds = _cpu(lambda: monte_carlo(returns, n_paths=count, block=BLOCK))
    aim = "" if quick else " (goal 60)"
    print(f"  {count:,} bootstrap paths of {DAYS:,} days, twelve years    {seconds:8.1f}{aim}", flush=True)
    found = monte_carlo(returns, n_paths=2)
    print(f"  a page of them                                       {_cpu(found.to_html):8.1f}", flush=True)
    count = 10 if quick else 200
    options: dict[str, Any] = {"end": END, "years": YEARS, "workers": 1, "store": None}
    fixed = _cpu(lambda: engine_paths(TEMPLATE, n_paths=1, **options))
    seconds = _cpu(lambda: engine_paths(TEMPLATE, n_paths=count, **options))
    print(
        f"  {count} engine paths of three years and three assets   {seconds:8.1f}, {(seconds - fixed) / (count - 1):.2f} a path"
    )


def _cpu(work: Callable[[], Any]) -> float:
    begin = process_time()
    work()
    return process_time() - begin
