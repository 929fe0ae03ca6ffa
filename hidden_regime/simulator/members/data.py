"""Securities, universes, consolidators, history."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

from hidden_regime.exceptions import ParameterError, UnsupportedError
from hidden_regime.simulator import consolidation
from hidden_regime.simulator.account.portfolio import Portfolio
from hidden_regime.simulator.account.security import Security, SecurityManager
from hidden_regime.simulator.binding import bound
from hidden_regime.simulator.core import Core
from hidden_regime.simulator.enums import DataNormalizationMode, Resolution, SecurityType, TickType
from hidden_regime.simulator.failures import InvalidOperationException
from hidden_regime.simulator.helpers.collections import List
from hidden_regime.simulator.history import History
from hidden_regime.simulator.history.pairs import last_of_pair
from hidden_regime.simulator.lean_only import LeanOnlyMeta
from hidden_regime.simulator.members.assigning import refusing
from hidden_regime.simulator.members.views import SubscriptionDataConfig
from hidden_regime.simulator.models.brokerages import market_of
from hidden_regime.simulator.objects import PythonData, QuoteBar, Slice, Symbol, TradeBar
from hidden_regime.simulator.run_clock import NEW_YORK
from hidden_regime.simulator.schedule import DateRule, DateRules, ScheduledEvent, ScheduleManager, TimeRule, TimeRules
from hidden_regime.simulator.settings import UniverseSettings
from hidden_regime.simulator.spelling import TwoSpellings
from hidden_regime.simulator.time_zones import TimeZones
from hidden_regime.simulator.universes.universe import Universe

LOCATE = "QuantConnect.SymbolCache.GetSymbol(String ticker)"


def _resolution(given: Any) -> Resolution:
    try:
        return Resolution(int(given))
    except (TypeError, ValueError):
        raise ParameterError("resolution", given, "a Resolution, such as Resolution.DAILY") from None


@refusing
@bound
class DataMembers:
    """See the module."""

    _sim: Core

    @property
    def securities(self) -> SecurityManager:
        """Securities."""
        return self._sim.securities

    @property
    def active_securities(self) -> SecurityManager:
        """Securities that a universe or a hand holds: none before the first choice."""
        return self._sim.universes.active()

    @property
    def portfolio(self) -> Portfolio:
        """The account."""
        return self._sim.portfolio

    @property
    def universe_settings(self) -> UniverseSettings:
        """How securities of universes are subscribed."""
        return self._sim.universe_settings

    @universe_settings.setter
    def universe_settings(self, settings: UniverseSettings) -> None:
        self._sim.universe_settings = settings

    @property
    def universe_manager(self) -> dict[str, Universe]:
        """Universes by name."""
        return self._sim.universes.universes

    @property
    def current_slice(self) -> Slice | None:
        """The latest slice."""
        return self._sim.slice

    @property
    def history(self) -> History:
        """Past data; see `History`."""
        return self.__dict__.get("_own_history", self._sim.history)  # type: ignore[no-any-return]

    @history.setter
    def history(self, value: Any) -> None:
        # A method in LEAN: assigning hides it from this strategy without a word.
        self.__dict__["_own_history"] = value

    def add_equity(
        self, ticker: str | Symbol, resolution: Resolution | None = None, market: Any = None, fill_forward: bool = True,
        leverage: float = 0.0, extended_market_hours: bool = False, data_mapping_mode: Any = None,
        data_normalization_mode: DataNormalizationMode | None = None,
    ) -> Security:  # fmt: skip
        """Subscribe to a US equity. Without a resolution it is MINUTE, as in LEAN."""
        if isinstance(ticker, Symbol) and ticker.security_type == SecurityType.EQUITY:
            # LEAN's symbols become texts where a text is wanted.
            ticker = ticker.value
        if not isinstance(ticker, str) or not ticker:
            raise TypeError(f"No method matches given arguments for add_equity: ticker = {ticker!r}: expected text.")
        core = self._sim
        chosen = core.universe_settings.resolution if resolution is None else _resolution(resolution)
        mode = core.universe_settings.data_normalization_mode if data_normalization_mode is None else data_normalization_mode
        return core.subscriptions.add(
            ticker,
            chosen,
            DataNormalizationMode(mode),
            fill_forward=fill_forward,
            leverage=leverage,
            extended=extended_market_hours,
        )

    def add_crypto(
        self, ticker: str | Symbol, resolution: Resolution | None = None, market: str | None = None, fill_forward: bool = True,
        leverage: float = 0.0,
    ) -> Security:  # fmt: skip
        """Subscribe to a pair with a coin: at Coinbase, unless a market or another broker is given. It is MINUTE by default."""
        return self._add_pair(SecurityType.CRYPTO, ticker, resolution, market, fill_forward, leverage)

    def add_forex(
        self, ticker: str | Symbol, resolution: Resolution | None = None, market: str | None = None, fill_forward: bool = True,
        leverage: float = 0.0,
    ) -> Security:  # fmt: skip
        """Subscribe to a pair of currencies: at OANDA, unless a market or another broker is given. It is MINUTE by default."""
        return self._add_pair(SecurityType.FOREX, ticker, resolution, market, fill_forward, leverage)

    def _add_pair(
        self, kind: SecurityType, ticker: Any, resolution: Any, market: str | None, fill_forward: bool, leverage: float
    ) -> Security:
        call = f"add_{kind.name.lower()}"
        if isinstance(ticker, Symbol):
            ticker = ticker.value
        if not isinstance(ticker, str) or not ticker:
            raise TypeError(f"No method matches given arguments for {call}: ticker = {ticker!r}: expected text.")
        core = self._sim
        chosen = core.universe_settings.resolution if resolution is None else _resolution(resolution)
        where = str(market).lower() if market else market_of(core.brokerage_model, kind)
        return core.subscriptions.add_pair(kind, ticker, chosen, where, fill_forward=fill_forward, leverage=float(leverage))

    def add_security(
        self, security_type: Any, ticker: Any = None, resolution: Resolution | None = None, *places: Any, **options: Any
    ) -> Security:
        """Subscribe to a US equity or a pair, by its type and ticker or by its symbol."""
        if isinstance(security_type, Symbol):
            symbol, chosen = security_type, ticker if isinstance(ticker, Resolution) else resolution
            if symbol.is_pair:
                kept = {name: options[name] for name in ("fill_forward", "leverage") if options.get(name) is not None}
                return self._add(symbol.security_type)(symbol.value, chosen, symbol.market, **kept)
            return self.add_equity(symbol.value, chosen, **options)
        if security_type in (SecurityType.CRYPTO, SecurityType.FOREX) and ticker is not None:
            if places and not isinstance(places[0], str):
                places = (None, *places)
            named = ("market", "fill_forward", "leverage")
            given = dict(zip(named, places, strict=False)) | options
            return self._add(security_type)(
                ticker, resolution, **{name: given[name] for name in named if given.get(name) is not None}
            )
        if security_type != SecurityType.EQUITY or ticker is None:
            raise UnsupportedError(
                f"add_security({security_type!r}, ...): the embedded engine has SecurityType.EQUITY, CRYPTO and FOREX; others "
                "exist in LEAN only."
            )
        return self.add_equity(ticker, resolution, *places, **options)

    def _add(self, kind: SecurityType) -> Callable[..., Security]:
        return self.add_crypto if kind == SecurityType.CRYPTO else self.add_forex

    def add_data(self, type: Any = None, ticker: str | None = None, resolution: Resolution | None = None, time_zone: Any = None,
                 fill_forward: bool = False, leverage: Any = 1.0, underlying: Symbol | None = None, data_type: Any = None,
                 properties: Any = None, exchange_hours: Any = None) -> Security:  # fmt: skip
        """Subscribe to custom data of a class that derives from PythonData."""
        type = data_type if type is None else type
        if not (inspect.isclass(type) and issubclass(type, PythonData)):
            raise ParameterError(
                "type", type, "a class that derives from PythonData", "Data of QuantConnect's own exist in LEAN only."
            )
        for name, value in (("properties", properties), ("exchange_hours", exchange_hours)):
            if value is not None:
                raise UnsupportedError(f"add_data with {name}={value!r}: it exists in LEAN only. Give a class and a ticker.")
        if time_zone is not None and time_zone != TimeZones.NEW_YORK:
            raise UnsupportedError(
                f"add_data with time_zone={str(time_zone)!r}: custom data of other zones than New York's exist in LEAN only. "
                "Give rows New York's times, and no zone."
            )
        if fill_forward:
            raise UnsupportedError("add_data with fill_forward=True: custom data are filled forward in LEAN only.")
        own = getattr(type, "default_resolution", None)
        default = Resolution.MINUTE if own is None else type().default_resolution()
        chosen = _resolution(default if resolution is None else resolution)
        whose = ticker if underlying is None else underlying
        if whose is None:
            raise ParameterError("ticker", whose, "a ticker, or the symbol of a security", "Name what the data are of.")
        return self._sim.subscriptions.add_custom(type, whose, chosen, leverage)

    def remove_security(self, symbol: Any, tag: str | None = None) -> bool:
        """Close the position, cancel the orders, and, from the end of the step on, receive no more data."""
        core = self._sim
        key = core.symbol_of(symbol)
        security = core.securities.get(key)
        if security is None:
            return False
        if not core.is_warming_up:
            core.book.cancel_open_orders(key)
            core.trader.liquidate([key], tag, None)
        # A universe keeps it and its bars, but it isn't traded until it is added or ordered again.
        security.is_tradable = security.is_initialized = False
        security.session.reset()
        core.universes.drop(key)
        return True

    def symbol(self, ticker: str) -> Symbol:
        """Symbol of a ticker that was added."""
        found = self._sim.known.get(ticker.upper())
        if found is None:
            raise InvalidOperationException(f"We were unable to locate the ticker '{ticker}'.", LOCATE)
        return found

    def ticker(self, symbol: Symbol) -> str:
        """Ticker of a symbol."""
        return symbol.value

    def consolidate(self, symbol: Any, handler: Any, period: Any = None, calendar: Any = None, size: Any = None,
                    tick_type: Any = None, type: Any = None) -> Any:  # fmt: skip
        """Bars of a period, handed to a function of one argument as each is done."""
        self._known_class(symbol)
        subscriptions = self._sim.subscriptions
        if size is not None:
            consolidator = consolidation.of_size(type, size, ticks=subscriptions.of(symbol).resolution == Resolution.TICK)
        else:
            consolidator = subscriptions.consolidator(symbol, calendar if period is None else period, tick_type)
        subscriptions.attach(symbol, consolidator)
        consolidator.data_consolidated += lambda sender, bar: handler(bar)
        return consolidator

    @staticmethod
    def _known_class(kind: Any) -> None:
        """Refuse a class of data that LEAN alone has, where it stands in a symbol's place."""
        if isinstance(kind, LeanOnlyMeta):
            kind.refuse()

    def resolve_consolidator(self, symbol: Any, resolution: Any = None, time_span: Any = None, data_type: Any = None) -> Any:
        """The consolidator of a resolution or a span, not yet fed."""
        tick_type = None if data_type is None else TickType.QUOTE if data_type is QuoteBar else TickType.TRADE
        return self._sim.subscriptions.consolidator(symbol, resolution if time_span is None else time_span, tick_type)

    def create_consolidator(self, period: timedelta, consolidator_input_type: Any, tick_type: Any = None) -> Any:
        """A consolidator of a span, for bars of a type."""
        if consolidator_input_type is QuoteBar:
            return consolidation.QuoteBarConsolidator(period)
        if not issubclass(consolidator_input_type, TradeBar):
            raise UnsupportedError(
                f"create_consolidator with {consolidator_input_type.__name__}: consolidators of other data than TradeBar and "
                "QuoteBar exist in LEAN only."
            )
        return consolidation.TradeBarConsolidator(period)

    @property
    def subscription_manager(self) -> SubscriptionManager:
        """Where consolidators are added."""
        return SubscriptionManager(self._sim)

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

    def train(self, training_code: Any, date_rule: DateRule | None = None, time_rule: TimeRule | None = None) -> ScheduledEvent:
        """Run a training now (at the next step) or by a schedule."""
        dates = self.date_rules.today if date_rule is None else date_rule
        times = self.time_rules.now if time_rule is None else time_rule
        return self._sim.schedule.on(f"Training: {dates.name}: {times.name}", dates, times, training_code)

    def is_market_open(self, symbol: Any) -> bool:
        """Whether the market is open."""
        core = self._sim
        exchange = core.exchange_of(symbol)
        if exchange is not None:
            return exchange.open_at(exchange.local(core.now))  # type: ignore[no-any-return]
        return core.calendar.is_open(core.clock.local(core.now, NEW_YORK))

    def get_last_known_price(self, security: Any = None, symbol: Any = None) -> Any:
        """The latest bar of a security from history, or of a pair without trades the latest quote."""
        asked = self._sim.symbol_of(symbol if security is None else security)
        if asked.is_pair:
            return next(iter(last_of_pair(self._sim, asked)[::-1]), None)
        found = list(self.history[TradeBar](self._sim.symbol_of(symbol if security is None else security), 5))
        return found[-1] if found else None

    def get_last_known_prices(
        self, security: Any = None, symbol: Any = None, securities: Iterable[Any] = (), symbols: Iterable[Any] = ()
    ) -> list[Any]:
        """The latest bars of securities from history, and of each its latest quote, where there is one."""
        wanted = [item for item in (security, symbol) if item is not None] or [*securities, *symbols]
        found = []
        for item in wanted:
            asked = self._sim.symbol_of(item)
            if asked.is_pair:
                found += last_of_pair(self._sim, asked)
                continue
            found += [self.get_last_known_price(item), *list(self.history[QuoteBar](self._sim.symbol_of(item), 5))[-1:]]
        return [bar for bar in found if bar is not None]


