"""Securities: their latest data, their exchange, and the models that they are traded by."""

from __future__ import annotations

import math
from array import array
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from hidden_regime.data.decimals import ONE, SystemDecimal
from hidden_regime.simulator.account.cache import SecurityCache
from hidden_regime.simulator.account.cash_book import USD, Cash
from hidden_regime.simulator.account.exchange import Exchange, SymbolProperties
from hidden_regime.simulator.account.holding import Holding
from hidden_regime.simulator.account.own import OwnMembers
from hidden_regime.simulator.enums import DataNormalizationMode, Resolution, SecurityType
from hidden_regime.simulator.feed.panel import NO_PANEL, Floats, Panel
from hidden_regime.simulator.models.buying_power import SecurityMarginModel
from hidden_regime.simulator.models.fees import InteractiveBrokersFeeModel
from hidden_regime.simulator.models.fills import EquityFillModel
from hidden_regime.simulator.models.interest import NullMarginInterestRateModel
from hidden_regime.simulator.models.own_margin import asked
from hidden_regime.simulator.models.settlement import ImmediateSettlementModel, OwnSettlement, asked_settlement
from hidden_regime.simulator.models.shortable import NullShortableProvider
from hidden_regime.simulator.models.slippage import NullSlippageModel
from hidden_regime.simulator.models.volatility import VolatilityModel, update_of
from hidden_regime.simulator.objects import AssetDictionary, Bar, QuoteBar, Symbol, TradeBar, UnknownSymbol
from hidden_regime.simulator.objects.session import Session
from hidden_regime.simulator.objects.ticks import Tick
from hidden_regime.simulator.spelling import either, having

HOUR = timedelta(hours=1)
DEFAULT_LEVERAGE = 2.0
CENT, FRACTION = SystemDecimal(1, 2), SystemDecimal(1, 4)
DOLLARS = Cash(USD, rate=1.0)
"""What a security of no account is priced in."""


