"""Where subscriptions and history find their bars."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Sequence
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Any

from hidden_regime.data.lean_folder import LeanFolder
from hidden_regime.data.market import Asset, MarketData
from hidden_regime.exceptions import NoDataError, RegimeWarning, StrategyError, UnsupportedError
from hidden_regime.simulator.clock import TradingCalendar
from hidden_regime.simulator.enums import DataNormalizationMode, Resolution
from hidden_regime.simulator.feed.corporate import corporate_events
from hidden_regime.simulator.feed.daily import DailyFeed
from hidden_regime.simulator.feed.within_day import IntradayFeed
from hidden_regime.simulator.objects.corporate import CorporateEvent
from hidden_regime.simulator.objects.symbol import Symbol

if TYPE_CHECKING:
    from hidden_regime.simulator.account.security import Security

EARLIEST, LATEST = date(1990, 1, 1), date(2039, 12, 31)
MINUTES = {Resolution.HOUR: 60, Resolution.MINUTE: 1}


@cache
def _exchange() -> TradingCalendar:
    return TradingCalendar(EARLIEST, LATEST)


class Catalog:
    """The market of a run, with its calendar."""

    def __init__(self) -> None:
        self._given: MarketData | None = None
        self._calendar: TradingCalendar | None = None
        self._other: dict[tuple[Symbol, DataNormalizationMode, Resolution, date], Any] = {}

    def offer(self, market: MarketData) -> None:
        """Use a market from now on."""
        self._given, self._calendar = market, None
        self._other.clear()

    @property
    def market(self) -> MarketData:
        """The market."""
        if self._given is None:
            raise StrategyError("the algorithm has no market data yet: use add_equity in initialize, not in __init__.")
        return self._given

    @property
    def calendar(self) -> TradingCalendar:
        """Trading days: the New York exchanges' for a LEAN folder, otherwise the days that the data have."""
        if self._calendar is None:
            days: Sequence[date] | None = None
            if not isinstance(self.market, LeanFolder):
                days = sorted({day for ticker in self.market.tickers() for day in self.market.load(ticker).dates})
            self._calendar = _exchange() if days is None else TradingCalendar(EARLIEST, LATEST, days)
        return self._calendar

    def asset(self, ticker: str) -> Asset:
        """Listing and daily bars of a ticker."""
        return self.market.load(ticker)

    def last_day(self, tickers: Iterable[str]) -> date | None:
        """The last day on which one of some tickers has bars; where none of them is there, one of the whole market."""
        return self._last_day(tickers) or self._last_day(self.market.tickers())

    def _last_day(self, tickers: Iterable[str]) -> date | None:
        found: list[date] = []
        for ticker in tickers:
            try:
                found += self.asset(ticker).dates[-1:]
            except NoDataError:
                continue
            for minutes in MINUTES.values():
                bars = self.market.intraday(ticker, minutes)
                found += bars.days[-1:] if bars is not None else []
        return max(found, default=None)

    def events(self, symbol: Symbol) -> list[tuple[date, date, CorporateEvent]]:
        """Corporate events of a symbol."""
        return corporate_events(self.asset(symbol.value), symbol, self.calendar)

    def warn_of_dividends(self, ticker: str, mode: str) -> None:
        """Say where the data know of dividends by adjusted closes only: in raw prices they are falls that no event explains."""
        if self.market.load(ticker).adjusted_scale is not None:
            said = (
                f"hidden_regime: {ticker} in {mode} prices: {self.market.name} has adjusted closes and no dividends, so that a "
                "dividend is a fall without event and cash. Use adjusted prices, or write a LEAN folder: data to-lean --events."
            )
            warnings.warn(RegimeWarning(said), stacklevel=2)

    def check(self, ticker: str, resolution: Resolution) -> None:
        """Raise unless the market has bars of a ticker in a resolution."""
        asset = self.asset(ticker)
        if resolution in (Resolution.TICK, Resolution.SECOND):
            raise UnsupportedError(
                f"add_equity with resolution {resolution.name}: the embedded engine has daily, hourly and minute bars; ticks and "
                "seconds exist in LEAN only. Pass Resolution.DAILY, HOUR or MINUTE."
            )
        missing = not asset.dates if resolution == Resolution.DAILY else self.market.intraday(ticker, MINUTES[resolution]) is None
        if missing:
            has = ["DAILY"] if asset.dates else []
            has += [r.name for r, minutes in MINUTES.items() if self.market.intraday(ticker, minutes) is not None]
            default = " (add_equity's default)" if resolution == Resolution.MINUTE else ""
            raise NoDataError(
                f"{ticker.upper()} has no {resolution.name} bars{default} in {self.market.name}: it has "
                f"{', '.join(has) or 'none'}. Pass Resolution.{has[0] if has else 'DAILY'} (in a universe: "
                "self.universe_settings.resolution), or other data."
            )

    def feed(self, security: Security, *, resolution: Resolution | None = None, first: date = date.min) -> Any:
        """Bars as a security's subscription shows them."""
        return self._make(
            security.symbol, security.data_normalization_mode, security.resolution if resolution is None else resolution,
            fill_forward=security.fill_forward, extended=security.is_extended_market_hours, first=first,
        )  # fmt: skip

    def other(self, symbol: Symbol, mode: DataNormalizationMode, resolution: Resolution, start: date) -> Any:
        """Bars for history, in any mode and resolution. Total-return prices count dividends from the request's start."""
        first = start if mode == DataNormalizationMode.TOTAL_RETURN else date.min
        key = (symbol, mode, resolution, first)
        if key not in self._other:
            made = self._make(symbol, mode, resolution, fill_forward=True, extended=False, first=first)
            if first != date.min:
                return made
            self._other[key] = made
        return self._other[key]

    def _make(self, symbol: Symbol, mode: DataNormalizationMode, resolution: Resolution, *, fill_forward: bool, extended: bool,
              first: date) -> Any:  # fmt: skip
        asset = self.asset(symbol.value)
        if resolution == Resolution.DAILY:
            return DailyFeed(asset, symbol, mode, self.calendar, fill_forward=fill_forward, first=first)
        data = self.market.intraday(symbol.value, MINUTES[resolution])
        return IntradayFeed(
            asset, data, symbol, mode, resolution, self.calendar, fill_forward=fill_forward, extended=extended, first=first
        )
