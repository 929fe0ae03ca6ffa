"""What a run is subscribed to: how securities come, are delivered, and go."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from hidden_regime.data.decimals import SystemDecimal
from hidden_regime.exceptions import NoDataError, ParameterError, UnsupportedError
from hidden_regime.simulator.account.cash_book import USD
from hidden_regime.simulator.account.exchange import Exchange, PairExchange, SymbolProperties
from hidden_regime.simulator.account.pair_security import Crypto, Forex, PairSecurity
from hidden_regime.simulator.account.security import Security
from hidden_regime.simulator.consolidation import Consolidator, make
from hidden_regime.simulator.enums import DataNormalizationMode, Resolution, SecurityType, TickType
from hidden_regime.simulator.feed.adjustment import MODES
from hidden_regime.simulator.feed.custom import CustomFeed, NoFeed
from hidden_regime.simulator.feed.pair_subscription import PairSubscription
from hidden_regime.simulator.feed.subscription import Subscription, key_of
from hidden_regime.simulator.history.window import start_in
from hidden_regime.simulator.lengths import DAY, LENGTHS, MINUTE
from hidden_regime.simulator.objects import Symbol
from hidden_regime.simulator.objects.symbol import CustomSymbol
from hidden_regime.simulator.run_clock import NEW_YORK
from hidden_regime.simulator.spelling import either

if TYPE_CHECKING:
    from hidden_regime.simulator.core import Core
    from hidden_regime.simulator.settings import UniverseSettings

NOT_REGISTERED = (
    "Please register to receive data for symbol '{symbol}' using the AddSecurity() function. (hidden_regime: {symbol} isn't "
    "subscribed; call self.add_equity first.)"
)
NO_TIME = timedelta(0)
FEW = 3
"""So many members without bars are named."""
CREATED = "Warning: no existing symbol found for ticker {}, it will be created with Equity type."


class Subscriptions(dict[Symbol, Subscription]):
    """Subscriptions by symbol. One that was added by hand is here at once, and delivers from the end of the step on.

    When the finest resolution among them changes, LEAN begins every other one that fills gaps anew: it repeats nothing
    before its next own bar, and what it has at that moment is lost.
    """

    def __init__(self, core: Core) -> None:
        super().__init__()
        self._core = core
        self.known: dict[str, Symbol] = {}
        """Symbols by ticker, of what was added by hand or named by a rule."""
        self.changed = False
        """Whether some came, went or began anew since `take_new`."""
        self._new: dict[Symbol, Subscription] = {}
        self._pace: timedelta | None = None
        self._consolidated: list[Subscription] | None = None
        self.absent: list[tuple[str, str]] | None = None
        """While a list of members joins: those without bars, which are told of together."""

    def know(self, symbol: Symbol) -> None:
        """From now on a symbol is found by its ticker."""
        if symbol.security_type == SecurityType.EQUITY or symbol.value not in self.known:
            self.known[symbol.value] = symbol
            symbol.let_go = self._renew
        symbol.know()
        security = self._core.securities.get(symbol)
        if security is not None:
            security.symbol.know()

    def know_by_rule(self, ticker: str, *, quiet: bool) -> bool:
        """Know a ticker that a rule names. Whether it was unknown, which is told unless it was before."""
        if ticker.upper() in self.known:
            return False
        if not quiet:
            self._core.logs.say("debug", CREATED.format(ticker))
        self.know(Symbol(ticker))
        return True

    # Coming --------------------------------------------------------------------------------------------------------------
    def add(self, ticker: str, resolution: Resolution, mode: DataNormalizationMode, *, fill_forward: bool = True,
            leverage: float = 0.0, extended: bool = False) -> Security:  # fmt: skip
        """Add an equity by hand; adding it again gives the same one."""
        symbol = Symbol(ticker)
        found = self.get(symbol)
        if found is None:
            security = self._make(symbol, resolution, mode, fill_forward=fill_forward, leverage=leverage, extended=extended)
        else:
            security = found.security
            if resolution != security.resolution:
                raise UnsupportedError(
                    f"add_equity({ticker!r}, {resolution.name}): it is subscribed with {security.resolution.name} bars. A "
                    "second resolution of one asset exists in LEAN only: subscribe to the finer one and use self.consolidate."
                )
            security.is_tradable = True
            self._initialize(security)
        self.know(symbol)
        self._core.universes.keep(symbol)
        return security

    def add_custom(self, kind: type, ticker: str | Symbol, resolution: Resolution, leverage: float) -> Security:
        """Add custom data of a ticker, or such that belong to a security, which are known by its ticker and their class."""
        symbol = Symbol(ticker, SecurityType.BASE) if isinstance(ticker, str) else CustomSymbol(ticker.value, kind, ticker)
        if symbol not in self:
            self._without_market(
                symbol, resolution, CustomFeed(kind, symbol, resolution, self._core.object_store.read_bytes), leverage
            )
        elif isinstance(symbol, CustomSymbol) and getattr(self[symbol].custom, "kind", None) is not kind:
            raise UnsupportedError(
                f"add_data({kind.__name__}, {symbol.value}): there are custom data of another class by this name. Two classes "
                "for one security exist in LEAN only: give one of them a ticker of its own."
            )
        if isinstance(symbol, CustomSymbol):
            self.known[f"{symbol.value}.{kind.__name__.upper()}"] = symbol
        else:
            self.know(symbol)
        self._core.universes.keep(symbol)
        return self[symbol].security

    def add_pair(self, kind: SecurityType, ticker: str, resolution: Resolution, market: str, *, fill_forward: bool = True,
                 leverage: float = 0.0, internal: bool = False) -> Security:  # fmt: skip
        """Add a pair: by hand, or for the rate of a currency. Adding it again gives the same one."""
        core, call = self._core, f"add_{kind.name.lower()}({ticker!r})"
        symbol = Symbol(ticker, kind, market)
        found = self.get(symbol)
        if found is not None and not internal:
            return self._again(found, symbol, resolution, f"{call[:-1]}, {resolution.name})")
        security = self._make_pair(symbol, resolution, fill_forward=fill_forward, leverage=leverage, internal=internal, call=call)
        if not internal:
            self.know(symbol)
            core.universes.keep(symbol)
        return security

    def _make_pair(
        self, symbol: Symbol, resolution: Resolution, *, fill_forward: bool, leverage: float, internal: bool = False,
        call: str | None = None,
    ) -> Security:  # fmt: skip
        """Make a pair that isn't there, or isn't any more: for a call, or for a universe."""
        core, catalog = self._core, self._core.catalog
        name, market, ticker = symbol.security_type.name.lower(), symbol.market, symbol.value
        core.go_round(f"{symbol.value!r} of a universe" if call is None else call)
        catalog.expect_pair(ticker)
        facts = catalog.pair_markets.of(name, market, ticker)
        catalog.check_pair(symbol, resolution, quiet=internal)
        hours = catalog.pair_markets.hours(name, market, ticker)
        book, exchange = core.portfolio.cash_book, PairExchange(hours, core.calendar, core.time, core.clock)
        make = Forex if symbol.security_type == SecurityType.FOREX else Crypto
        known: Any = core.securities.get(symbol)
        if known is None:
            security: PairSecurity = make(
                symbol, resolution, exchange, core.time, SymbolProperties.of_pair(facts), book.ensure(facts.base),
                book.ensure(facts.quote), fill_forward=fill_forward,
            )  # fmt: skip
        else:
            security = known
            security.resolution, security.fill_forward = resolution, fill_forward
        security.is_internal = internal
        self._admit(security, PairSubscription(security, catalog, self._span_of(exchange), self._minutes_of_pace), leverage)
        return security

    def _again(self, found: Subscription, symbol: Symbol, resolution: Resolution, call: str) -> Security:
        security = found.security
        if resolution != security.resolution:
            raise UnsupportedError(
                f"{call}: it is subscribed with {security.resolution.name} bars. A second resolution of one asset exists in LEAN "
                "only: subscribe to the finer one and use self.consolidate."
            )
        security.is_tradable = True
        self._initialize(security)
        self.know(symbol)
        self._core.universes.keep(symbol)
        return security

    def _span_of(self, exchange: PairExchange) -> Callable[[datetime], tuple[datetime, datetime]]:
        """First and last time of what is delivered of an exchange, in its own time, of the engine's first."""
        core = self._core

        def span(since: datetime) -> tuple[datetime, datetime]:
            begin = core.begin if since == datetime.min else since
            return exchange.local(begin), exchange.local(core.clock.of_shown(core.end))

        return span

    def _minutes_of_pace(self) -> int:
        if self.smallest < 1:
            raise UnsupportedError(
                "Resolution.SECOND beside crypto or forex: expected DAILY, HOUR or MINUTE there, for the embedded engine repeats "
                "bars of pairs once a minute at most. Subscribe to minutes, or run it in LEAN."
            )
        return int(self.smallest)

    def priced(self) -> dict[Symbol, Subscription]:
        """Those to equities."""
        return {s: found for s, found in self.items() if found.custom is None and found.security.is_valued}

    def check_pairs(self, first: date, last: date) -> None:
        """Raise, or say, where a pair has no bars between two days."""
        pairs = [found for found in self.values() if not found.security.is_valued and not found.security.is_internal]
        told = [self._core.catalog.absent_pair(found.security, first, last) for found in pairs]
        said = [text for text in told if text is not None]
        if said and len(said) == len(self):
            raise NoDataError(said[0])
        for text in said:
            self._core.catalog.warn(text)

    def warm_up_start(self, n: int, resolution: Resolution | None) -> datetime:
        """The engine's time at which the security with the fewest open hours has so many bars until the start."""
        core = self._core
        begin = core.clock.of_shown(core.start)
        starts = [
            found.security.exchange.engine_time(
                start_in(found.security.exchange, found.security.exchange.local(begin), n, resolution or found.resolution,
                         custom=found.custom is not None)
            )
            for found in self.values() if not getattr(found.security, "is_internal", False)
        ]  # fmt: skip
        return min(starts, default=begin)

    def add_for_order(self, symbol: Symbol) -> Security | None:
        """Add what is ordered and isn't there, as LEAN does: a ticker that nobody added becomes an asset without data."""
        core = self._core
        settings = core.universe_settings
        found = self.get(symbol)
        if found is not None:
            found.security.is_tradable = True
            self._initialize(found.security)
        elif symbol.security_type == SecurityType.EQUITY:
            try:
                self._make(symbol, settings.resolution, DataNormalizationMode.ADJUSTED, fill_forward=settings.fill_forward)
            except NoDataError:
                return None
        else:
            self._without_market(symbol, settings.resolution, NoFeed(), 0.0)
        self.know(symbol)
        core.universes.keep(symbol)
        security = self[symbol].security
        if security.price == 0.0 and self[symbol].custom is None:
            security.set_market_price(core.algorithm.get_last_known_price(security))
        return security

    # Consolidators -------------------------------------------------------------------------------------------------------
    def of(self, asset: Any) -> Subscription:
        """Subscription of a ticker, a symbol or a security.

        Raises
        ------
        ParameterError
            There is none.
        """
        key = self._core.symbol_of(asset)
        found = self.get(key)
        if found is None:
            raise ParameterError("symbol", str(key), "a subscribed symbol", f"({NOT_REGISTERED.format(symbol=key)})")
        return found

    def consolidator(self, asset: Any, period: Any, tick_type: Any = None) -> Any:
        """The consolidator of a period, not yet fed: of trades or quotes, without a word of what its security has."""
        found = self.of(asset)
        exchange = None if found.security.is_valued else found.security.exchange
        if tick_type is None:
            tick_type = TickType.QUOTE if found.is_of_quotes else TickType.TRADE
        return make(
            found.symbol, found.resolution, period, self._core.calendar,
            sessions=found.custom is None, exchange=exchange, tick_type=TickType(tick_type),
        )  # fmt: skip

    def attach(self, asset: Any, consolidator: Any) -> None:
        """Feed a consolidator, if that isn't done already, and remember its timer, if it has one."""
        core, subscription = self._core, self.of(asset)
        fed = subscription.fed_to(consolidator)
        if any(known is consolidator for known in fed):
            return
        if isinstance(consolidator, Consolidator):
            consolidator.attach(subscription.increment)
            consolidator.exchange = subscription.security.exchange
        fed.append(consolidator)
        self._consolidated = None
        core.consolidating = True
        if hasattr(consolidator, "timer"):
            core.consolidators_made.append(consolidator)

    def detach(self, asset: Any, consolidator: Any) -> None:
        """Feed a consolidator no more."""
        subscription = self.get(self._core.symbol_of(asset))
        if subscription is not None and consolidator in subscription.fed_to(consolidator):
            subscription.fed_to(consolidator).remove(consolidator)
            self._consolidated = None
            if isinstance(consolidator, Consolidator):
                consolidator.detach()

    def consolidated(self) -> Iterator[Subscription]:
        """Those that feed consolidators, as they stand in a moment; one that begins to while this goes on is among them."""
        place, known = 0, self._in_order()
        while place < len(known):
            subscription = known[place]
            yield subscription
            now = self._in_order()
            place = place + 1 if now is known else bisect_right(now, subscription.order, key=key_of)
            known = now

    def _in_order(self) -> list[Subscription]:
        if self._consolidated is None:
            self._consolidated = sorted((s for s in self.values() if s.consolidators), key=key_of)
        return self._consolidated

    # Members of universes ------------------------------------------------------------------------------------------------
    def join(self, symbol: Symbol, settings: UniverseSettings) -> bool:
        """Subscribe to a member of a universe as its settings say. Whether nobody was subscribed to it."""
        if symbol not in self and isinstance(symbol, CustomSymbol):
            self._core.refuse_on_clock(
                f"custom data of {symbol.value!r}", "equities",
                "what a reader of one's own has read is in no journal and could not be read again after a restart",
            )  # fmt: skip
            feed = CustomFeed(symbol.data_type, symbol, settings.resolution, self._core.object_store.read_bytes)
            self._without_market(symbol, settings.resolution, feed, 0.0)
        elif symbol.is_pair:
            found = self.get(symbol)
            if found is None or getattr(found, "is_internal", False):
                self._make_pair(
                    symbol, settings.resolution, fill_forward=settings.fill_forward, leverage=float(settings.leverage)
                )
        elif symbol not in self:
            self._make(
                symbol, settings.resolution, settings.data_normalization_mode, fill_forward=settings.fill_forward,
                leverage=settings.leverage, extended=settings.extended_market_hours,
            )  # fmt: skip
        return not self[symbol].delivers

    def tell_absent(self) -> None:
        """Tell of the members without bars: of few one by one, of many at once."""
        absent, self.absent = self.absent or [], None
        if len(absent) <= FEW:
            for _, said in absent:
                self._core.catalog.warn(said)
            return
        names = ", ".join(ticker for ticker, _ in absent[:FEW])
        self._core.catalog.warn(f"{len(absent)} members of a universe have no bars ({names}, ...): {absent[0][1]}")

    def _make(self, symbol: Symbol, resolution: Resolution, mode: DataNormalizationMode, *, fill_forward: bool,
              leverage: float = 0.0, extended: bool = False) -> Security:  # fmt: skip
        core, ticker = self._core, symbol.value
        if extended:
            raise UnsupportedError(
                f"add_equity({ticker!r}, extended_market_hours=True): bars before 09:30 and after 16:00 exist in LEAN only."
            )
        if mode not in MODES:
            raise UnsupportedError(
                f"add_equity({ticker!r}) with {mode.name}: the embedded engine has {', '.join(m.name for m in MODES)}."
            )
        lacking = core.catalog.check(ticker, resolution)
        if lacking is not None and self.absent is not None:
            self.absent.append((ticker, lacking))
        elif lacking is not None and core.locked:  # what is there from the beginning is told of as the range is checked
            core.catalog.warn(lacking)
        if mode not in (DataNormalizationMode.ADJUSTED, DataNormalizationMode.TOTAL_RETURN):
            core.catalog.warn_of_dividends(ticker, mode.name)
        # LEAN keeps what has left, with its models and whatever a strategy wrote on it, and takes it up again.
        security = core.securities.get(symbol)
        if security is None:
            exchange = Exchange(core.calendar, core.time, clock=core.clock)
            security = Security(symbol, resolution, mode, exchange, core.time, fill_forward=fill_forward)
            security.is_live = core.live
            symbol.identify(core.catalog.identifier(ticker), core.catalog.definition)
            if ticker in self.known:
                symbol.know()
        else:
            security.resolution, security.data_normalization_mode, security.fill_forward = resolution, mode, fill_forward
        self._admit(security, Subscription(security, core.catalog), leverage)
        return security

    def _without_market(self, symbol: Symbol, resolution: Resolution, feed: Any, leverage: float) -> None:
        core = self._core
        security = core.securities.get(symbol) or Security(
            symbol, resolution, DataNormalizationMode.RAW, Exchange(core.calendar, core.time, always=True, clock=core.clock),
            core.time, fill_forward=False,
        )  # fmt: skip
        self._admit(security, Subscription(security, core.catalog, custom=feed), leverage)

    def _admit(self, security: Security, subscription: Subscription, leverage: float) -> None:
        core = self._core
        security.symbol.let_go = self._renew
        security.holdings.let_go = lambda: core.portfolio.renew(security)
        security.is_tradable = True
        if security.is_valued:
            book = core.portfolio.cash_book
            # What is no security of a market is priced in the account's currency.
            security.quote_cash = book.own if security.type == SecurityType.BASE else book.ensure(USD)
        security.convert = core.portfolio.cash_book.in_account
        security.on_margin_change = lambda: core.margin_changed(security)
        security.on_model = lambda: core.models_changed(security)
        security.pay = lambda amount: core.portfolio.pay(SystemDecimal.of(amount))
        security.on_volatility_model = lambda: core.watched.__setitem__(security.symbol, security)
        security.fundamentals_of = lambda: core.lists.fundamental(
            security.symbol, (core.clock.local(core.now, NEW_YORK) - DAY).date()
        )
        security.stale_by(lambda: core.settings.stale_price_time_span)
        security.on_holdings_set = lambda quantity, price: core.portfolio.set_holdings(security, quantity, price)
        security.subscriptions.append(subscription)
        self[security.symbol] = subscription
        core.securities[security.symbol] = security
        core.portfolio.add(security)
        self._initialize(security)
        if leverage:
            security.set_leverage(leverage)
        if core.settings.seed_initial_prices and subscription.custom is None and not getattr(security, "is_internal", False):
            security.set_market_price(core.algorithm.get_last_known_price(security))

    def _initialize(self, security: Security) -> None:
        if not security.is_initialized:
            initializer = self._core.initializer
            either(initializer, "initialize")(security)
            security.is_initialized = True

    def _renew(self, old: Symbol) -> None:
        """Show an asset's symbol as a new object: a strategy hung something on the one that it has.

        LEAN wraps its objects anew each time they are asked for, so that only the wrapper that a strategy keeps has it.
        """
        core, fresh = self._core, old.twin()
        fresh.let_go = self._renew
        if self.known.get(fresh.value) == fresh:
            self.known[fresh.value] = fresh
        security = core.securities.get(fresh)
        if security is not None:
            security.symbol = security.holdings.symbol = fresh
            for data in (security.bar, security.quote, security.last):
                if data is not None:
                    data.symbol = fresh
        if fresh in self:
            self[fresh].rename(fresh)
        core.catalog.forget(fresh)
        core.securities.rename(fresh)
        core.portfolio.rename(fresh)
        core.universes.rename()
        for order in core.book.orders.values():
            if order.symbol == fresh:
                order.symbol = fresh

    # Delivery ------------------------------------------------------------------------------------------------------------
    def deliver(self, symbol: Symbol, since: datetime) -> None:
        """Let data arrive that end after a time."""
        core, subscription = self._core, self[symbol]
        if subscription.delivers:
            return
        warm_up = core.warm_up[1] if core.is_warming_up and core.warm_up is not None else None
        subscription.open(core.shown().date(), warm_up, since=since)
        if subscription.custom is not None:
            subscription.custom.start(subscription.security.exchange.local(core.now), core.end)
        self._note(subscription)
        self._keep_pace(subscription)

    def drop(self, symbol: Symbol, *, keep: bool = False) -> None:
        """Deliver no more of a security, which can still be asked for by its symbol; with `keep` it is walked over, for now."""
        core = self._core
        subscription = self.pop(symbol, None)
        security = core.securities.get(symbol)
        if security is not None:
            security.reset(prices=not keep)
            if not keep:
                core.securities.drop(symbol)
                core.portfolio.drop(symbol)
        if subscription is None:
            return
        for consolidator in (*subscription.consolidators, *subscription.quote_consolidators):
            consolidator.dispose()
        subscription.consolidators.clear()
        subscription.quote_consolidators.clear()
        subscription.delivers = False
        self._consolidated = None
        self._new.pop(symbol, None)
        self.changed = True
        if not keep:
            self._keep_pace()

    def _note(self, subscription: Subscription) -> None:
        self._new[subscription.symbol] = subscription
        self.changed = True

    def delivering(self) -> Iterator[Subscription]:
        """Those whose data arrive."""
        return (subscription for subscription in self.values() if subscription.delivers)

    def _keep_pace(self, but: Subscription | None = None) -> None:
        if self._pace is None or (but is not None and but.increment in (self._pace, NO_TIME)):
            return
        pace, before = self._finest(), self._pace
        self._pace = pace
        if pace == before:
            return
        for subscription in list(self.delivering()):
            if subscription is not but and subscription.custom is None and subscription.security.fill_forward:
                subscription.restart(self._core.now)
                self._note(subscription)

    def begin(self) -> None:
        """The first choices are made: from now on changes of the finest resolution have their effect."""
        self._pace = self._finest()

    def _finest(self) -> timedelta:
        return min((s.increment for s in self._open() if s.increment), default=MINUTE)

    def _open(self) -> Iterator[Subscription]:
        """Those whose data the strategy sees."""
        return (s for s in self.delivering() if not getattr(s, "is_internal", False))

    def take_new(self) -> dict[Symbol, Subscription]:
        """What came or began anew since this was last asked."""
        made, self._new, self.changed = self._new, {}, False
        return made

    @property
    def smallest(self) -> float:
        """Minutes of the finest bars subscribed to; ticks are none."""
        core = self._core
        if core.is_warming_up and core.warm_up is not None and core.warm_up[1] is not None:
            return LENGTHS.get(core.warm_up[1], MINUTE) / MINUTE
        return min((s.increment for s in self._open() if s.increment), default=DAY) / MINUTE
