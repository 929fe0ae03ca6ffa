"""Runs made by hand, to draw from."""

from __future__ import annotations

import numpy as np
import pandas as pd

from hidden_regime.experiments.result import Result


def returns(n=300, seed=0, mean=0.0004, deviation=0.01):
    """Daily returns without dependence."""
    return pd.Series(np.random.default_rng(seed).normal(mean, deviation, n), pd.bdate_range("2010-01-04", periods=n), name="made")


def exact(n, deviation=0.01, seed=0):
    """Returns whose logarithms have mean 0 and this deviation exactly: paths of them have no drift."""
    x = np.random.default_rng(seed).normal(0.0, 1.0, n)
    x = (x - x.mean()) * (deviation / x.std())
    return pd.Series(np.expm1(x), pd.bdate_range("1900-01-01", periods=n), name="walk")


def traded(profits, fees=1.0, gap=3):
    """A run that holds one day each time, and whose account is what its trades left: (Result, equity at each entry)."""
    days = pd.bdate_range("2020-01-01", periods=gap * len(profits) + 2, name="date")
    equity = np.full(len(days), 1000.0)
    rows, at_entry = [], []
    for i, profit in enumerate(profits):
        place = gap * i + 1
        at_entry.append(equity[place - 1])
        entry, leave = days[place] + pd.Timedelta(hours=10), days[place] + pd.Timedelta(hours=15)
        rows.append(("UP", "Long", 1.0, entry, 10.0, leave, 10.0 + profit, float(profit), fees))
        equity[place:] += profit - fees
    columns = ["symbol", "direction", "quantity", "entry_time", "entry_price", "exit_time", "exit_price", "profit_loss", "fees"]
    frame = pd.DataFrame({"equity": equity, "benchmark": np.nan}, index=days)
    return Result("trader", {}, {}, {}, frame, pd.DataFrame(), pd.DataFrame(rows, columns=columns)), np.array(at_entry)
