"""Where subscriptions and history find their bars."""

from __future__ import annotations

import warnings
from bisect import bisect_left
from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable
from weakref import WeakKeyDictionary

from hidden_regime.data.definitions import Definition
from hidden_regime.data.intraday import IntradayBars, IntradayQuotes
from hidden_regime.data.lean_folder import LeanFolder
from hidden_regime.data.market import Asset, MarketData
from hidden_regime.data.pairs.bars import PairBars
from hidden_regime.data.pairs.hours import PairHours
from hidden_regime.data.pairs.markets import PairMarkets
from hidden_regime.data.tables import TableMarket
from hidden_regime.data.ticks import IntradayTicks
from hidden_regime.exceptions import NoDataError, RegimeWarning, StrategyError, UnsupportedError
from hidden_regime.simulator.clock import TradingCalendar
from hidden_regime.simulator.enums import DataNormalizationMode, Resolution, SecurityType
from hidden_regime.simulator.feed.corporate import AFTER_MIDNIGHT, as_told_live, corporate_events
from hidden_regime.simulator.feed.daily import DailyFeed
from hidden_regime.simulator.feed.known import as_known
from hidden_regime.simulator.feed.pair_rows import RowFeed
from hidden_regime.simulator.feed.pairs import NoPairFeed, PairFeed
from hidden_regime.simulator.feed.quotes import QuoteFeed
from hidden_regime.simulator.feed.ticks import TickFeed
from hidden_regime.simulator.feed.within_day import IntradayFeed
from hidden_regime.simulator.objects.corporate import CorporateEvent
from hidden_regime.simulator.objects.identifier import SecurityIdentifier
from hidden_regime.simulator.objects.symbol import Symbol

if TYPE_CHECKING:
    from hidden_regime.simulator.account.security import Security

EARLIEST, LATEST = date(1990, 1, 1), date(2039, 12, 31)
ALWAYS = date.max, date.max
"""Days of the events and of the bar by which history is adjusted, where it is by all there are."""
MINUTES = {Resolution.HOUR: 60, Resolution.MINUTE: 1}
PAIR_MINUTES = {Resolution.DAILY: 1440, **MINUTES}
OWN_MARKETS = PairMarkets()
"""What is known of pairs where the data know nothing."""
FINE = (Resolution.SECOND, Resolution.TICK)
WITHIN = (*MINUTES, *FINE)
"""Resolutions within the day."""


@cache
def _exchange() -> TradingCalendar:
    return TradingCalendar(EARLIEST, LATEST)


_OWN: WeakKeyDictionary[MarketData, TradingCalendar] = WeakKeyDictionary()


def calendar_of(market: MarketData) -> TradingCalendar:
    """Trading days with their hours, kept for the next run on the same folder or frames; of a market that grows, its own."""
    if isinstance(market, Growing):
        return market.calendar
    if isinstance(market, LeanFolder) and market.market_hours is None:
        return _exchange()
    if not isinstance(market, (LeanFolder, TableMarket)):
        return _of_days(market)
    if market not in _OWN:
        hours = market.market_hours if isinstance(market, LeanFolder) else None
        _OWN[market] = _of_days(market) if hours is None else TradingCalendar(EARLIEST, LATEST, hours=hours)
    return _OWN[market]


def _of_days(market: MarketData) -> TradingCalendar:
    """The days on which any of a market's assets has a bar."""
    if isinstance(market, TableMarket):
        days = market.days()
        return TradingCalendar(EARLIEST, LATEST, days) if days else _exchange()
    return TradingCalendar(EARLIEST, LATEST, sorted({day for t in market.tickers() for day in market.load(t).dates}))


@runtime_checkable
class Growing(Protocol):
    """A market that gets bars while a run goes on, and knows which sessions are to come."""

    calendar: TradingCalendar


