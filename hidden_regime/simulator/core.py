"""The machinery behind an algorithm: clock, account, data, schedule. One object, made before the user's `__init__`."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from hidden_regime.exceptions import EmptyRangeError, NoDataError, RegimeWarning, UnsupportedError
from hidden_regime.simulator.account.portfolio import Portfolio
from hidden_regime.simulator.account.security import Exchange, Security, SecurityManager
from hidden_regime.simulator.account.trades import TradeBuilder
from hidden_regime.simulator.charts import Charts
from hidden_regime.simulator.clock import MIDNIGHT, TradingCalendar
from hidden_regime.simulator.consolidation.periods import LENGTHS
from hidden_regime.simulator.enums import DataNormalizationMode, Resolution, SecurityType
from hidden_regime.simulator.feed.catalog import Catalog
from hidden_regime.simulator.feed.custom import CustomFeed
from hidden_regime.simulator.feed.subscription import Subscription
from hidden_regime.simulator.figures.portfolio import DEFAULT_RATE
from hidden_regime.simulator.framework.pipeline import Framework
from hidden_regime.simulator.history.window import start_of
from hidden_regime.simulator.logs import Logs
from hidden_regime.simulator.models.brokerages import BrokerageModel, DefaultBrokerageModel
from hidden_regime.simulator.models.initializers import BrokerageModelSecurityInitializer
from hidden_regime.simulator.object_store import ObjectStore
from hidden_regime.simulator.objects import Symbol
from hidden_regime.simulator.orders.book import Book
from hidden_regime.simulator.orders.events import OrderEvent
from hidden_regime.simulator.orders.trader import Trader
from hidden_regime.simulator.schedule import DateRules, ScheduleManager, TimeRules
from hidden_regime.simulator.settings import Settings, UniverseSettings
from hidden_regime.simulator.universes.manager import UniverseManager

MODES = (
    DataNormalizationMode.RAW, DataNormalizationMode.ADJUSTED, DataNormalizationMode.SPLIT_ADJUSTED,
    DataNormalizationMode.TOTAL_RETURN,
)  # fmt: skip
MINUTE = timedelta(minutes=1)
LAST_MOMENT = time(23, 59, 59, 999999)


class Core:
    """State of a run."""

    def __init__(self, algorithm: Any) -> None:
        self.algorithm = algorithm
        self.start = datetime(1998, 1, 1)
        self.end = datetime.combine(date(2021, 3, 31), LAST_MOMENT)
        self.now = self.start
        self.forced: set[str] = set()
        self.parameters: Mapping[str, str] = {}
        self.parameters_read: set[str] = set()
        self.parameters_unusable: set[str] = set()
        self.settings, self.universe_settings = Settings(), UniverseSettings()
        self.name = ""
        self.tags: set[str] = set()
        self.logs = Logs(self.time)
        self.catalog = Catalog()
        self.securities = SecurityManager()
        self.subscriptions: dict[Symbol, Subscription] = {}
        self.portfolio = Portfolio(self.securities, self.settings)
        self.trades = TradeBuilder()
        self.on_order_event: Callable[[OrderEvent], None] = lambda event: None
        self.book = Book(
            self.securities, self.portfolio, self.trades, self.time, self._order_event,
            lambda message: self.logs.say("error", message))  # fmt: skip
        self.book.is_warming_up = lambda: self.is_warming_up
        self.book.brokerage = lambda: self.brokerage_model
        self.trader = Trader(self)
        self.schedule = ScheduleManager(self.time, lambda: self.end)
        self.date_rules = DateRules(self.time, lambda: self.calendar)
        self.time_rules = TimeRules(self.time, lambda: self.calendar)
        self.object_store = ObjectStore()
        self.charts = Charts(self)
        self.universes = UniverseManager(self)
        self.framework = Framework(self)
        self.brokerage_model: BrokerageModel = DefaultBrokerageModel()
        self.initializer: Any = BrokerageModelSecurityInitializer(self.brokerage_model)
        self.own_initializer = False
        self.benchmark_ticker: str | None = None
        self.benchmark_function: Callable[[datetime], float] | None = None
        self.warm_up: tuple[int | timedelta, Resolution | None] | None = None
        self.is_warming_up = False
        self.locked = self.running = False
        self.quit_reason: str | None = None
        self.failure: Exception | None = None
        self.runtime_statistics: dict[str, str] = {}
        self.summary_statistics: dict[str, str] = {}
        self.data_changed = False
        self.slice: Any = None
        self.consolidators_made: list[Any] = []
        self.consolidating = False
        self.fed_by: dict[int, list[tuple[Any, Any]]] = {}
        self.history: Any = None
        self.view: Any = None

    def note_consolidator(self, consolidator: Any) -> None:
        """Remember that a consolidator wants data, and its timer, if it has one."""
        self.consolidating = True
        if hasattr(consolidator, "timer"):
            self.consolidators_made.append(consolidator)

    def time(self) -> datetime:
        """New York time."""
        return self.now

    @property
    def calendar(self) -> TradingCalendar:
        """Trading days."""
        return self.catalog.calendar

    def _order_event(self, event: OrderEvent) -> None:
        """Tell the strategy. An error of its own ends the run, but not in the middle of whatever it was doing."""
        try:
            self.on_order_event(event)
        except Exception as error:  # noqa: BLE001 - a strategy may raise anything
            self.failure = self.failure or error

    def symbol_of(self, asset: Any) -> Symbol:
        """Symbol of a ticker, a symbol or a security."""
        if isinstance(asset, Symbol):
            return asset
        if isinstance(asset, str):
            return self.securities._key(asset)
        symbol = getattr(asset, "symbol", None)
        if isinstance(symbol, Symbol):
            return symbol
        raise TypeError(f"No method matches given arguments: symbol = {asset!r}: expected a Symbol or a ticker.")

    # Subscriptions -------------------------------------------------------------------------------------------------------
    def subscribe(self, ticker: str, resolution: Resolution, mode: DataNormalizationMode, *, fill_forward: bool = True,
                  leverage: float = 0.0, extended: bool = False, universe: bool = False) -> Security:  # fmt: skip
        """Add an equity; adding it again gives the same one."""
        symbol = Symbol(ticker)
        if symbol in self.subscriptions:
            security = self.securities[symbol]
            if not universe:
                if resolution != security.resolution:
                    raise UnsupportedError(
                        f"add_equity({ticker!r}, {resolution.name}): it is subscribed with {security.resolution.name} bars. A "
                        "second resolution of one asset exists in LEAN only: subscribe to the finer one and use self.consolidate."
                    )
                self.universes.keep(symbol)
            return security
        if extended:
            raise UnsupportedError(
                f"add_equity({ticker!r}, extended_market_hours=True): bars before 09:30 and after 16:00 exist in LEAN only."
            )
        if mode not in MODES:
            raise UnsupportedError(
                f"add_equity({ticker!r}) with {mode.name}: the embedded engine has {', '.join(m.name for m in MODES)}."
            )
        self.catalog.check(ticker, resolution)
        if mode not in (DataNormalizationMode.ADJUSTED, DataNormalizationMode.TOTAL_RETURN):
            self.catalog.warn_of_dividends(ticker, mode.name)
        exchange = Exchange(self.calendar, self.time)
        security = Security(
            symbol, resolution, mode, exchange, self.time, fill_forward=fill_forward, extended_market_hours=extended
        )
        self._admit(security, Subscription(security, self.catalog), leverage)
        if not universe:
            self.universes.keep(symbol)
        return security

    def subscribe_custom(self, kind: type, ticker: str, resolution: Resolution, leverage: float) -> Security:
        """Add custom data."""
        symbol = Symbol(ticker, SecurityType.BASE)
        if symbol in self.subscriptions:
            return self.securities[symbol]
        security = Security(
            symbol, resolution, DataNormalizationMode.RAW, Exchange(self.calendar, self.time, always=True), self.time,
            fill_forward=False,
        )  # fmt: skip
        feed = CustomFeed(kind, symbol, resolution, self.object_store.read)
        self._admit(security, Subscription(security, self.catalog, custom=feed), leverage)
        if self.running:
            feed.start(self.now, self.end)
        return security

    def _admit(self, security: Security, subscription: Subscription, leverage: float) -> None:
        symbol = security.symbol
        if symbol in self.portfolio:
            old = self.portfolio[symbol]
            security.holdings.__dict__.update({k: v for k, v in vars(old).items() if k not in ("_security", "target")})
        security.on_margin_change = self._margin_changed
        security.stale_by(lambda: self.settings.stale_price_time_span)
        security.on_holdings_set = lambda quantity, price: self.portfolio.set_holdings(security, quantity, price)
        security.subscriptions.append(subscription)
        self.subscriptions[symbol] = subscription
        self.securities[symbol] = security
        self.portfolio.add(security)
        initialize = getattr(self.initializer, "initialize", None) or self.initializer.Initialize
        initialize(security)
        if leverage:
            security.set_leverage(leverage)
        if self.settings.seed_initial_prices and subscription.custom is None:
            security.set_market_price(self.algorithm.get_last_known_price(security))
        if self.running:
            subscription.open(self.now.date())
            self.data_changed = True

    def _margin_changed(self) -> None:
        self.portfolio.margin_varies = any(s.buying_power_model.varies for s in self.securities.values())
        self.portfolio.prices_changed()

    def risk_free_rate(self) -> float:
        """Risk-free rate of the current date, a year."""
        rates = [rate for day, rate in self.catalog.market.interest_rates() if day <= self.now.date()]
        return rates[-1] if rates else DEFAULT_RATE

    def unsubscribe(self, symbol: Symbol, *, keep: bool = False) -> None:
        """Deliver no more of a security; its holdings stay readable, and with `keep` the security itself, for now."""
        subscription = self.subscriptions.pop(symbol, None)
        if subscription is not None:
            for consolidator in subscription.consolidators:
                consolidator.dispose()
            subscription.consolidators.clear()
        security = self.securities.get(symbol) if keep else self.securities._items.pop(symbol, None)
        if security is not None:
            security.is_tradable = False
        self.data_changed = True

    @property
    def smallest(self) -> int:
        """Minutes of the finest bars subscribed to."""
        if self.is_warming_up and self.warm_up is not None and self.warm_up[1] is not None:
            return int(LENGTHS[self.warm_up[1]].total_seconds() / 60)
        return int(min((s.increment.total_seconds() / 60 for s in self.subscriptions.values()), default=24 * 60))

    # The range -----------------------------------------------------------------------------------------------------------
    def warm_up_start(self) -> datetime:
        """When warm-up begins: so many bars or so much calendar time before the start."""
        assert self.warm_up is not None
        amount, resolution = self.warm_up
        if isinstance(amount, timedelta):
            return self.start - amount
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
        priced = [s.symbol for s in self.subscriptions.values() if s.custom is None]
        absent = []
        for symbol in priced:
            dates = self.catalog.asset(symbol.value).dates
            if dates and (dates[0] > self.end.date() or dates[-1] < self.start.date()):
                absent.append(
                    f"{symbol} has no bars between {self.start:%Y-%m-%d} and {self.end:%Y-%m-%d}: it has {dates[0]} to "
                    f"{dates[-1]}. Choose other dates (--start, --end) or other assets."
                )
        if absent and len(absent) == len(priced):
            raise NoDataError(absent[0])
        for message in absent:
            warnings.warn(RegimeWarning(f"hidden_regime: {message}"), stacklevel=2)
        if self.subscriptions and not self.calendar.between(self.start.date(), self.end.date()):
            raise EmptyRangeError(
                f"{self.start:%Y-%m-%d} to {self.end:%Y-%m-%d} holds no session: expected at least one trading day. "
                "Widen the range."
            )
