"""How raw prices become those that a subscription shows."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from datetime import date

import numpy as np

from hidden_regime.data.market import Asset, Floats
from hidden_regime.data.scaling import Places, PriceScaling
from hidden_regime.simulator.enums import DataNormalizationMode

DIVIDENDS = (DataNormalizationMode.ADJUSTED, DataNormalizationMode.SCALED_RAW)
"""Modes whose factors are those of dividends too."""
MODES = (
    DataNormalizationMode.RAW, DataNormalizationMode.ADJUSTED, DataNormalizationMode.SPLIT_ADJUSTED,
    DataNormalizationMode.TOTAL_RETURN,
)  # fmt: skip
"""Modes that a subscription may have."""


class Adjustment:
    """Makes raw bars those of a mode.

    Parameters
    ----------
    asset : Asset
    mode : DataNormalizationMode
    first : date
        Total-return prices count dividends from it on.
    until : date
        Scaled raw prices are those of this day.
    history : bool
        Whether it serves history. LEAN's history multiplies by a factor of 1 too, its feed doesn't.
    """

    def __init__(self, asset: Asset, mode: DataNormalizationMode, first: date = date.min, *, until: date = date.max,
                 history: bool = False) -> None:  # fmt: skip
        self._asset, self._mode = asset, mode
        self._exact: PriceScaling | None = None
        factors = asset.factors
        self._raw = mode == DataNormalizationMode.RAW or (asset.adjusted_scale is None and not factors.rows)
        self._paid = [0] * (len(factors.rows) + 1)
        self._last = 1.0
        if self._raw:
            return
        if mode == DataNormalizationMode.TOTAL_RETURN:
            self._paid = _cents(asset, first)
        if asset.adjusted_scale is None and factors.exact:
            written = factors.written(dividends=mode in DIVIDENDS)
            if mode == DataNormalizationMode.SCALED_RAW:
                last = written[factors.place(until)]
                written = [factor / last for factor in written]
            self._exact = PriceScaling(written, self._paid, keep_ones=not history)
        elif mode == DataNormalizationMode.SCALED_RAW:
            self._last = float(self._scale([until])[0])

    def rows(self, dates: Sequence[date], values: Floats) -> Floats:
        """Rows of open, high, low, close and volume of some rising dates."""
        if self._raw:
            return values.copy()
        places = self._asset.factors.places(dates)
        out = np.empty_like(values)
        if self._exact is not None:
            out[:, :4] = self._exact.prices(values[:, :4], places)
            out[:, 4] = self._exact.volumes(values[:, 4], places)
            return out
        scale = self._scale(dates)
        out[:, :4] = values[:, :4] * scale[:, None] + self._sums(places)[:, None]
        out[:, 4] = np.where(scale == 1.0, values[:, 4], np.round(values[:, 4] / scale))
        return out

    def day(self, day: date, values: Floats) -> Floats:
        """Rows of one date."""
        if self._raw or self._exact is None:
            return self.rows([day] * len(values), values)
        place = np.array([self._asset.factors.place(day)])
        out = np.empty_like(values)
        out[:, :4] = self._exact.prices(values[:, :4], place)
        out[:, 4] = self._exact.volumes(values[:, 4], place)
        return out

    def closes(self, dates: Sequence[date], closes: Floats) -> Floats:
        """One price for each of some rising dates."""
        if self._raw:
            return closes.copy()
        places = self._asset.factors.places(dates)
        if self._exact is not None:
            return self._exact.prices(closes, places)
        found: Floats = closes * self._scale(dates) + self._sums(places)
        return found

    def _scale(self, dates: Sequence[date]) -> Floats:
        """What the prices of a market without LEAN's factor files are multiplied by."""
        asset = self._asset
        if self._mode in DIVIDENDS and asset.adjusted_scale is not None:
            places = [max(bisect_right(asset.dates, day) - 1, 0) for day in dates]
            scale: Floats = asset.adjusted_scale[places]
        else:
            price, split = asset.factors.factors(dates)
            scale = price * split if self._mode in DIVIDENDS else split
        return scale / self._last

    def _sums(self, places: Places) -> Floats:
        sums: Floats = np.array(self._paid)[places] / 100.0
        return sums


def _cents(asset: Asset, first: date) -> list[int]:
    """Cents a share that went ex from `first` to the time of each place among the factor rows."""
    paid = {event.previous: round(event.distribution * 100.0) for event in asset.factors.dividends() if event.previous >= first}
    sums = [0]
    for row in asset.factors.rows:
        sums.append(sums[-1] + paid.pop(row.date, 0))
    return sums
