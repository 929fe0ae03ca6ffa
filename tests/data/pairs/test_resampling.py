"""Hours of minutes and days of hours: what pandas makes of the same bars."""

from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from hidden_regime.data.pairs.resampling import coarser

HOW = ("first", "max", "min", "last")


def resampled(starts, values, minutes, last):
    """By pandas: prices, and volumes summed or the last size."""
    frame = pd.DataFrame(values, index=pd.to_datetime(starts, unit="m")).replace(0.0, np.nan)
    made = frame.resample(f"{minutes}min").agg({**dict(zip(range(4), HOW, strict=True)), 4: last})
    return made


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from([60, 1440]), st.booleans())
def test_longer_bars_are_those_of_pandas(seed, minutes, quotes):
    rng = np.random.default_rng(seed)
    starts = np.sort(rng.choice(6000, int(rng.integers(1, 60)), replace=False)).astype(np.int64)
    values = rng.uniform(1.0, 9.0, (len(starts), 10 if quotes else 5))
    if quotes:
        for side in (slice(0, 5), slice(5, 10)):
            values[rng.random(len(starts)) < 0.3, side] = 0.0
    found, made = coarser((starts, values), minutes, quotes=quotes)
    assert found.tolist() == sorted(set((starts // minutes * minutes).tolist()))
    for side in (slice(0, 5), slice(5, 10)) if quotes else (slice(0, 5),):
        want = resampled(starts, values[:, side], minutes, "last" if quotes else "sum")
        want = want.reindex(pd.to_datetime(found, unit="m")).fillna(0.0)
        np.testing.assert_allclose(made[:, side], want.to_numpy(), rtol=1e-12)


def test_none_make_none():
    starts, values = coarser((np.empty(0, np.int64), np.empty((0, 5))), 60, quotes=False)
    assert len(starts) == len(values) == 0