class Catalog:
    """The market of a run, with its calendar."""

    def __init__(self) -> None:
        self._given: MarketData | None = None
        self._calendar: TradingCalendar | None = None
        self.live_clock: Callable[[], datetime] | None = None
        """New York time, where the market is fed as LEAN live does: history then holds the events known by now."""
        self._said: set[str] = set()
        self._other: dict[tuple[Symbol, DataNormalizationMode, Resolution, date, tuple[date, date], bool], Any] = {}

    def offer(self, market: MarketData) -> None:
        """Use a market from now on."""
        self._given, self._calendar = market, None
        self._other.clear()
        self._said.clear()

    def renew(self) -> None:
        """Read history anew: the market has more than before."""
        self._other.clear()

    @property
    def market(self) -> MarketData:
        """The market."""
        if self._given is None:
            raise StrategyError("the algorithm has no market data yet: use add_equity in initialize, not in __init__.")
        return self._given

    @property
    def calendar(self) -> TradingCalendar:
        """Trading days: a LEAN folder's own or the New York exchanges', for other markets the days that the data have."""
        if self._calendar is None:
            self._calendar = calendar_of(self.market)
        return self._calendar

    def asset(self, ticker: str) -> Asset:
        """Listing and daily bars of a ticker. One without any file is, in a LEAN folder, an asset without bars."""
        market = self.market
        return market.listing(ticker) if isinstance(market, (LeanFolder, TableMarket)) else market.load(ticker)

    def identifier(self, ticker: str) -> SecurityIdentifier:
        """Identifier of a ticker's security: its first name and day, or the ticker where no map file knows them."""
        asset = self.asset(ticker)
        return SecurityIdentifier.of_equity(asset.names[0].ticker if asset.names else ticker, asset.first_day)

    def definition(self, identifier: str) -> Definition:
        """Standard identifiers of a security, as far as the market knows them."""
        found = self.market.definitions if isinstance(self.market, LeanFolder) else {}
        return found.get(identifier, Definition())

    def last_day(self, tickers: Iterable[str], pairs: Iterable[Security] = ()) -> date | None:
        """The last day on which one of some tickers or pairs has bars; where none of them is there, one of the whole market."""
        of_pairs = [found.days[1] for pair in pairs for found in self._bars_of(pair, pair.resolution) if found.days is not None]
        if of_pairs:
            return max(of_pairs)
        return self._last_day(tickers) or self._last_day(self.market.tickers())

    # Pairs ---------------------------------------------------------------------------------------------------------------
    @property
    def pair_markets(self) -> PairMarkets:
        """Facts of the market's pairs."""
        found = getattr(self.market, "pair_markets", None)
        return OWN_MARKETS if found is None else found

    def expect_pair(self, ticker: str) -> None:
        """Raise where a market of tables has a ticker that is no pair."""
        if isinstance(self.market, TableMarket):
            self.market.expect_pair(ticker)

    def pair_named(self, ticker: str) -> Symbol | None:
        """The pair that a market of tables has by a ticker."""
        found = self.market.pairs.find(ticker) if isinstance(self.market, TableMarket) else None
        return None if found is None else Symbol(found.name.ticker, SecurityType[found.name.kind.upper()], found.name.market)

    def pair_bars(self, symbol: Symbol, minutes: int, *, quotes: bool) -> PairBars | None:
        """Bars of a pair, if the market has them."""
        found = getattr(self.market, "pairs", None)
        if found is None:
            return None
        made: PairBars | None = found.bars(symbol.security_type.name.lower(), symbol.market, symbol.value, minutes, quotes=quotes)
        return made

    def _bars_of(self, security: Any, resolution: Resolution) -> list[PairBars]:
        minutes = PAIR_MINUTES[resolution]
        found = [self.pair_bars(security.symbol, minutes, quotes=quotes) for quotes in (False, True)]
        return [bars for bars in found if bars is not None]

    def pair_feeds(self, security: Any, resolution: Resolution, *, internal: bool = False) -> list[PairFeed | NoPairFeed]:
        """What a subscription to a pair shows: trades, then quotes. Of a pair that is there for its rate the first alone."""
        hours = security.exchange.pair_hours
        found: list[PairFeed | NoPairFeed] = [
            RowFeed(bars, security.symbol, hours)
            if (fills := security.fill_forward or internal) and RowFeed.is_one(bars, hours)
            else PairFeed(bars, security.symbol, hours, fill_forward=fills)
            for bars in self._bars_of(security, resolution)
        ]
        if internal and security.type == SecurityType.CRYPTO:
            found = [feed for feed in found if not feed.quotes]
        return found[:1] if internal else found

    def pair_history(self, symbol: Symbol, hours: PairHours, resolution: Resolution, *, quotes: bool) -> PairFeed | NoPairFeed:
        """Trades or quotes of a pair for history."""
        bars = self.pair_bars(symbol, PAIR_MINUTES[resolution], quotes=quotes)
        return NoPairFeed(PAIR_MINUTES[resolution]) if bars is None else PairFeed(bars, symbol, hours)

    def check_pair(self, symbol: Symbol, resolution: Resolution, *, quiet: bool) -> None:
        """Refuse resolutions that the engine doesn't have, and say where a pair has no bars of one."""
        if resolution not in PAIR_MINUTES:
            raise UnsupportedError(
                f"{symbol.value} with resolution {resolution.name}: of pairs the embedded engine has daily, hourly and minute "
                "bars; ticks and seconds exist in LEAN only. Pass Resolution.DAILY, HOUR or MINUTE."
            )
        has = [known.name for known, minutes in PAIR_MINUTES.items() if self._has_pair(symbol, minutes)]
        if resolution.name in has or quiet:
            return
        kind = symbol.security_type.name.lower()
        said = (
            f"{symbol.value} at {symbol.market} has no {resolution.name} bars in {self.market.name}: it has "
            f"{', '.join(has) or 'none'}. Pass Resolution.{has[0] if has else 'DAILY'}, another market, or other data: a LEAN "
            f"folder with {kind}/{symbol.market}, or a table called {kind}/{symbol.market}/{symbol.value}."
        )
        if isinstance(self.market, LeanFolder):
            self.warn(said)
        else:
            raise NoDataError(said)

    def _has_pair(self, symbol: Symbol, minutes: int) -> bool:
        return any(self.pair_bars(symbol, minutes, quotes=quotes) is not None for quotes in (False, True))

    def absent_pair(self, security: Any, first: date, last: date) -> str | None:
        """What to say where a pair has no bars between two days."""
        spans = [bars.days for bars in self._bars_of(security, security.resolution) if bars.days is not None]
        if any(begin <= last and end >= first for begin, end in spans):
            return None
        shown = ", ".join(dict.fromkeys(f"{begin} to {end}" for begin, end in spans)) or "none"
        return (
            f"{security.symbol.value} at {security.symbol.market} has no {security.resolution.name} bars between {first} and "
            f"{last}: it has {shown}. Choose other dates (--start, --end) or other pairs."
        )

    def _last_day(self, tickers: Iterable[str]) -> date | None:
        found: list[date] = []
        for ticker in tickers:
            try:
                found += self.market.load(ticker).dates[-1:]
            except NoDataError:
                continue
            for resolution in WITHIN:
                bars = self.within(ticker, resolution)
                found += bars.days[-1:] if bars is not None else []
        return max(found, default=None)

    def events(self, symbol: Symbol) -> list[tuple[date, date, CorporateEvent]]:
        """Corporate events of a symbol."""
        events = corporate_events(self.asset(symbol.value), symbol, self.calendar)
        return events if self.live_clock is None else as_told_live(events)

    def warn_of_dividends(self, ticker: str, mode: str) -> None:
        """Say where the data know of dividends by adjusted closes only: in raw prices they are falls that no event explains."""
        if self.asset(ticker).adjusted_scale is not None:
            said = (
                f"hidden_regime: {ticker} in {mode} prices: {self.market.name} has adjusted closes and no dividends, so that a "
                "dividend is a fall without event and cash. Use adjusted prices, or write a LEAN folder: data to-lean --events."
            )
            warnings.warn(RegimeWarning(said), stacklevel=2)

    def absence(self, ticker: str, resolution: Resolution, first: date, last: date) -> str | None:
        """What to say where a ticker has no bars in a resolution between two days."""
        said = self.check(ticker, resolution)
        if said is not None:
            return said
        days, kind = self.asset(ticker).dates, ""
        if resolution != Resolution.DAILY:
            bars = self.within(ticker, resolution)
            days, kind = bars.days if bars is not None else [], f"{resolution.name} "
        # Daily bars go on after a gap, so that only days before the first or after the last count as none.
        before = bisect_left(days, first)
        if days and days[0] <= last and before < len(days) and (resolution == Resolution.DAILY or days[before] <= last):
            return None
        return (
            f"{ticker} has no {kind}bars between {first} and {last}: it has {f'{days[0]} to {days[-1]}' if days else 'none'}. "
            "Choose other dates (--start, --end) or other assets."
        )

    def lost_names(self, ticker: str, resolution: Resolution, first: date, last: date) -> str | None:
        """What to say where some of a ticker's bars between two days stand under a name whose file is missing."""
        market = self.market
        if not isinstance(market, LeanFolder):
            return None
        lost = market.missing(resolution.name.lower(), ticker, first, last) if market.has(ticker) else []
        return f"{lost[0]} is missing: it holds the bars of days on which {ticker} had another name." if lost else None

    def check(self, ticker: str, resolution: Resolution) -> str | None:
        """What to say where a LEAN folder has no bars of a ticker in a resolution; other markets raise it."""
        asset, market = self.asset(ticker), self.market
        folder = market if isinstance(market, LeanFolder) else None
        if folder is None and resolution in FINE:
            raise UnsupportedError(
                f"add_equity with resolution {resolution.name}: {market.name} has bars of days, hours and minutes; seconds "
                "and ticks come from a LEAN data folder (--data FOLDER). Pass Resolution.DAILY, HOUR or MINUTE."
            )
        if resolution == Resolution.DAILY and (asset.dates or isinstance(market, Growing)):
            return None
        if resolution != Resolution.DAILY and self.within(ticker, resolution) is not None:
            return None
        if folder is not None and not folder.has(ticker):
            return folder.unknown(ticker)
        has = ["DAILY"] if asset.dates else []
        has += [r.name for r in WITHIN if self.within(ticker, r) is not None]
        default = " (add_equity's default)" if resolution == Resolution.MINUTE else ""
        said = (
            f"{ticker.upper()} has no {resolution.name} bars{default} in {market.name}: it has "
            f"{', '.join(has) or 'none'}. Pass Resolution.{has[0] if has else 'DAILY'} (in a universe: "
            "self.universe_settings.resolution), or other data."
        )
        if folder is None:
            raise NoDataError(said)
        return said

    def without(self, ticker: str, error: NoDataError) -> None:
        """Go on without a ticker that a LEAN folder has no file of; of another market that is an error."""
        if not isinstance(self.market, LeanFolder):
            raise error
        self.warn(self.market.unknown(ticker))

    def warn(self, said: str) -> None:
        """Say once that a run goes on without some bars."""
        if said not in self._said:
            self._said.add(said)
            warnings.warn(RegimeWarning(f"hidden_regime: {said} The run goes on without its bars, as in LEAN."), stacklevel=2)

    def feed(self, security: Security, *, resolution: Resolution | None = None, first: date = date.min) -> Any:
        """Bars as a security's subscription shows them."""
        return self._make(
            security.symbol, security.priced_in, security.resolution if resolution is None else resolution,
            fill_forward=security.fill_forward, extended=security.is_extended_market_hours, first=first,
        )  # fmt: skip

    def has_quotes(self, ticker: str, resolution: Resolution) -> bool:
        """Whether the market has quotes of a ticker in a resolution: of equities LEAN has none of hours and days."""
        return self._quoted(ticker, resolution) is not None

    def within(self, ticker: str, resolution: Resolution) -> IntradayBars | IntradayTicks | None:
        """Bars or ticks of a ticker within the day, or None where the market has none."""
        market = self.market
        if resolution in MINUTES:
            return market.intraday(ticker, MINUTES[resolution])
        if not isinstance(market, LeanFolder):
            return None
        return market.seconds(ticker) if resolution == Resolution.SECOND else market.ticks(ticker)

    def _quoted(self, ticker: str, resolution: Resolution) -> IntradayQuotes | None:
        if resolution == Resolution.MINUTE:
            return self.market.quotes(ticker)
        seconds = resolution == Resolution.SECOND and isinstance(self.market, LeanFolder)
        return self.market.second_quotes(ticker) if seconds else None  # type: ignore[attr-defined]

    def quotes(self, security: Security, *, first: date = date.min) -> Any:
        """Quotes as a security's subscription shows them, or None where there are none."""
        if not self.has_quotes(security.symbol.value, security.resolution):
            return None
        return self._make(
            security.symbol, security.priced_in, security.resolution, fill_forward=security.fill_forward,
            extended=security.is_extended_market_hours, first=first, quotes=True,
        )  # fmt: skip

    def other(
        self, symbol: Symbol, mode: DataNormalizationMode, resolution: Resolution, start: date, end: date = date.max, *,
        quotes: bool = False,
    ) -> Any:  # fmt: skip
        """Bars for history, in any mode and resolution, or quotes.

        Total-return prices count dividends from the request's start; scaled raw ones are those of its end.
        """
        if isinstance(self.market, LeanFolder) and not self.market.has(symbol.value):
            self.warn(self.market.unknown(symbol.value))
        until = date.max
        if mode == DataNormalizationMode.SCALED_RAW:
            rows = self.asset(symbol.value).factors.rows
            until = next((row.date for row in rows if row.date >= end), date.max)
        first = start if mode == DataNormalizationMode.TOTAL_RETURN else date.min
        known = ALWAYS
        if self.live_clock is not None and mode != DataNormalizationMode.RAW:
            now = self.live_clock()
            today = self.calendar.find(now.date())
            over = today is not None and today.close <= now
            known = (now - AFTER_MIDNIGHT).date(), now.date() if over else now.date() - timedelta(days=1)
        key = (symbol, mode, resolution, until, known, quotes)
        if key not in self._other:
            if known != ALWAYS:
                self._other = {kept: feed for kept, feed in self._other.items() if kept[4] in (known, ALWAYS)}
            made = self._make(
                symbol, mode, resolution, fill_forward=True, extended=False, first=first, until=until, known=known, history=True,
                quotes=quotes,
            )  # fmt: skip
            if first != date.min:
                return made
            self._other[key] = made
        return self._other[key]

    def forget(self, symbol: Symbol) -> None:
        """Read a symbol's history anew."""
        self._other = {kept: feed for kept, feed in self._other.items() if kept[0] != symbol}

    def _make(self, symbol: Symbol, mode: DataNormalizationMode, resolution: Resolution, *, fill_forward: bool, extended: bool,
              first: date, until: date = date.max, known: tuple[date, date] = ALWAYS, history: bool = False,
              quotes: bool = False) -> Any:  # fmt: skip
        asset = self.asset(symbol.value)
        if known != ALWAYS:
            asset = as_known(asset, *known)
        if resolution == Resolution.DAILY:
            return DailyFeed(
                asset, symbol, mode, self.calendar, fill_forward=fill_forward, first=first, until=until, history=history
            )
        if quotes:
            return QuoteFeed(
                asset, self._quoted(symbol.value, resolution), symbol, mode, resolution, self.calendar, fill_forward=fill_forward,
                extended=extended, first=first, until=until, history=history,
            )  # fmt: skip
        data = self.within(symbol.value, resolution)
        if resolution == Resolution.TICK:
            assert data is None or isinstance(data, IntradayTicks)
            return TickFeed(
                asset, data, symbol, mode, self.calendar, extended=extended, first=first, until=until, history=history
            )
        assert not isinstance(data, IntradayTicks)
        return IntradayFeed(
            asset, data, symbol, mode, resolution, self.calendar, fill_forward=fill_forward, extended=extended, first=first,
            until=until, history=history,
        )  # fmt: skip
