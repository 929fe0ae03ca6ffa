"""Files that grow: a LEAN data folder, or files of prices, read again whenever they have changed."""

from __future__ import annotations

import os
from datetime import date, datetime
from pathlib import Path

from hidden_regime.data.intraday import IntradayBars
from hidden_regime.data.lean_folder import LeanFolder
from hidden_regime.data.market import Asset, MarketData
from hidden_regime.data.packaged import open_market
from hidden_regime.operation.errors import FeedError
from hidden_regime.operation.sources.cutting import cut, cut_intraday
from hidden_regime.operation.sources.sessions import with_sessions_to_come
from hidden_regime.simulator.feed.catalog import calendar_of

MOST_FILES = 100_000


class GrowingFiles:
    """A folder or file of prices that somebody adds bars to.

    Whoever adds to a file should write it aside and rename it; one that is caught half written is read again.

    Parameters
    ----------
    path : Path
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._signature = self._look()
        self.market: MarketData = open_market(path)
        self.name, self.origin, self.synthetic = self.market.name, self.market.origin, self.market.synthetic
        self.benchmark, self.assets, self.defensive = self.market.benchmark, self.market.assets, self.market.defensive
        own = calendar_of(self.market)
        self.calendar = own if isinstance(self.market, LeanFolder) else with_sessions_to_come(own)

    def _look(self) -> tuple[tuple[str, int, int], ...]:
        """What the files look like from outside."""
        if self.path.is_file():
            told = self.path.stat()
            return ((self.path.name, told.st_mtime_ns, told.st_size),)
        found: list[tuple[str, int, int]] = []
        for folder, _, names in os.walk(self.path):
            for name in names:
                try:
                    told = os.stat(os.path.join(folder, name))
                except FileNotFoundError:  # renamed meanwhile
                    continue
                found.append((os.path.join(folder, name), told.st_mtime_ns, told.st_size))
            if len(found) > MOST_FILES:
                raise FeedError(f"{self.path} holds more than {MOST_FILES:,} files: expected a folder of the assets traded.")
        return tuple(sorted(found))

    def _fresh(self) -> MarketData:
        try:
            looks = self._look()
        except OSError as error:
            raise FeedError(f"{self.path} can't be read ({error.strerror or error}).") from error
        if looks != self._signature:
            self.market = open_market(self.path)
            self._signature = looks
        return self.market

    def asset(self, ticker: str, until: datetime) -> Asset:
        """Daily bars of sessions that are over."""
        return cut(self._fresh().load(ticker), until, self.calendar)

    def intraday(self, ticker: str, minutes: int, until: datetime) -> IntradayBars | None:
        """Hourly or minute bars that are over."""
        return cut_intraday(self._fresh().intraday(ticker, minutes), until)

    def tickers(self) -> list[str]:
        """Tickers on offer."""
        return self._fresh().tickers()

    def interest_rates(self) -> list[tuple[date, float]]:
        """Risk-free rates."""
        return self._fresh().interest_rates()
