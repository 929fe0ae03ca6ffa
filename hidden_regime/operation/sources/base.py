"""What a source of bars offers to whoever runs a strategy on it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Protocol

from hidden_regime.data.intraday import IntradayBars
from hidden_regime.data.market import Asset
from hidden_regime.simulator.clock import TradingCalendar


class Source(Protocol):
    """Bars as they are known at a time. Reading it again later may give more.

    Attributes
    ----------
    name, origin : str
    synthetic : bool
    benchmark : str
    assets, defensive : sequence of str
    calendar : TradingCalendar
        Sessions, those to come too.
    """

    name: str
    origin: str
    synthetic: bool
    benchmark: str
    assets: Sequence[str]
    defensive: Sequence[str]
    calendar: TradingCalendar

    def asset(self, ticker: str, until: datetime) -> Asset:
        """Daily bars that ended by a time, and the events known by then.

        Raises
        ------
        RegimeError
            It can't be read, or has no such ticker.
        """

    def intraday(self, ticker: str, minutes: int, until: datetime) -> IntradayBars | None:
        """Hourly (60) or minute (1) bars that ended by a time; None where the source has none."""

    def tickers(self) -> list[str]:
        """Tickers on offer, as far as the source knows."""

    def interest_rates(self) -> list[tuple[date, float]]:
        """Risk-free rates, each from its date on."""
