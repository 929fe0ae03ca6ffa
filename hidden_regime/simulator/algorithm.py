"""QCAlgorithm of the embedded engine: LEAN's names, LEAN's answers."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from typing import Any, Self, TypeVar

from hidden_regime.exceptions import ParameterError, UnsupportedError
from hidden_regime.simulator import sizing
from hidden_regime.simulator.clock import to_utc
from hidden_regime.simulator.consolidators import CALENDARS, DAY, Consolidator, IdentityConsolidator, PeriodConsolidator
from hidden_regime.simulator.core import LAST_MOMENT, Core, Settings
from hidden_regime.simulator.enums import Calendar, DataNormalizationMode, OrderType, Resolution
from hidden_regime.simulator.history import History
from hidden_regime.simulator.indicators import ExponentialMovingAverage, Indicator, SimpleMovingAverage, StandardDeviation
from hidden_regime.simulator.objects import Slice, Symbol, TradeBar
from hidden_regime.simulator.orders import OrderEvent, OrderTicket
from hidden_regime.simulator.portfolio import Portfolio
from hidden_regime.simulator.scheduling import DateRules, ScheduledEvent, ScheduleManager, TimeRules
from hidden_regime.simulator.securities import Security, SecurityManager
from hidden_regime.simulator.spelling import snake
from hidden_regime.simulator.transactions import WARM_UP_MESSAGE, Transactions

CONVERTED = (
    "Warning: market orders submitted while the market is closed are automatically converted into MarketOnOpen orders to "
    "fill at the next market open."
)
CONVERTED_IN_SESSION = (
    "Warning: market orders on daily resolution data sent during market hours are automatically converted into MarketOnClose "
    "orders (or MarketOnOpen near the close) to avoid filling at the stale previous close. Note: in live trading this "
    "conversion is not applied, as the order fills at the current market price."
)
NO_PRICE = (
    "{}: The security does not have an accurate price as it has not yet received a bar of data. Before placing a trade (or "
    "using set_holdings) warm up your algorithm with set_warmup, or use slice.contains(symbol) to confirm the Slice object has "
    "price before using the data. Data does not necessarily all arrive at the same time so your algorithm should confirm the "
    "data is ready before using it. In live trading this can mean you do not have an active subscription to the asset class "
    "you're trying to trade. If using custom data make sure you've set the 'Value' property."
)
CLOSE_BUFFER = timedelta(minutes=15, seconds=30)
TOO_SMALL = (
    "Warning: Portfolio rebalance result ignored as it resulted in a single share trade recommendation which can generate "
    "high fees. To disable minimum order size checks please set self.settings.minimum_order_margin_portfolio_percentage = 0."
)

AnyIndicator = TypeVar("AnyIndicator", bound=Indicator)


class PortfolioTarget:
    """A symbol and its target share of the account."""

    def __init__(self, symbol: Symbol | str, quantity: float, tag: str = "") -> None:
        self.symbol = Symbol(symbol) if isinstance(symbol, str) else symbol
        self.quantity, self.tag = float(quantity), tag


class QCAlgorithm:
    """Base of strategies. Override the hooks; both spellings of every name work."""

    _sim: Core

    def __new__(cls, *args: Any, **keywords: Any) -> Self:
        """Make the state of a run: a user's `__init__` may forget `super()`."""
        self = super().__new__(cls)
        self._sim = Core()
        return self

    def __init__(self) -> None:
        """Nothing to set up: the state is made before."""

    def __getattr__(self, name: str) -> Any:
        if name[:1].isupper():
            return getattr(self, snake(name))
        raise UnsupportedError(
            f"'{type(self).__name__}' object has no attribute '{name}'. If it is a member of LEAN's QCAlgorithm, it exists in "
            "LEAN only: the embedded engine doesn't have it."
        )

    # Hooks --------------------------------------------------------------------------------------------------------------
    def initialize(self) -> None:
        """Set the algorithm up."""
        raise UnsupportedError("Please override the Initialize() method")

    def on_data(self, data: Slice) -> None:
        """Take a slice of data."""

    def on_warmup_finished(self) -> None:
        """Warm-up is over."""

    def on_securities_changed(self, changes: Any) -> None:
        """Securities came or went."""

    def on_order_event(self, order_event: OrderEvent) -> None:
        """Something happened to an order."""

    def on_end_of_day(self, symbol: Symbol) -> None:
        """Ten minutes before the close."""

    def on_splits(self, splits: Any) -> None:
        """Splits came."""

    def on_dividends(self, dividends: Any) -> None:
        """Dividends came."""

    def on_end_of_algorithm(self) -> None:
        """The run is over."""

    # Time and range -----------------------------------------------------------------------------------------------------
    @property
    def time(self) -> datetime:
        """Current New York time."""
        return self._sim.now

    @property
    def utc_time(self) -> datetime:
        """Current UTC time."""
        return to_utc(self._sim.now)

    @property
    def start_date(self) -> datetime:
        """First midnight of the run."""
        return self._sim.start

    @property
    def end_date(self) -> datetime:
        """Last moment of the run."""
        return self._sim.end

    @property
    def live_mode(self) -> bool:
        """Always False: the engine runs backtests."""
        return False

    @property
    def is_warming_up(self) -> bool:
        """Whether the algorithm is warming up."""
        return self._sim.is_warming_up

    def _unlocked(self, name: str) -> None:
        if self._sim.locked:
            raise ParameterError(name, "a call after initialize", "a call in initialize")

    @staticmethod
    def _date(name: str, year: int | date, month: int | None, day: int | None) -> date:
        if isinstance(year, date):
            return year.date() if isinstance(year, datetime) else year
        try:
            return date(year, month or 1, day or 1)
        except ValueError:
            raise ParameterError(name, (year, month, day), "year, month and day of a date") from None

    def set_start_date(self, year: int | date, month: int | None = None, day: int | None = None) -> None:
        """First day of the run."""
        self._unlocked("set_start_date")
        day_one = self._date("start date", year, month, day)
        if "start" not in self._sim.forced:
            self._sim.start = self._sim.now = datetime.combine(day_one, datetime.min.time())

    def set_end_date(self, year: int | date, month: int | None = None, day: int | None = None) -> None:
        """Last day of the run."""
        self._unlocked("set_end_date")
        last_day = self._date("end date", year, month, day)
        if "end" not in self._sim.forced:
            self._sim.end = datetime.combine(last_day, LAST_MOMENT)

    def set_cash(self, cash: float) -> None:
        """Cash to start with."""
        self._unlocked("set_cash")
        if not 0.0 < float(cash) < float("inf"):
            raise ParameterError("cash", cash, "a positive amount of dollars")
        if "cash" not in self._sim.forced:
            self._sim.portfolio.set_cash(cash)

    def set_warm_up(self, period: int | timedelta, resolution: Resolution | None = None) -> None:
        """Feed past data first: a number of bars, or a span of calendar time."""
        self._unlocked("set_warm_up")
        self._sim.warm_up = (period, resolution)

    set_warmup = set_warm_up

    def set_benchmark(self, benchmark: Symbol | str | Callable[[datetime], float]) -> None:
        """Measure against another security."""
        self._unlocked("set_benchmark")
        if callable(benchmark):
            raise UnsupportedError("set_benchmark with a function exists in LEAN only: give a ticker.")
        self._sim.benchmark_ticker = str(benchmark)

    def quit(self, message: str = "") -> None:
        """Stop after this step."""
        self._sim.quit_reason = message

    # Data ---------------------------------------------------------------------------------------------------------------
    def add_equity(self, ticker: str, resolution: Resolution | None = None, market: str | None = None, fill_forward: bool = True,
                   leverage: float = 2.0, extended_market_hours: bool = False,
                   data_normalization_mode: DataNormalizationMode | None = None) -> Security:  # fmt: skip
        """Subscribe to a US equity's daily bars."""
        if resolution is None or resolution != Resolution.DAILY:
            given = f"resolution {resolution!s}" if resolution is not None else "no resolution, which means MINUTE in LEAN"
            raise UnsupportedError(f"add_equity with {given}: the embedded engine has daily bars only. Pass Resolution.DAILY.")
        mode = DataNormalizationMode.ADJUSTED if data_normalization_mode is None else data_normalization_mode
        return self._sim.subscribe(ticker, mode, fill_forward, leverage or 2.0)

    def symbol(self, ticker: str) -> Symbol:
        """Symbol of a ticker."""
        return Symbol(ticker)

    @property
    def securities(self) -> SecurityManager:
        """Subscribed securities."""
        return self._sim.securities

    @property
    def active_securities(self) -> SecurityManager:
        """Subscribed securities."""
        return self._sim.securities

    @property
    def history(self) -> History:
        """Past bars."""
        return self._sim.history

    def consolidate(
        self, symbol: Symbol | str, period: Resolution | Calendar | timedelta, handler: Callable[[TradeBar], Any]
    ) -> Consolidator:
        """Give bars of a period to a handler."""
        made: Consolidator
        if (isinstance(period, (int, Resolution)) and int(period) == Resolution.DAILY) or (
            isinstance(period, timedelta) and period == DAY
        ):
            made = IdentityConsolidator(handler)
        elif period in CALENDARS or (isinstance(period, timedelta) and period > DAY):
            made = PeriodConsolidator(period, handler, self._sim.now)
        else:
            raise ParameterError(
                "period", period, "Resolution.DAILY, a Calendar period or a timedelta of at least a day",
                f"{symbol} is registered for daily data, and a consolidator can't make shorter bars of longer ones.")  # fmt: skip
        self._sim.consolidators.setdefault(self._own(symbol), []).append(made)
        return made

    def _own(self, symbol: Symbol | str) -> Symbol:
        key = Symbol(symbol) if isinstance(symbol, str) else symbol
        return self._sim.securities[key].symbol

    # Indicators ---------------------------------------------------------------------------------------------------------
    def register_indicator(
        self, symbol: Symbol | str, indicator: Any, resolution: Any = Resolution.DAILY, selector: Any = None
    ) -> None:
        """Update an indicator with each bar: its close, or what the selector takes from it."""

        def update(bar: TradeBar) -> None:
            if selector is not None:
                indicator.update(bar.end_time, selector(bar))
            else:
                indicator.update(bar)

        self.consolidate(symbol, resolution if resolution is not None else Resolution.DAILY, update)

    def _registered(self, symbol: Symbol | str, indicator: AnyIndicator, resolution: Any) -> AnyIndicator:
        self.register_indicator(symbol, indicator, resolution)
        return indicator

    def sma(self, symbol: Symbol | str, period: int, resolution: Any = None) -> SimpleMovingAverage:
        """Simple moving average, kept up to date."""
        return self._registered(symbol, SimpleMovingAverage(f"SMA({period},{symbol}_day)", period), resolution)

    def ema(self, symbol: Symbol | str, period: int, resolution: Any = None) -> ExponentialMovingAverage:
        """Exponential moving average, kept up to date."""
        return self._registered(symbol, ExponentialMovingAverage(f"EMA({period},{symbol}_day)", period), resolution)

    def std(self, symbol: Symbol | str, period: int, resolution: Any = None) -> StandardDeviation:
        """Standard deviation, kept up to date."""
        return self._registered(symbol, StandardDeviation(f"STD({period},{symbol}_day)", period), resolution)

    # Account and orders -------------------------------------------------------------------------------------------------
    @property
    def portfolio(self) -> Portfolio:
        """The account."""
        return self._sim.portfolio

    @property
    def transactions(self) -> Transactions:
        """All orders."""
        return self._sim.transactions

    @property
    def settings(self) -> Settings:
        """Settings."""
        return self._sim.settings

    def _market_is_open(self) -> bool:
        session = self._sim.calendar.find(self._sim.now.date())
        return session is not None and session.open <= self._sim.now < session.close

    def calculate_order_quantity(self, symbol: Symbol | str, target: float) -> float:
        """Shares to order for a position worth `target` of the account."""
        security = self._sim.securities[symbol]
        if security.price == 0.0:
            self.error(NO_PRICE.format(security.symbol))
            return 0.0
        settings = self._sim.settings
        try:
            return sizing.order_quantity(
                self._sim.portfolio, security, float(target), free_share=settings.free_portfolio_value_percentage,
                minimum_share=settings.minimum_order_margin_portfolio_percentage)  # fmt: skip
        except sizing.Refusal:
            if "small" not in self._sim.warned:
                self._sim.warned.add("small")
                self.debug(TOO_SMALL)
            return 0.0

    def set_holdings(self, symbol: Any, percentage: float | bool = 0.0, liquidate_existing_holdings: bool = False,
                     tag: str = "") -> list[OrderTicket]:  # fmt: skip
        """Bring a position, or a list of PortfolioTarget, to its target share of the account."""
        if isinstance(symbol, (str, Symbol)):
            quantity = self.calculate_order_quantity(symbol, float(percentage))
            if liquidate_existing_holdings:
                self._liquidate_others([self._own(symbol)], tag)
            return self._send(self._own(symbol), quantity, tag)
        targets = list(symbol)
        if percentage is True or liquidate_existing_holdings:
            self._liquidate_others([t.symbol for t in targets], tag)
        if self.is_warming_up:
            return []
        changes = [(t.symbol, self.calculate_order_quantity(t.symbol, t.quantity), t.tag or tag) for t in targets]
        ranked = []
        for key, quantity, note in changes:
            security = self._sim.securities[key]
            if abs(quantity) < 1.0 or not security.has_data:
                continue
            existing = security.holdings.quantity + sum(o.quantity for o in self._sim.transactions.open_orders(key))
            reduces = existing != 0 and abs(quantity + existing) < abs(existing)
            ranked.append((not reduces, -abs(quantity * security.price), key, quantity, note))
        ranked.sort(key=lambda row: row[:2])
        return [ticket for _, _, key, quantity, note in ranked for ticket in self._send(key, quantity, note)]

    def _liquidate_others(self, kept: Iterable[Symbol], tag: str) -> None:
        keep = set(kept)
        for key in sorted(self._sim.securities.keys()):
            if key not in keep:
                self.liquidate(key, tag=tag or "Liquidated")

    def _send(self, symbol: Symbol, quantity: float, tag: str) -> list[OrderTicket]:
        quantity -= sum(o.quantity for o in self._sim.transactions.open_orders(symbol) if o.type == OrderType.MARKET_ON_OPEN)
        if quantity == 0.0:
            return []
        if self._market_is_open():
            return [self.market_order(symbol, quantity, tag=tag)]
        return [self.market_on_open_order(symbol, quantity, tag)]

    def _order_in_session(self, symbol: Symbol | str, quantity: float, tag: str) -> OrderTicket:
        """With daily bars the last price is yesterday's: LEAN orders at the close, or near it at the next open."""
        session = self._sim.calendar.find(self._sim.now.date())
        late = session is not None and self._sim.now > session.close - CLOSE_BUFFER
        ticket = (self.market_on_open_order if late else self.market_on_close_order)(symbol, quantity, tag)
        if ticket.order_id > 0 and "in session" not in self._sim.warned:
            self._sim.warned.add("in session")
            self.debug(CONVERTED_IN_SESSION)
        return ticket

    def market_on_close_order(self, symbol: Symbol | str, quantity: float, tag: str = "") -> OrderTicket:
        """Order at the next close."""
        return self._submit(symbol, quantity, OrderType.MARKET_ON_CLOSE, tag)

    def market_on_open_order(self, symbol: Symbol | str, quantity: float, tag: str = "") -> OrderTicket:
        """Order at the next open."""
        return self._submit(symbol, quantity, OrderType.MARKET_ON_OPEN, tag)

    def _submit(self, symbol: Symbol | str, quantity: float, kind: OrderType, tag: str) -> OrderTicket:
        key = self._own(symbol)
        security = self._sim.securities[key]
        refusal = ""
        if self.is_warming_up:
            refusal = WARM_UP_MESSAGE
        elif quantity == 0:
            refusal = "Unable to submit order with id -10 that has zero quantity."
        elif security.price == 0.0:
            refusal = NO_PRICE.format(key)
        if refusal:
            return self._sim.transactions.refuse(key, quantity, kind, tag, refusal)
        return self._sim.transactions.submit(key, float(int(quantity)), kind, tag)

    def market_order(self, symbol: Symbol | str, quantity: float, asynchronous: bool = False, tag: str = "") -> OrderTicket:
        """Order at the market, which with daily bars is the next open."""
        if self._market_is_open():
            return self._order_in_session(symbol, quantity, tag)
        ticket = self.market_on_open_order(symbol, quantity, tag)
        if ticket.order_id > 0 and "converted" not in self._sim.warned:
            self._sim.warned.add("converted")
            self.debug(CONVERTED)
        return ticket

    order = market_order

    def buy(self, symbol: Symbol | str, quantity: float) -> OrderTicket:
        """Order shares."""
        return self.market_order(symbol, abs(quantity))

    def sell(self, symbol: Symbol | str, quantity: float) -> OrderTicket:
        """Sell shares."""
        return self.market_order(symbol, -abs(quantity))

    def liquidate(
        self, symbol: Symbol | str | None = None, asynchronous: bool = False, tag: str = "Liquidated"
    ) -> list[OrderTicket]:
        """Close one position, or all."""
        keys = sorted(self._sim.securities.keys()) if symbol is None else [self._own(symbol)]
        tickets = []
        for key in keys:
            for order in self._sim.transactions.open_orders(key):
                self._sim.transactions.cancel(order, tag)
            quantity = self._sim.securities[key].holdings.quantity
            if quantity:
                tickets.append(self.market_order(key, -quantity, tag=tag))
        return tickets

    # Schedule -----------------------------------------------------------------------------------------------------------
    @property
    def schedule(self) -> ScheduleManager:
        """Scheduled events."""
        return self._sim.schedule

    @property
    def date_rules(self) -> DateRules:
        """Rules of dates."""
        return self._sim.date_rules

    @property
    def time_rules(self) -> TimeRules:
        """Rules of times."""
        return self._sim.time_rules

    def train(self, *rules: Any) -> ScheduledEvent:
        """Run a training now (at the next step) or by a schedule."""
        if len(rules) == 1:
            rules = (self.date_rules.today, self.time_rules.now, rules[0])
        return self._sim.schedule.on(*rules)

    # Talk ---------------------------------------------------------------------------------------------------------------
    def log(self, message: object) -> None:
        """Write a line into the log."""
        self._sim.logs.say("log", message)

    def debug(self, message: object) -> None:
        """Write a line into the log."""
        self._sim.logs.say("debug", message)

    def error(self, message: object) -> None:
        """Write a line into the log."""
        self._sim.logs.say("error", message)

    def plot(self, chart: str, series: Any, value: float | None = None) -> None:
        """Add a point to a chart of the strategy's own."""
        if value is None:
            chart, series, value = "Strategy Equity", chart, series
        number = float(value)
        if number != number or abs(number) == float("inf"):
            raise ParameterError("value", value, "a finite number to plot")
        self._sim.charts.setdefault(str(chart), {}).setdefault(str(series), []).append((to_utc(self._sim.now), number))

    def set_runtime_statistic(self, name: str, value: object) -> None:
        """Show a figure of the strategy's own."""
        self._sim.runtime_statistics[name] = str(value)

    def get_parameter(self, name: str, default: Any = None) -> Any:
        """A parameter, turned into the type of the default. Like LEAN it gives the default where that can't be done."""
        self._sim.parameters_read.add(name)
        value = self._sim.parameters.get(name)
        if value is None:
            return float(default) if isinstance(default, bool) else default
        if isinstance(default, (bool, int, float)):
            try:
                return int(value) if isinstance(default, int) and not isinstance(default, bool) else float(value)
            except ValueError:
                self._sim.parameters_unusable.add(name)
                return float(default) if isinstance(default, bool) else default
        return value
