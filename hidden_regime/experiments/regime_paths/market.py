"""A market whose bars go on along a drawn path from some day on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np

from hidden_regime.data.market import Asset, MarketData
from hidden_regime.data.tables import TableMarket
from hidden_regime.exceptions import NoDataError
from hidden_regime.experiments.regime_paths.drawing import draw
from hidden_regime.experiments.regime_paths.model import PathModel
from hidden_regime.kernels.results import Floats

COLUMNS = ("open", "high", "low", "close", "volume")
CHEAPEST = 0.01
"""Below it no drawn price falls: what an exchange would have delisted long before."""


@dataclass(frozen=True, eq=False)
class History:
    """Real bars before a path, adjusted for splits and dividends, and the days of the path.

    Attributes
    ----------
    market : MarketData
        Where they are from.
    before : dict of str to Asset
        Bars before the path by ticker, as they are once all that comes later has adjusted them.
    days : tuple of date
        Of the path.
    """

    market: MarketData
    before: dict[str, Asset]
    days: tuple[date, ...]


def history_of(market: MarketData, tickers: Sequence[str], days: Sequence[date]) -> History:
    """What comes before a path over some days."""
    before = {}
    for ticker in tickers:
        frame = market.load(ticker).frame()
        frame = frame[frame.index < str(days[0])]
        opened, high, low, close, volume = (np.ascontiguousarray(frame[name].to_numpy(np.float64)) for name in COLUMNS)
        before[ticker] = Asset(ticker, [day.date() for day in frame.index], opened, high, low, close, volume)
    return History(market, before, tuple(days))


class DrawnMarket(TableMarket):
    """Real bars up to a day, and a drawn path of the model from then on. It is drawn when the first bar is asked for.

    Parameters
    ----------
    history : History
    model : PathModel
    seed, number : int
        Which path.
    """

    def __init__(self, history: History, model: PathModel, seed: int, number: int) -> None:
        base = history.market
        self._history, self._model, self._seed, self._number = history, model, seed, number
        self.name, self.synthetic = f"{base.name}, path {number}", True
        self.origin = f"drawn from the regimes of {base.origin}"
        self.benchmark, self.assets, self.defensive = base.benchmark, base.assets, base.defensive

    def tickers(self) -> list[str]:
        """Those that the model has."""
        return list(self._model.tickers)

    def load(self, ticker: str) -> Asset:
        """Bars of a ticker."""
        key = ticker.upper()
        if key not in self._drawn:
            raise NoDataError(
                f"{key} is not on the drawn paths: they have {', '.join(self.tickers())}, which the first run asked for."
            )
        return self._drawn[key]

    def intraday(self, ticker: str, minutes: int) -> None:
        """None: days are drawn."""

    @cached_property
    def _drawn(self) -> dict[str, Asset]:
        bars, volumes, _ = draw(self._model, len(self._history.days), self._seed, self._number)
        return {
            ticker: _going_on(self._history.before[ticker], self._history.days, bars[:, place], volumes[:, place])
            for place, ticker in enumerate(self._model.tickers)
        }


def _going_on(before: Asset, days: tuple[date, ...], bars: Floats, volumes: Floats) -> Asset:
    """Real bars, and those of a path after them: it begins at the last real close, or at 100 where there is none."""
    start = float(before.close[-1]) if len(before.close) else 100.0
    closes = start * np.exp(np.concatenate([[0.0], np.cumsum(bars[:, 3])]))
    drawn = np.maximum(closes[:-1, None] * np.exp(bars), CHEAPEST)
    drawn[:, 3] = np.maximum(closes[1:], CHEAPEST)
    drawn[:, 1], drawn[:, 2] = drawn.max(axis=1), drawn.min(axis=1)  # to the last bit, whatever exp and cumsum rounded
    level = float(np.median(before.volume)) if len(before.volume) else 1e6
    real = (before.open, before.high, before.low, before.close)
    opened, high, low, close = (np.concatenate([old, new]) for old, new in zip(real, drawn.T, strict=True))
    volume = np.concatenate([before.volume, (volumes * level).round()])
    return Asset(before.ticker, [*before.dates, *days], opened, high, low, close, volume)
