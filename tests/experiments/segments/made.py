"""Runs and regimes made by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd

from hidden_regime.experiments.result import Result


def run(returns, benchmark=None, *, name="mine", regimes=None, symbols=(), data=None, error=""):
    """A run whose first return is of 2020-01-02."""
    days = pd.bdate_range("2020-01-01", periods=len(returns) + 1, name="date")
    held = np.nan if benchmark is None else 50.0 * np.cumprod([1.0, *(1.0 + np.asarray(benchmark, float))])
    equity = pd.DataFrame(
        {"equity": 100.0 * np.cumprod([1.0, *(1.0 + np.asarray(returns, float))]), "benchmark": held}, index=days
    )
    orders = pd.DataFrame({"symbol": list(symbols)})
    return Result(name, {}, {}, {}, equity, orders, pd.DataFrame(), regimes or {}, error=error, data=data or {})


def calls(names, start="2020-01-01"):
    """Regimes by business day, each known at that day's close; None where there is none."""
    return pd.DataFrame({"regime": list(names)}, index=pd.bdate_range(start, periods=len(names), name="time"))


def planted(n_spells=30, length=20, gap=0.003, seed=0):
    """Days in Bull are better than days in Bear by `gap`: a run with its regimes, and a benchmark."""
    rng = np.random.default_rng(seed)
    labels = np.repeat(np.where(np.arange(n_spells) % 2, "Bull", "Bear"), rng.integers(length // 2, 2 * length, n_spells))
    returns = np.where(labels == "Bull", gap, 0.0) + rng.normal(0.0, 0.01, len(labels))
    return run(returns, rng.normal(0.0, 0.01, len(labels)), regimes={"SPY": calls(labels)}, symbols=["SPY"])
