"""Prices in which there is something to learn, and prices in which there isn't."""

from __future__ import annotations

import numpy as np
import pandas as pd

from hidden_regime.learning import FeatureSpec, label, make_features
from hidden_regime.learning.dataset import Dataset

SPEC = FeatureSpec(["return:1", "return:5", "volatility:10"])


def prices_of(returns):
    close = 100 * np.exp(np.cumsum(returns))
    opens = np.concatenate([[100.0], close[:-1]])
    high, low = np.maximum(opens, close) * 1.002, np.minimum(opens, close) / 1.002
    index = pd.bdate_range("2005-01-03", periods=len(close))
    return pd.DataFrame({"open": opens, "high": high, "low": low, "close": close, "volume": 1e6}, index)


def noise(seed=0, n=500):
    """Independent returns."""
    return prices_of(np.random.default_rng(seed).normal(0, 0.01, n))


def planted(seed=0, n=800, phi=0.45):
    """A return goes on in the next bar."""
    shocks = np.random.default_rng(seed).normal(0, 0.01, n)
    out = np.zeros(n)
    for t in range(1, n):
        out[t] = phi * out[t - 1] + shocks[t]
    return prices_of(out)


def dataset(frame, spec=SPEC, **labels):
    return Dataset.of(make_features(frame, spec), label(frame, **({"kind": "sign", "horizon": 1} | labels)))
