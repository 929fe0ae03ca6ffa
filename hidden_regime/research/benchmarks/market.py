"""Invented markets for measuring: one hidden chain drives all assets, and every bar has a range."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

MEAN, SD = np.array([0.00075, 0.0001, -0.0016]), np.array([0.0060, 0.0095, 0.0210])
DURATION = np.array([140.0, 70.0, 45.0])
EXITS = np.array([[0.0, 0.7, 0.3], [0.6, 0.0, 0.4], [0.35, 0.65, 0.0]])
STEPS = 4
"""Prices within a day, of which its high and low are taken."""


def make_frames(assets: int, bars: int, seed: int = 0) -> dict[str, pd.DataFrame]:
    """Daily bars of so many assets: bull, sideways and bear markets as in the reference market of the tests."""
    import pandas as pd

    rng = np.random.default_rng(seed)
    transmat = np.diag(1 - 1 / DURATION) + EXITS / DURATION[:, None]
    edges, state, states = transmat.cumsum(axis=1), 0, np.zeros(bars, np.int64)
    for t in range(bars):
        states[t] = state
        state = int(min((rng.random() >= edges[state]).sum(), 2))
    shared = rng.normal(MEAN[states, None] / STEPS, SD[states, None] / STEPS**0.5, (bars, STEPS))
    index = pd.bdate_range("2010-01-01", periods=bars, name="date")
    out = {}
    for n in range(assets):
        own = rng.normal(0.0, 0.006 / STEPS**0.5, (bars, STEPS)) * (1 + 0.5 * (states == 2))[:, None]
        path = np.cumsum((rng.uniform(0.8, 1.3) * shared + own).ravel()).reshape(bars, STEPS) + np.log(50.0)
        opened = np.concatenate([[np.log(50.0)], path[:-1, -1]])
        high, low = np.maximum(path.max(axis=1), opened) + 1e-3, np.minimum(path.min(axis=1), opened) - 1e-3
        columns = {"open": opened, "high": high, "low": low, "close": path[:, -1]}
        out[f"A{n:03d}"] = pd.DataFrame(
            {k: np.exp(np.ascontiguousarray(v)) for k, v in columns.items()} | {"volume": 1e6}, index=index
        )
    return out
