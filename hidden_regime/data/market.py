"""What a source of market data offers to whoever runs a strategy or a detector on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Protocol

import numpy as np
import numpy.typing as npt

from hidden_regime.data.factors import FactorFile
from hidden_regime.data.intraday import IntradayBars, IntradayQuotes
from hidden_regime.data.map_files import Name
from hidden_regime.data.scaling import PriceScaling

if TYPE_CHECKING:
    import pandas as pd

Floats = npt.NDArray[np.float64]


@dataclass
class Asset:
    """Daily bars of one asset, raw, and what adjusts them.

    `adjusted_scale`, where the source gives adjusted closes, is their ratio to the raw ones; otherwise `factors` adjust.
    `first_day` and `last_day` are those of its listing, where the source knows them; `last_day` None: it is listed still.
    `names` are those that it has had, where the source knows them, each with its days.
    """

    ticker: str
    dates: list[date]
    open: Floats
    high: Floats
    low: Floats
    close: Floats
    volume: Floats
    factors: FactorFile = field(default_factory=FactorFile)
    adjusted_scale: Floats | None = None
    last_day: date | None = None
    first_day: date | None = None
    names: Sequence[Name] = ()

    def frame(self, *, adjusted: bool = True) -> pd.DataFrame:
        """Bars as a frame by date, adjusted for dividends and splits or raw."""
        import pandas as pd

        prices, volume = np.column_stack([self.open, self.high, self.low, self.close]), self.volume
        if adjusted:
            price, split = self.factors.factors(self.dates)
            volume = volume / split
            if self.adjusted_scale is not None:
                prices = prices * self.adjusted_scale[:, None]
            elif self.factors.exact:
                scaling = PriceScaling(self.factors.written(dividends=True))
                prices = scaling.prices(prices, self.factors.places(self.dates))
            else:
                prices = prices * (price * split)[:, None]
        columns = {"open": prices[:, 0], "high": prices[:, 1], "low": prices[:, 2], "close": prices[:, 3], "volume": volume}
        return pd.DataFrame(columns, index=pd.DatetimeIndex(pd.to_datetime(self.dates), name="date"))


class MarketData(Protocol):
    """A source of daily bars.

    Attributes
    ----------
    name, origin : str
        What it is and where its figures come from, as shown to the user.
    synthetic : bool
        Whether its prices are invented.
    benchmark : str
        Ticker that a strategy is measured against.
    assets : sequence of str
        Tickers that a strategy trades when it isn't told which.
    defensive : sequence of str
        Those among them to hold when markets fall.
    """

    name: str
    origin: str
    synthetic: bool
    benchmark: str
    assets: Sequence[str]
    defensive: Sequence[str]

    def tickers(self) -> list[str]:
        """Tickers on offer."""

    def load(self, ticker: str) -> Asset:
        """Bars of a ticker; `NoDataError` if there are none."""

    def hourly(self, ticker: str) -> tuple[list[datetime], Floats] | None:
        """End times (exchange time) and raw closes of hourly bars, if the source has them."""

    def intraday(self, ticker: str, minutes: int) -> IntradayBars | None:
        """Hourly (60) or minute (1) bars, if the source has them."""

    def quotes(self, ticker: str) -> IntradayQuotes | None:
        """Quotes of minutes, if the source has them."""

    def interest_rates(self) -> list[tuple[date, float]]:
        """Risk-free rates as fractions a year, each from its date on; empty where the source has none."""
