"""The machinery behind an algorithm: clock, account, data, schedule. One object, made before the user's `__init__`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from hidden_regime.data.lean_folder import LeanFolder
from hidden_regime.data.market import MarketData
from hidden_regime.exceptions import EmptyRangeError, NoDataError, StrategyError
from hidden_regime.simulator.clock import MIDNIGHT, TradingCalendar
from hidden_regime.simulator.consolidators import Consolidator
from hidden_regime.simulator.enums import DataNormalizationMode
from hidden_regime.simulator.feed import Feed
from hidden_regime.simulator.history import History
from hidden_regime.simulator.logs import Logs
from hidden_regime.simulator.objects import Symbol
from hidden_regime.simulator.orders import OrderEvent
from hidden_regime.simulator.portfolio import Portfolio
from hidden_regime.simulator.sampling import Benchmark
from hidden_regime.simulator.scheduling import DateRules, ScheduleManager, TimeRules
from hidden_regime.simulator.securities import Security, SecurityManager
from hidden_regime.simulator.spelling import TwoSpellings
from hidden_regime.simulator.trades import TradeBuilder
from hidden_regime.simulator.transactions import Transactions

LAST_MOMENT = time(23, 59, 59, 999999)
EARLIEST, LATEST = date(1990, 1, 1), date(2039, 12, 31)


class Settings(TwoSpellings):
    """Settings of an algorithm, with LEAN's defaults."""

    def __init__(self) -> None:
        self.free_portfolio_value_percentage = 0.0025
        self.minimum_order_margin_portfolio_percentage = 0.001


class Core:
    """State of a run."""

    def __init__(self) -> None:
        self.start = datetime(1998, 1, 1)
        self.end = datetime.combine(date(2021, 3, 31), LAST_MOMENT)
        self.now = self.start
        self.forced: set[str] = set()
        self.parameters: Mapping[str, str] = {}
        self.parameters_read: set[str] = set()
        self.parameters_unusable: set[str] = set()
        self.market: MarketData | None = None
        self.settings = Settings()
        self.logs = Logs(lambda: self.now)
        self.securities = SecurityManager()
        self.portfolio = Portfolio(self.securities)
        self.trades = TradeBuilder()
        self.on_order_event: Callable[[OrderEvent], None] = lambda event: None
        self.transactions = Transactions(
            self.securities, self.portfolio, self.trades, lambda: self.now, self._order_event,
            lambda message: self.logs.say("error", message))  # fmt: skip
        self.schedule = ScheduleManager(lambda: self.now, lambda: self.end)
        self.date_rules = DateRules(lambda: self.now, lambda: self.calendar)
        self.time_rules = TimeRules(lambda: self.now, lambda: self.calendar)
        self.history = History(lambda: self.now, self.feed, lambda: self.calendar)
        self.feeds: dict[Symbol, Feed] = {}
        self._other_feeds: dict[tuple[Symbol, DataNormalizationMode], Feed] = {}
        self.consolidators: dict[Symbol, list[Consolidator]] = {}
        self.benchmark_ticker: str | None = None
        self.warm_up: tuple[int | timedelta, Any] | None = None
        self.is_warming_up = False
        self.locked = False
        self.quit_reason: str | None = None
        self.charts: dict[str, dict[str, list[tuple[datetime, float]]]] = {}
        self.runtime_statistics: dict[str, str] = {}
        self.warned: set[str] = set()
        self._calendar: TradingCalendar | None = None

    def _order_event(self, event: OrderEvent) -> None:
        self.on_order_event(event)

    @property
    def calendar(self) -> TradingCalendar:
        """Trading days: the New York exchanges' for a LEAN folder, otherwise the days that the data have."""
        if self._calendar is None:
            days = None
            market = self._market()
            if not isinstance(market, LeanFolder):
                days = sorted({day for ticker in market.tickers() for day in market.load(ticker).dates})
            self._calendar = TradingCalendar(EARLIEST, LATEST, days)
        return self._calendar

    def _market(self) -> MarketData:
        if self.market is None:
            raise StrategyError("the algorithm has no market data yet: use add_equity in initialize, not in __init__.")
        return self.market

    def feed(self, symbol: Symbol, mode: DataNormalizationMode | None = None) -> Feed:
        """Feed of a symbol in its subscription's prices or in others; one that isn't subscribed is read adjusted."""
        if mode is None and symbol in self.feeds:
            return self.feeds[symbol]
        key = (symbol, DataNormalizationMode.ADJUSTED if mode is None else mode)
        if key not in self._other_feeds:
            self._other_feeds[key] = Feed(self._market().load(symbol.value), symbol, key[1], self.calendar)
        return self._other_feeds[key]

    def subscribe(self, ticker: str, mode: DataNormalizationMode, fill_forward: bool, leverage: float) -> Security:
        """Add a security; adding it again gives the same one."""
        symbol = Symbol(ticker)
        if symbol in self.securities:
            return self.securities[symbol]
        asset = self._market().load(ticker)
        security = Security(asset, symbol, mode, fill_forward, leverage)
        self.feeds[symbol] = Feed(asset, symbol, mode, self.calendar, fill_forward=fill_forward)
        self.securities[symbol] = security
        self.portfolio.add(symbol, security.holdings)
        return security

    def make_benchmark(self) -> Benchmark:
        """The benchmark that the run is measured against."""
        market = self._market()
        ticker = self.benchmark_ticker or market.benchmark
        try:
            asset = market.load(ticker)
        except NoDataError:
            if self.benchmark_ticker:
                raise
            return Benchmark(market, None, ticker, None)

        def scale(days: Any) -> Any:
            price, split = asset.factors.factors(days)
            return price * split

        daily = None
        if not isinstance(market, LeanFolder):
            daily = Feed(asset, Symbol(ticker), DataNormalizationMode.ADJUSTED, self.calendar)
        return Benchmark(market, daily, ticker, scale)

    def warm_up_start(self) -> datetime:
        """Midnight at which warm-up begins."""
        assert self.warm_up is not None
        amount = self.warm_up[0]
        if isinstance(amount, timedelta):
            return self.start - amount
        before = self.calendar.before(self.start.date(), int(amount))
        return datetime.combine(before[0].date, MIDNIGHT) if before else self.start

    def check_range(self) -> None:
        """Raise for a range in which nothing can happen."""
        if self.start > self.end:
            raise EmptyRangeError(
                f"start {self.start:%Y-%m-%d} is after end {self.end:%Y-%m-%d}: expected at least one day between."
            )
        for symbol, security in self.securities.items():
            dates = security.asset.dates
            if dates[0] > self.end.date() or dates[-1] < self.start.date():
                raise NoDataError(
                    f"{symbol} has no bars between {self.start:%Y-%m-%d} and {self.end:%Y-%m-%d}: it has {dates[0]} to "
                    f"{dates[-1]}. Choose other dates (--start, --end) or other assets."
                )
        if self.securities and not self.calendar.between(self.start.date(), self.end.date()):
            raise EmptyRangeError(
                f"{self.start:%Y-%m-%d} to {self.end:%Y-%m-%d} holds no session: expected at least one trading day. "
                "Widen the range."
            )


__all__ = ["Core", "Settings"]