class Security(OwnMembers):
    """A subscribed security and its latest data."""

    settable = (
        "fee_model", "fill_model", "slippage_model", "settlement_model", "buying_power_model", "margin_model", "is_tradable",
        "volatility_model", "margin_interest_rate_model", "data_filter",
    )  # fmt: skip

    def __init__(
        self, symbol: Symbol, resolution: Resolution, mode: DataNormalizationMode, exchange: Exchange,
        now: Callable[[], datetime], *, fill_forward: bool = True, extended_market_hours: bool = False,
    ) -> None:  # fmt: skip
        self.symbol, self.resolution, self.data_normalization_mode = symbol, resolution, mode
        self.fill_forward, self.is_extended_market_hours = fill_forward, extended_market_hours
        self.exchange, self._clock = exchange, now
        self.type: SecurityType = symbol.security_type
        self.symbol_properties = SymbolProperties()
        self.quote_cash = DOLLARS
        """Cash of the currency that it is priced in."""
        self.convert: Callable[[float, str], float] = lambda amount, currency: amount
        """What an amount of a currency is worth in the account's."""
        self.fee_model: Any = InteractiveBrokersFeeModel()
        self.fill_model: Any = EquityFillModel()
        self.slippage_model: Any = NullSlippageModel()
        self.on_holdings_set: Callable[[float, float], None] = lambda quantity, price: None
        self.on_margin_change: Callable[[], None] = lambda: None
        self.on_volatility_model: Callable[[], None] = lambda: None
        self.margins: Any = SecurityMarginModel(DEFAULT_LEVERAGE)
        self._settlement: Any = ImmediateSettlementModel()
        self._stale_after: Callable[[], timedelta] = lambda: HOUR
        self._panel, self._place, self._row = NO_PANEL, 0, -1
        """What brings its bars, its column there, and the row until which they are taken."""
        self._bar: TradeBar | int | None = None
        self.quote: QuoteBar | None = None
        self.bid_size = self.ask_size = 0.0
        self._bid = self._ask = 0.0
        self._last: Any = None
        self._price = 0.0
        self.path: array[float] | None = None
        """Prices since its position was opened, if there is one: complete after `catch_up`."""
        self.is_tradable = True
        self.is_delisted = False
        self.is_live = False
        self.is_initialized = False
        self.subscriptions: list[Any] = []
        self.listed: Any = None
        """What the latest list of a universe says of it: of an ETF, its weight there."""
        self.fundamentals_of: Callable[[], Any] = lambda: None
        self._volatility: Any = VolatilityModel.NULL
        self.shortable_provider: Any = NullShortableProvider()
        self.data_filter: Any = None
        self._interest: Any = NullMarginInterestRateModel()
        self.on_model: Callable[[], None] = lambda: None
        self.pay: Callable[[float], None] = lambda amount: None
        """Add to the account's cash, or take from it."""
        self.volatility_feed: Callable[[Any, Any], object] | None = None
        self._feeds: dict[str, Callable[[Any, Any], object]] = {}
        self.holdings = Holding(self)

    @property
    def priced_in(self) -> DataNormalizationMode:
        """In which prices its bars come: live ones are raw in every mode."""
        return DataNormalizationMode.RAW if self.is_live else self.data_normalization_mode

    @property
    def now(self) -> datetime:
        """The engine's time."""
        return self._clock()

    @property
    def local_time(self) -> datetime:
        """Its exchange's time."""
        return self.exchange.local_time

    @property
    def adjusted(self) -> DataNormalizationMode:
        """The same, as LEAN's orders tell it: of what is never adjusted LEAN's default."""
        return self.priced_in if self.type == SecurityType.EQUITY else DataNormalizationMode.ADJUSTED

    is_valued = True
    """Whether a position of it is worth something beside the cash."""

    def in_account(self, amount: Any) -> float:
        """An amount of cash in the account's currency."""
        return float(self.convert(amount.amount, amount.currency))

    @property
    def is_plain(self) -> bool:
        """Whether it is priced in the account's currency, which only settlement moves."""
        return self.quote_cash.rate == 1.0

    def swap(self, portfolio: Any, cost: SystemDecimal, quantity: SystemDecimal, now: datetime, fill: Any) -> None:
        """Move the cash of a fill."""
        local = self.exchange.local(now)
        self._settlement.apply(portfolio, -cost, local, self.exchange.calendar, self.quote_cash.symbol, fill)

    @property
    def rate(self) -> float:
        """What a unit of its currency is worth in the account's."""
        return self.quote_cash.rate

    @property
    def stale_after(self) -> timedelta:
        """Age from which a price no longer fills market orders at once."""
        return self._stale_after()

    def stale_by(self, age: Callable[[], timedelta]) -> None:
        """Take that age from the settings."""
        self._stale_after = age

    # What has come ------------------------------------------------------------------------------------------------------
    def follow(self, panel: Panel, place: int) -> None:
        """From now on take bars from a column of a panel, when somebody looks."""
        self._bar, self._last = self.bar, self.last
        self._panel, self._place, self._row = panel, place, panel.row

    def catch_up(self) -> None:
        """Take the bars that have arrived since somebody last looked. The latest are noted by their rows in the panel."""
        panel, before = self._panel, self._row
        if panel.row == before:
            return
        self._row, column = panel.row, panel.columns[self._place]
        told, traded = column.told[self._row], column.traded[self._row]
        if told <= before:
            return
        self._last = told
        if traded > before:
            self._bar, self._price = traded, column.closes[traded]
        elif self._bar is None:
            self._price = column.closes[told]
        if self.path is not None:
            self.path.extend(column.closes_between(before, self._row))

    def follows(self, panel: Panel) -> bool:
        """Whether its price at each row to come is known: it is that of the last bar that traded, once there is one."""
        self.catch_up()
        return self._panel is panel and self._bar is not None

    def prices_ahead(self) -> Floats:
        """Its price from the panel's present row on."""
        return self._panel.columns[self._place].prices_from(self._panel.row, self.price)

    def feed_volatility(self, panel: Panel) -> None:
        """Tell the volatility model of the bar of a panel that has just arrived, as `set_market_price` does of others."""
        if self._panel is not panel or self.volatility_feed is None:
            return
        self.catch_up()
        column = panel.columns[self._place]
        if column.traded[panel.row] == panel.row or (self._bar is None and column.has(panel.row)):
            self.volatility_feed(self, self.last)

    @property
    def price(self) -> float:
        """Last price."""
        if self._panel.row != self._row:  # without a call in the usual case
            self.catch_up()
        return self._price

    @price.setter
    def price(self, price: float) -> None:
        self.catch_up()
        self._price = price

    @property
    def bar(self) -> TradeBar | None:
        """The last bar that traded."""
        self.catch_up()
        if isinstance(self._bar, int):
            self._bar = self._panel.bar(self._place, self._bar)
        return self._bar

    @bar.setter
    def bar(self, bar: TradeBar | None) -> None:
        self.catch_up()
        self._bar = bar

    @property
    def latest(self) -> Any:
        """The last data that didn't only repeat others."""
        return self.bar

    @property
    def traded_until(self) -> datetime | None:
        """When the last bar that traded ended."""
        self.catch_up()
        if isinstance(self._bar, int):
            return self._panel.ends[self._bar]
        return None if self._bar is None else self._bar.end_time

    @property
    def last(self) -> Any:
        """The last data."""
        self.catch_up()
        if isinstance(self._last, int):
            self._last = self._panel.bar(self._place, self._last)
        return self._last

    @last.setter
    def last(self, data: Any) -> None:
        self.catch_up()
        self._last = data

    @property
    def has_data(self) -> bool:
        """Whether data have come."""
        self.catch_up()
        return self._last is not None

    def _of(self, name: str) -> float:
        return float(getattr(self.bar, name)) if self.bar is not None else self.price

    @property
    def open(self) -> float:
        """Open of the last bar."""
        return self._of("open")

    @property
    def high(self) -> float:
        """High of the last bar."""
        return self._of("high")

    @property
    def low(self) -> float:
        """Low of the last bar."""
        return self._of("low")

    @property
    def close(self) -> float:
        """Last price."""
        return self.price

    @property
    def bid_price(self) -> float:
        """The last bid, or the last price where none has come."""
        return self._bid or self.price

    @property
    def ask_price(self) -> float:
        """The last ask, or the last price where none has come."""
        return self._ask or self.price

    @property
    def volume(self) -> float:
        """Volume of the last bar."""
        return self.bar.volume if self.bar is not None else 0.0

    def whole(self, quantity: float, *, up: bool) -> float:
        """Whole shares. The slack stands for decimal arithmetic, in which a quotient that is whole stays whole."""
        slack = 1e-9 * max(abs(quantity), 1.0)
        return float(math.ceil(quantity - slack) if up else math.floor(quantity + slack))

    def step_of(self, price: SystemDecimal) -> SystemDecimal:
        """What an order's price is a multiple of: a cent, of prices below a dollar a hundredth of it."""
        return CENT if price >= ONE else FRACTION

    def cut(self, quantity: float) -> float:
        """Whole shares, towards zero."""
        return float(int(quantity))

    def is_position(self, quantity: float) -> bool:
        """Whether so many are a position."""
        return quantity != 0.0

    @property
    def invested(self) -> bool:
        """Whether there is a position."""
        return self.holdings.invested

    hold_stock = invested

    @property
    def buying_power_model(self) -> Any:
        """How margin is computed."""
        return getattr(self.margins, "own", self.margins)

    @buying_power_model.setter
    def buying_power_model(self, model: Any) -> None:
        self.margins = asked(model)
        self.on_margin_change()

    margin_model = buying_power_model

    @property
    def settlement_model(self) -> Any:
        """When proceeds are cash."""
        return getattr(self._settlement, "own", self._settlement)

    @settlement_model.setter
    def settlement_model(self, model: Any) -> None:
        self._settlement = asked_settlement(model, self)
        self.on_model()

    @property
    def own_settlement(self) -> OwnSettlement | None:
        """A settlement model of the strategy's own that has to be asked, or None."""
        return self._settlement if isinstance(self._settlement, OwnSettlement) else None

    def waits_for_cash(self, portfolio: Any) -> bool:
        """Whether proceeds of it are still to come."""
        return bool(self._settlement.waits(portfolio))

    @property
    def leverage(self) -> float:
        """Buying power as a multiple of the account."""
        return float(self.margins.get_leverage(self))

    def set_leverage(self, leverage: float) -> None:
        """Change it."""
        self.margins.set_leverage(self, float(leverage))
        self.on_margin_change()

    def set_fee_model(self, model: Any) -> None:
        """Charge by another model."""
        self.fee_model = model

    def set_fill_model(self, model: Any) -> None:
        """Fill by another model."""
        self.fill_model = model

    def set_slippage_model(self, model: Any) -> None:
        """Slip by another model."""
        self.slippage_model = model

    def set_settlement_model(self, model: Any) -> None:
        """Settle by another model."""
        self.settlement_model = model

    def set_buying_power_model(self, model: Any) -> None:
        """Compute margin by another model, leverage included."""
        self.buying_power_model = model

    set_margin_model = set_buying_power_model

    def set_data_normalization_mode(self, mode: DataNormalizationMode) -> None:
        """Choose how prices are adjusted. Works until the data flow."""
        for subscription in self.subscriptions:
            subscription.normalize(mode)
        self.data_normalization_mode = mode

    def set_data_filter(self, data_filter: Any) -> None:
        """Let only data through for which a filter's `filter(security, data)` is true."""
        having("data_filter", data_filter, "filter")
        self.data_filter = data_filter
        self.on_model()

    @property
    def is_market_open(self) -> bool:
        """Whether its exchange is open."""
        return self.exchange.exchange_open

    @property
    def cache(self) -> SecurityCache:
        """Its latest data by type."""
        return SecurityCache(self)

    @property
    def quote_currency(self) -> Cash:
        """Cash of the currency that it is priced in."""
        return self.quote_cash

    def set_shortable_provider(self, shortable_provider: Any) -> None:
        """Say how many shares can be sold short, and what that costs."""
        having("shortable_provider", shortable_provider, "shortable_quantity")
        self.shortable_provider = shortable_provider

    @property
    def shortable(self) -> bool:
        """Whether any share can be sold short now."""
        quantity = self.total_shortable_quantity
        return quantity is None or quantity > 0

    @property
    def total_shortable_quantity(self) -> Any:
        """How many shares can be sold short now; None: as many as one likes."""
        return either(self.shortable_provider, "shortable_quantity")(self.symbol, self.local_time)

    @property
    def volatility_model(self) -> Any:
        """How much its price moves, by a model of the strategy's."""
        return self._volatility

    @volatility_model.setter
    def volatility_model(self, model: Any) -> None:
        self._volatility, self._feeds["volatility"] = model, update_of(model)
        self._follow()

    def _follow(self) -> None:
        feeds = list(self._feeds.values())
        self.volatility_feed = feeds[0] if len(feeds) == 1 else lambda security, data: [feed(security, data) for feed in feeds]
        self.on_volatility_model()

    @cached_property
    def session(self) -> Session:
        """The day so far, and the days before, once `session.size` is set."""
        return Session(self.symbol, lambda: self.exchange.local_time, self._keep_sessions)

    def _keep_sessions(self) -> None:
        self._feeds["session"] = self.session.update
        self._follow()

    def set_volatility_model(self, volatility_model: Any) -> None:
        """Feed a volatility model with each datum."""
        self.volatility_model = volatility_model

    @property
    def margin_interest_rate_model(self) -> Any:
        """What is charged or paid for positions."""
        return self._interest

    @margin_interest_rate_model.setter
    def margin_interest_rate_model(self, model: Any) -> None:
        having("margin_interest_rate_model", model, "apply_margin_interest_rate")
        self._interest = model
        self.on_model()

    def set_margin_interest_rate_model(self, margin_interest_rate_model: Any) -> None:
        """Ask a model each hour what is charged or paid for the position."""
        self.margin_interest_rate_model = margin_interest_rate_model

    @property
    def interest(self) -> Any:
        """A model of interest that has to be asked, or None."""
        return None if type(self._interest) is NullMarginInterestRateModel else self._interest

    def get_last_data(self) -> Any:
        """The latest data."""
        return self.last

    def fills_at(self, now: datetime) -> bool:
        """Whether orders may fill at a time of its exchange's: it is open, or the bar that has just ended lay in its session."""
        if self.exchange.open_at(now):
            return True
        bar = self.bar
        if bar is None:
            return False
        if bar.end_time - bar.time > HOUR:
            return now.date() == bar.end_time.date() and self.exchange.is_date_open(bar.time) and now >= bar.end_time
        return now <= bar.end_time and self.exchange.open_at(bar.end_time - timedelta(microseconds=1))

    def set_market_price(self, data: Any) -> None:
        """Take new data. A bar that only repeats an old one is no market to fill at; of an equity the price is the trades'."""
        if data is None:
            return
        if type(data) is QuoteBar:
            if not data.is_fill_forward:
                self._quote(data)
            return
        self.catch_up()
        self._last = data
        if type(data) is TradeBar:
            if data.is_fill_forward:
                if self._bar is not None:
                    return
            else:
                self._bar = data
            self._price = data.close
        else:
            self._price = float(data.value)
        if self.volatility_feed is not None:
            self.volatility_feed(self, data)

    def set_ticks(self, ticks: Sequence[Tick]) -> None:
        """Take what has come at a moment: its trades are a bar to fill at, its last bid and ask a quote."""
        self.catch_up()
        trades = [tick for tick in ticks if tick.is_trade]
        if trades:
            prices = [tick.value for tick in trades]
            size = sum(tick.quantity for tick in trades)
            self._bar = TradeBar(
                trades[0].time, self.symbol, prices[0], max(prices), min(prices), prices[-1], size, end_time=trades[-1].time
            )
        for tick in ticks:
            self._last = tick
            self._price = tick.value or self._price
            if not tick.is_trade:
                bid, ask = (Bar(*(price,) * 4) if price else None for price in (tick.bid_price, tick.ask_price))
                self._quote(QuoteBar(tick.time, self.symbol, bid, tick.bid_size, ask, tick.ask_size, end_time=tick.time))
            if self.volatility_feed is not None:
                self.volatility_feed(self, tick)

    def _quote(self, quote: QuoteBar) -> None:
        self.quote = quote
        if quote.bid is not None:
            self._bid = quote.bid.close or self._bid
        if quote.ask is not None:
            self._ask = quote.ask.close or self._ask
        self.bid_size = quote.last_bid_size or self.bid_size
        self.ask_size = quote.last_ask_size or self.ask_size

    def get_data(self, type: Any = None) -> Any:
        """The latest data, or the latest of a type."""
        return self.cache.get_data(type)

    @property
    def fundamentals(self) -> Any:
        """What was known of it on the day before beside its bars."""
        return self.fundamentals_of()

    def reset(self, *, prices: bool) -> None:
        """Nobody receives it any more: it isn't traded until it is added again, and perhaps its prices are forgotten."""
        self.is_tradable = self.is_initialized = False
        self.subscriptions.clear()
        self.follow(NO_PANEL, 0)
        if prices:
            self.bar = self.quote = self.last = None
            self.price = self._bid = self._ask = self.bid_size = self.ask_size = 0.0

    def adjust_to_split(self, factor: float) -> None:
        """Turn the last prices into those after a split."""
        self.price, self._bid, self._ask = self.price * factor, self._bid * factor, self._ask * factor
        self.bid_size, self.ask_size = self.bid_size / factor, self.ask_size / factor
        if self.quote is not None:
            self.quote = self.quote.scaled(factor)
        if self.bar is not None:
            old = self.bar
            self.bar = TradeBar(
                old.time, old.symbol, old.open * factor, old.high * factor, old.low * factor, old.close * factor, old.volume,
                end_time=old.end_time,
            )  # fmt: skip

    def __str__(self) -> str:
        return str(self.symbol)


class SecurityManager(AssetDictionary[Security]):
    """Securities by symbol, in the order in which they were added."""

    def __getitem__(self, key: Symbol | str) -> Security:
        symbol = key if type(key) is Symbol else self._key(key)
        found = self._ever.get(symbol)
        if found is None:
            if isinstance(symbol, UnknownSymbol):
                return super().__getitem__(symbol)
            raise KeyError(
                f"This asset symbol ({key}) was not found in your security list. Please add this security or check it exists "
                "before using it with 'Securities.ContainsKey(\"ticker\")'"
            )
        return found
