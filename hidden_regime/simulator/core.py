"""The machinery behind an algorithm: clock, account, data, schedule. One object, made before the user's `__init__`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from hidden_regime.data.zones import Zone
from hidden_regime.exceptions import EmptyRangeError, NoDataError, UnsupportedError
from hidden_regime.simulator.account.portfolio import Portfolio
from hidden_regime.simulator.account.security import Security, SecurityManager
from hidden_regime.simulator.account.trades import TradeBuilder
from hidden_regime.simulator.charts import Charts
from hidden_regime.simulator.clock import MIDNIGHT, TradingCalendar, from_utc
from hidden_regime.simulator.enums import Resolution
from hidden_regime.simulator.feed.catalog import Catalog
from hidden_regime.simulator.feed.lists import Lists
from hidden_regime.simulator.figures.portfolio import DEFAULT_RATE, TRADING_DAYS
from hidden_regime.simulator.figures.sampling import Benchmark, Sampler
from hidden_regime.simulator.framework.pipeline import Framework
from hidden_regime.simulator.history.window import start_of
from hidden_regime.simulator.lengths import LENGTHS, MINUTE
from hidden_regime.simulator.logs import Logs
from hidden_regime.simulator.models.brokerages import BrokerageModel, DefaultBrokerageModel
from hidden_regime.simulator.models.initializers import BrokerageModelSecurityInitializer
from hidden_regime.simulator.object_store import ObjectStore
from hidden_regime.simulator.objects import Slice, Symbol, lookup
from hidden_regime.simulator.orders.book import Book
from hidden_regime.simulator.orders.events import OrderEvent
from hidden_regime.simulator.orders.trader import Trader
from hidden_regime.simulator.run_clock import RunClock
from hidden_regime.simulator.schedule import DateRules, ScheduleManager, TimeRules
from hidden_regime.simulator.settings import Settings, UniverseSettings
from hidden_regime.simulator.subscriptions import Subscriptions
from hidden_regime.simulator.universes.manager import UniverseManager

if TYPE_CHECKING:
    from hidden_regime.simulator.loop.pace import Pace

AFTER_END = timedelta(days=4)
LAST_MOMENT = time(23, 59, 59, 999999)


class Core:
    """State of a run."""

    def __init__(self, algorithm: Any) -> None:
        self.algorithm = algorithm
        self.clock = RunClock()
        self.start = datetime(1998, 1, 1)
        self._end: datetime | None = None
        # LEAN's clock stands at 1998 in UTC until a start date is set.
        self.now = from_utc(self.start)
        self.begin = self.now
        """The engine's time at which data begin to flow."""
        self.forced: set[str] = set()
        self.parameters: Mapping[str, str] = {}
        self.parameters_read: dict[str, Any] = {}
        """Defaults of the parameters that the strategy has asked for."""
        self.parameters_unusable: set[str] = set()
        self.settings, self.universe_settings = Settings(), UniverseSettings()
        self.name = ""
        self.tags: set[str] = set()
        self.logs = Logs(self.shown)
        self.catalog = Catalog()
        self._said: set[str] = set()
        self.subscriptions = Subscriptions(self)
        self.known = self.subscriptions.known
        self.lists = Lists(self.catalog, self.known)
        self.securities = SecurityManager(known=self.known)
        self.portfolio = Portfolio(self.securities, self.settings, self.known)
        self.trades = TradeBuilder()
        self.on_order_event: Callable[[OrderEvent], None] = lambda event: None
        self.book = Book(
            self.securities, self.portfolio, self.trades, self.time, self._order_event,
            lambda message: self.logs.say("error", message))  # fmt: skip
        self.book.clock = self.clock
        self.book.on_debug = lambda message: self.logs.say("debug", message)
        self.portfolio.open_orders_of = self.book.open_of
        self.book.is_warming_up = lambda: self.is_warming_up
        self.book.brokerage = lambda: self.brokerage_model
        self.trader = Trader(self)
        self.schedule = ScheduleManager(self.time, lambda: self.last_time, self.shown)
        self.date_rules = DateRules(self.shown, lambda: self.calendar, self.subscriptions.know_by_rule, self.exchange_of)
        self.time_rules = TimeRules(
            self.time, lambda: self.calendar, self.subscriptions.know_by_rule, self.exchange_of, self.clock
        )
        self.object_store = ObjectStore()
        self.charts = Charts(self)
        self.universes = UniverseManager(self)
        self.framework = Framework(self)
        self.brokerage_model: BrokerageModel = DefaultBrokerageModel()
        self.initializer: Any = BrokerageModelSecurityInitializer(self.brokerage_model)
        self.own_initializer = False
        self.connect_currencies: Callable[[], None] = lambda: None
        """Finds rates of the currencies that have none yet."""
        self.benchmark_ticker: str | None = None
        self.benchmark_pair: Symbol | None = None
        """What the run is measured against, where that is a pair."""
        self.benchmark: Benchmark | None = None
        """The same, once the run goes on."""
        self.benchmark_function: Callable[[datetime], float] | None = None
        self.warm_up: tuple[int | timedelta, Resolution | None] | None = None
        self.is_warming_up = False
        self.locked = self.running = self.live = False
        self.pace: Pace | None = None
        """What a run on a clock waits for."""
        self.initialized: list[Callable[[], None]] = []
        """What others than the strategy do once it is initialised."""
        self.quit_reason: str | None = None
        self.failure: Exception | None = None
        self.runtime_statistics: dict[str, str] = {}
        self.summary_statistics: dict[str, str] = {}
        self.sampler: Sampler | None = None
        self.sliced: Slice | None = None
        self.nothing_at: datetime | None = None
        """What arrived last, or when nothing but the benchmark did: a slice that is made only if the strategy looks at it."""
        self.consolidators_made: list[Any] = []
        self.consolidating = False
        self.watched: dict[Symbol, Security] = {}
        """Securities whose volatility model wants each bar."""
        self.filtered: dict[Symbol, Security] = {}
        """Securities whose data a filter of the strategy's looks at."""
        self.charged: dict[Symbol, Security] = {}
        """Securities whose model of interest, or own model of settlement, is asked each hour."""
        self.fed_by: dict[int, list[tuple[Any, Any]]] = {}
        self.history: Any = None
        self.view: Any = None

    def time(self) -> datetime:
        """The engine's time."""
        return self.now

    def shown(self) -> datetime:
        """What the strategy's clock shows."""
        return self.clock.shown(self.now)

    def go_round(self, what: str) -> None:
        """Count in UTC from now on, as a market round the clock or another time zone needs it."""
        if self.clock.is_round:
            return
        self.refuse_on_clock(what, "US equities in New York's time", "it waits for the bars of their sessions alone")
        if self.running:
            raise UnsupportedError(
                f"{what} in a run that has begun with US equities alone: the embedded engine has to know of crypto and forex in "
                "initialize. Add them, or one of them, there."
            )
        utc = self.clock.to_utc(self.now)
        self.clock.go_round()
        self.now = utc

    def refuse_on_clock(self, what: str, expected: str, why: str) -> None:
        """Raise where a run on a clock can't have something.

        Raises
        ------
        UnsupportedError
        """
        if self.pace is not None:
            raise UnsupportedError(
                f"{what} in a run on a clock: expected {expected} only, for {why}. Do without, or run it in LEAN."
            )

    def show_zone(self, zone: Zone) -> None:
        """Let the strategy's clock show another zone's time: its first day begins there."""
        if zone is self.clock.own:
            return
        self.go_round("set_time_zone")
        begun = self.now == self.clock.of_shown(self.start)
        self.clock.show(zone)
        if begun:
            self.now = self.clock.of_shown(self.start)

    def exchange_of(self, asset: Any) -> Any:
        """Exchange of a pair; None for what has New York's hours."""
        if not self.clock.is_round or asset is None:
            return None
        security = self.securities.get(self.symbol_of(asset))
        return security.exchange if security is not None and not security.is_valued else None

    @property
    def trading_days(self) -> int:
        """Trading days of a year, in statistics: the strategy's, or the broker's."""
        own = self.settings.trading_days_per_year
        days: int = getattr(self.brokerage_model, "trading_days", TRADING_DAYS)
        return days if own is None else own

    @property
    def last_time(self) -> datetime:
        """By when the run is over: round the clock a bar that starts before the end may come after it."""
        return self.end + AFTER_END if self.clock.is_round else self.end

    @property
    def end(self) -> datetime:
        """Last moment of the run: without an end date, of the last day on which the run's assets or its benchmark have bars."""
        if self._end is not None:
            return self._end
        tickers = {symbol.value for symbol in self.subscriptions.priced()}
        pairs = [found.security for found in self.subscriptions.values() if not found.security.is_valued]
        last = self.catalog.last_day(tickers | {self.benchmark_ticker or self.catalog.market.benchmark}, pairs)
        found = datetime.combine(last or self.start.date(), LAST_MOMENT)
        if self.locked:
            self._end = found
        return found

    @end.setter
    def end(self, end: datetime) -> None:
        self._end = end

    @property
    def slice(self) -> Slice | None:
        """The latest slice; None before data flow."""
        if self.sliced is None and self.nothing_at is not None:
            at = self.nothing_at
            self.sliced = Slice(self.clock.shown(at), self.clock.to_utc(at), {}, None, self.known)
        return self.sliced

    def empty_slice(self, time: datetime) -> None:
        """Nothing has arrived at a time."""
        self.sliced, self.nothing_at = None, time

    @property
    def calendar(self) -> TradingCalendar:
        """Trading days."""
        return self.catalog.calendar

    def _order_event(self, event: OrderEvent) -> None:
        """Tell the strategy. An error of its own ends the run, but not in the middle of whatever it was doing."""
        try:
            self.framework.order_event(event)
            self.on_order_event(event)
        except Exception as error:  # noqa: BLE001 - a strategy may raise anything
            self.failure = self.failure or error

    def symbol_of(self, asset: Any) -> Symbol:
        """Symbol of a ticker, a symbol or a security."""
        if isinstance(asset, Symbol):
            return asset.bare
        if isinstance(asset, str):
            return lookup(asset, self.known)
        symbol = getattr(asset, "symbol", None)
        if isinstance(symbol, Symbol):
            return symbol
        raise TypeError(f"No method matches given arguments: symbol = {asset!r}: expected a Symbol or a ticker.")

    def margin_changed(self, security: Security) -> None:
        """A security binds its margin otherwise."""
        if security.margins.varies:
            self.portfolio.margin_varies = True
        elif self.portfolio.margin_varies:
            self.portfolio.margin_varies = any(s.margins.varies for s in self.securities.values())
        self.portfolio.prices_changed()

    def models_changed(self, security: Security) -> None:
        """Some security has another filter, or another model of interest or settlement."""
        hourly = security.interest or security.own_settlement
        for found, model in ((self.filtered, security.data_filter), (self.charged, hourly)):
            found.pop(security.symbol, None)
            if model is not None:
                found[security.symbol] = security

    @property
    def benchmark_symbol(self) -> Symbol:
        """What the run is measured against, where that is a security."""
        if self.benchmark_pair is not None:
            return self.benchmark_pair
        ticker = self.benchmark_ticker or self.catalog.market.benchmark
        return self.known.get(ticker) or Symbol(ticker)

    def risk_free_rate(self) -> float:
        """Risk-free rate of the current date, a year."""
        rates = [rate for day, rate in self.catalog.market.interest_rates() if day <= self.shown().date()]
        return rates[-1] if rates else DEFAULT_RATE

    def say_once(self, kind: str, text: str) -> None:
        """Write a line that is written once a run."""
        if text not in self._said:
            self._said.add(text)
            self.logs.say(kind, text)

    # The range -----------------------------------------------------------------------------------------------------------
    def warm_up_start(self) -> datetime:
        """When warm-up begins, in the engine's time: so many bars or so much calendar time before the start."""
        assert self.warm_up is not None
        amount, resolution = self.warm_up
        if isinstance(amount, timedelta):
            return self.clock.of_shown(self.start) - amount
        if self.clock.is_round:
            return self.subscriptions.warm_up_start(amount, resolution)
        starts = [self._bars_before_start(amount, resolution or s.resolution, s.custom is not None)
                  for s in self.subscriptions.values()]  # fmt: skip
        if not starts:
            # LEAN counts every hour as open then, and each universe's days.
            starts = [self.start - amount * LENGTHS.get(resolution or self.universe_settings.resolution, MINUTE)]
            if self.universes.universes:
                starts.append(self._bars_before_start(amount, resolution or Resolution.DAILY, False))
        return min(starts)

    def _bars_before_start(self, n: int, resolution: Resolution, always_open: bool) -> datetime:
        begin = start_of(self.start, n, resolution, self.calendar, always_open=always_open)
        return begin if begin > datetime.min else datetime.combine(self.calendar.days[0], MIDNIGHT)

    def check_range(self) -> None:
        """Raise for a range in which nothing can happen."""
        if self.start > self.end:
            raise EmptyRangeError(
                f"start {self.start:%Y-%m-%d} is after end {self.end:%Y-%m-%d}: expected at least one day between."
            )
        if self.pace is not None:  # its bars are still to come
            return
        first, last = self.start.date(), self.end.date()
        priced = [(s.symbol.value, s.resolution, first, last) for s in self.subscriptions.priced().values()]
        absent = [self.catalog.absence(*asked) for asked in priced]
        told = [said for said in absent if said is not None]
        if told and len(told) == len(self.subscriptions) and not self.universes.universes:
            raise NoDataError(told[0])
        for asked, said in zip(priced, absent, strict=True):
            lost = said or self.catalog.lost_names(*asked)
            if lost is not None:
                self.catalog.warn(lost)
        self.subscriptions.check_pairs(first, last)
        if priced and len(priced) == len(self.subscriptions) and not self.calendar.between(self.start.date(), self.end.date()):
            raise EmptyRangeError(
                f"{self.start:%Y-%m-%d} to {self.end:%Y-%m-%d} holds no session: expected at least one trading day. "
                "Widen the range."
            )
