"""How raw prices become those that a subscription shows."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from datetime import date

import numpy as np

from hidden_regime.data.market import Asset, Floats
from hidden_regime.simulator.enums import DataNormalizationMode

ADJUSTED = (DataNormalizationMode.ADJUSTED, DataNormalizationMode.SCALED_RAW)


def price_scale(asset: Asset, dates: Sequence[date], mode: DataNormalizationMode) -> Floats:
    """What the raw prices of some rising dates are multiplied by; volumes are divided by it."""
    if mode == DataNormalizationMode.RAW:
        return np.ones(len(dates))
    price, split = asset.factors.factors(dates)
    if mode not in ADJUSTED:
        return split
    if asset.adjusted_scale is None:
        return price * split
    places = [max(bisect_right(asset.dates, day) - 1, 0) for day in dates]
    return asset.adjusted_scale[places]


def paid_since(asset: Asset, dates: Sequence[date], first: date) -> Floats:
    """Dividends a share that went ex from `first` to each of some rising dates, for total-return prices."""
    paid = [(d.previous, d.distribution) for d in asset.factors.dividends() if d.previous >= first]
    sums = np.concatenate([[0.0], np.cumsum([amount for _, amount in paid])])
    days = [day for day, _ in paid]
    return sums[[sum(1 for d in days if d < day) for day in dates]] if paid else np.zeros(len(dates))


def adjust(asset: Asset, dates: Sequence[date], values: Floats, mode: DataNormalizationMode, first: date) -> Floats:
    """Rows of open, high, low, close and volume in a mode's prices."""
    scale = price_scale(asset, dates, mode)
    out = values * scale[:, None] if mode != DataNormalizationMode.RAW else values.copy()
    if mode == DataNormalizationMode.RAW:
        return out
    out[:, 4] = np.where(scale == 1.0, values[:, 4], np.round(values[:, 4] / scale))
    if mode == DataNormalizationMode.TOTAL_RETURN:
        out[:, :4] += paid_since(asset, dates, first)[:, None]
    return out
