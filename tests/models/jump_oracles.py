"""What jump models are held to: objectives over all paths there are, and data on which a search can go wrong."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd

from hidden_regime import load_dataset
from hidden_regime.models.chain import sample_paths, stationary_distribution
from hidden_regime.models.parameters import Parameters


def least_objective(z, k, penalty):
    """The least objective of a jump model over all paths, each with the centers that suit it best."""
    paths = np.array(list(itertools.product(range(k), repeat=len(z))))
    seen, known = ~np.isnan(z), np.nan_to_num(z)
    squares = np.full(len(paths), (known**2).sum())
    for state in range(k):
        own = (paths == state).astype(float)
        squares -= ((own @ known) ** 2 / np.maximum(own @ seen, 1)).sum(axis=1)
    return float((squares / 2 + penalty * (np.diff(paths, axis=1) != 0).sum(axis=1)).min())


def index_features():
    """Downside deviation and two Sortino ratios of the index, by half-lives of 10, 20 and 60 days."""
    returns = np.log(load_dataset("sp500")["close"]).diff()

    def down(half_life):
        return np.sqrt((returns.clip(upper=0) ** 2).ewm(halflife=half_life).mean())

    ratios = [returns.ewm(halflife=h).mean() / down(h) for h in (20, 60)]
    return pd.concat([down(10), *ratios], axis=1).iloc[60:].to_numpy()


def simulated_features(n, which):
    """Features of Nystrup, Lindstrom and Madsen (2020) of one of twelve paths of their two-state simulation."""
    chain = np.array([[0.9979, 0.0021], [0.0120, 0.9880]])
    truth = Parameters(stationary_distribution(chain), chain, np.array([[0.000615], [-0.000785]]),
                       np.array([[[0.007759**2]], [[0.017397**2]]]))  # fmt: skip
    y = pd.Series(sample_paths(truth, 12, n, np.random.default_rng(n))[0][which][:, 0])
    out = [y, y.diff().abs(), y.diff().abs().shift(-1)]
    for window in (6, 14):
        before, after = y.rolling(window, min_periods=2), y[::-1].rolling(window, min_periods=2)
        around = y.rolling(window, min_periods=2, center=True)
        out += [before.mean(), before.std(), after.mean()[::-1], after.std()[::-1], around.mean(), around.std()]
    return pd.concat(out, axis=1).bfill().ffill().to_numpy()


def stretches():
    """300 rows of five features, of which the second and the fourth tell two states apart."""
    rng = np.random.default_rng(7)
    state = np.repeat([0, 1, 0, 1, 0], [80, 40, 100, 30, 50])
    x = rng.normal(size=(300, 5))
    x[:, 1] += 1.5 * state
    x[:, 3] = np.abs(x[:, 3] * (1 + state))
    return x, state
