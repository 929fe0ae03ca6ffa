"""Finished data played back: of each day only what had ended by then."""

from __future__ import annotations

from datetime import date, datetime

from hidden_regime.data.intraday import IntradayBars
from hidden_regime.data.market import Asset, MarketData
from hidden_regime.operation.sources.cutting import cut, cut_intraday
from hidden_regime.simulator.feed.catalog import calendar_of


class Playback:
    """A market whose days happen again.

    Parameters
    ----------
    market : MarketData
    """

    def __init__(self, market: MarketData) -> None:
        self.market = market
        self.name, self.origin, self.synthetic = market.name, market.origin, market.synthetic
        self.benchmark, self.assets, self.defensive = market.benchmark, market.assets, market.defensive
        self.calendar = calendar_of(market)

    def asset(self, ticker: str, until: datetime) -> Asset:
        """Daily bars that had ended, and what was known of events."""
        return cut(self.market.load(ticker), until, self.calendar)

    def intraday(self, ticker: str, minutes: int, until: datetime) -> IntradayBars | None:
        """Hourly or minute bars that had ended."""
        return cut_intraday(self.market.intraday(ticker, minutes), until)

    def tickers(self) -> list[str]:
        """Tickers on offer."""
        return self.market.tickers()

    def interest_rates(self) -> list[tuple[date, float]]:
        """Risk-free rates."""
        return self.market.interest_rates()