class SubscriptionDataConfigService(TwoSpellings):
    """How a security's data are subscribed."""

    def __init__(self, subscriptions: Any) -> None:
        self._subscriptions = subscriptions

    def get_subscription_data_configs(self, symbol: Any, include_internal_configs: bool = False) -> List:
        """Of a symbol."""
        found = self._subscriptions.get(symbol)
        return List([] if found is None else [SubscriptionDataConfig(found)])


class SubscriptionManager(TwoSpellings):
    """Consolidators of subscriptions."""

    def __init__(self, core: Core) -> None:
        self._subscriptions = core.subscriptions

    def add_consolidator(self, symbol: Any, consolidator: Any) -> None:
        """Feed a consolidator."""
        self._subscriptions.attach(symbol, consolidator)

    def remove_consolidator(self, symbol: Any, consolidator: Any) -> None:
        """Feed it no more."""
        self._subscriptions.detach(symbol, consolidator)

    AddConsolidator, RemoveConsolidator = add_consolidator, remove_consolidator

    @property
    def subscriptions(self) -> List:
        """How each security's data are subscribed."""
        return List(SubscriptionDataConfig(found) for found in self._subscriptions.values())

    @property
    def subscription_data_config_service(self) -> SubscriptionDataConfigService:
        """How a security's data are subscribed, by its symbol."""
        return SubscriptionDataConfigService(self._subscriptions)

    @property
    def count(self) -> int:
        """Number of subscriptions."""
        return len(self._subscriptions)
