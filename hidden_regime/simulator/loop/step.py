"""One step of market time, in LEAN's order."""

from __future__ import annotations

import heapq
import inspect
from collections.abc import Callable, Iterator, Mapping, MutableMapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from hidden_regime.exceptions import UnsupportedError
from hidden_regime.simulator.clock import MIDNIGHT
from hidden_regime.simulator.consolidation import Consolidator
from hidden_regime.simulator.enums import DelistingType
from hidden_regime.simulator.loop.hooks import Hooks
from hidden_regime.simulator.loop.moments import Moment
from hidden_regime.simulator.models.interest import MarginInterestRateParameters
from hidden_regime.simulator.objects import DataDictionary, Delisting, Dividend, Slice, Split, Symbol, TradeBar
from hidden_regime.simulator.objects.dictionaries import entries
from hidden_regime.simulator.objects.ticks import Tick
from hidden_regime.simulator.orders.requests import SubmitOrderRequest
from hidden_regime.simulator.rounding import plain
from hidden_regime.simulator.run_clock import NEW_YORK
from hidden_regime.simulator.schedule import ScheduledEvent
from hidden_regime.simulator.spelling import either

if TYPE_CHECKING:
    from hidden_regime.simulator.core import Core
    from hidden_regime.simulator.figures.sampling import Sampler
    from hidden_regime.simulator.universes.changes import SecurityChanges

HOUR, MARGIN_PAUSE, BEFORE_THE_END = timedelta(hours=1), timedelta(minutes=5), timedelta(minutes=10)
BEFORE_MIDNIGHT = timedelta(hours=23, minutes=58)
OLD_END_OF_DAY = (
    "Usage of QCAlgorithm.OnEndOfDay() without a symbol will be deprecated August 2021. Always use a symbol when overriding "
    "this method: OnEndOfDay(symbol)"
)
NO_REQUESTS = "on_margin_call must return a non-empty list of SubmitOrderRequest"


class Stop(Exception):
    """The run ends here."""


class Stepper:
    """Takes a run from moment to moment."""

    def __init__(self, core: Core, hooks: Hooks, sampler: Sampler, benchmark_symbol: Any) -> None:
        self._core, self._hooks, self._sampler = core, hooks, sampler
        self._benchmark_symbol = benchmark_symbol
        self._timers: list[tuple[datetime, int, Consolidator]] = []
        self._known = 0
        self._hour = core.now
        self._calm: tuple[Any, int] | None = None
        """The margin call model and the account's version at which it wanted nothing."""
        self._next_margin = datetime.min
        self._next_charge = core.now.replace(minute=0, second=0, microsecond=0) + HOUR
        self._gone: list[Any] = []
        self._old_end_of_day = False
        self._end_of_day: dict[Any, ScheduledEvent] = {}
        self.steps = 0
        self._awaits: tuple[datetime, Callable[[], object]] | None = None

    def after_prices(self, time: datetime, callback: Callable[[], object]) -> None:
        """Call back at a time, once the prices of what comes then are known."""
        self._awaits = (time, callback)

    def _tell_awaiting(self, until: datetime | None = None) -> None:
        """Call back what waits, or what waited for a time before another one: nothing came then."""
        if self._awaits is not None and (until is None or self._awaits[0] < until):
            time, callback = self._awaits
            self._awaits, self._core.now = None, time
            callback()

    # Before a moment -----------------------------------------------------------------------------------------------------
    def past(self, until: datetime) -> None:
        """Scheduled events, then consolidators' timers, whose time came before `until`, each at its own time."""
        core = self._core
        if core.schedule.next_time < until:
            self.events(until)
        if self._timers or self._known < len(core.consolidators_made):
            self._timed(until)

    def events(self, until: datetime) -> None:
        """Scheduled events whose time came before `until`, each at its own time."""
        core, schedule = self._core, self._core.schedule
        while (planned := schedule.next_time) < until:
            if core.pace is not None:
                core.pace.reach(planned)
            core.now = planned
            self._fire()
            if core.pace is not None:
                core.pace.done(planned)

    def _fire(self) -> None:
        schedule = self._core.schedule
        event = schedule.pop()
        event.fire()
        schedule.settle(event)

    def _timed(self, until: datetime) -> None:
        core = self._core
        made = core.consolidators_made
        while self._known < len(made):
            new = made[self._known]
            if new.attached:
                # Here and not where it was made: a warm-up begins before the strategy's first day.
                new.start_timer(core.clock.to_utc(core.now))
                heapq.heappush(self._timers, (new.timer, self._known, new))
            self._known += 1
        if not self._timers:
            return
        limit = core.clock.to_utc(until)
        while self._timers and self._timers[0][0] < limit:
            planned, number, consolidator = heapq.heappop(self._timers)
            if consolidator.timer is None:
                continue
            core.now = core.clock.from_utc(planned)
            if consolidator.timer <= planned:
                consolidator.timed_scan(planned)
            if consolidator.timer is not None:
                heapq.heappush(self._timers, (consolidator.timer, number, consolidator))

    def check(self) -> None:
        """Stop where the strategy failed or quit, or the account is worth nothing."""
        core = self._core
        if core.failure is not None:
            raise core.failure
        if core.quit_reason is not None:
            raise Stop

    def check_failure(self) -> None:
        """Raise what failed in the last step."""
        self._tell_awaiting()
        if self._core.failure is not None:
            raise self._core.failure

    # The moment ----------------------------------------------------------------------------------------------------------
    def step(self, moment: Moment, *, changes: bool = False) -> None:
        """Everything that happens at a moment."""
        core = self._core
        if core.failure is not None or core.quit_reason is not None:
            self.check()
        if core.portfolio.is_ruined:
            core.logs.write(
                core.logs.stamp("AlgorithmManager.Run(): Portfolio value is less than or equal to zero, stopping algorithm.")
            )
            raise Stop
        if self._awaits is not None:
            self._tell_awaiting(moment.time)
        if core.filtered and not self._filter(moment):
            return
        self.past(moment.time)
        core.now = moment.time
        if moment.empty and not changes:
            self._tell_awaiting()
            core.empty_slice(moment.time)
            self._pulse(moment)
            return
        bars = moment.by_symbol()
        slice_ = self._slice(moment, bars)
        self.steps += 1
        self._prices(moment)
        if self._awaits is not None:
            self._tell_awaiting()
        if moment.events:
            self._renamed(slice_)
        self._hourly()
        core.book.sync()
        for event in moment.events:
            if isinstance(event, Delisting) and event.type == DelistingType.DELISTED:
                self._delist(event)
        if core.universes.changed:
            self._register_end_of_day(core.universes.changes)
        while core.schedule.next_time <= moment.time:
            self._fire()
        if core.failure is not None or core.quit_reason is not None:
            self.check()
        self._margin()
        if core.universes.changed:
            self._changed()
        if moment.events:
            self._corporate(moment)
        if core.consolidating:
            self._consolidate(moment, bars)
        if moment.events:
            self._tell(slice_)
        if slice_.has_data:
            self._hooks.call("on_data", slice_)
        if not core.framework.idle:
            core.framework.step(slice_)
        core.book.sync()
        while self._gone:
            core.securities.drop(self._gone.pop())
        if self._sampler.step(moment.time):
            core.logs.flush()

    def _filter(self, moment: Moment) -> bool:
        """Leave out what filters of the strategy's don't let through. Whether anything is left to happen."""
        if moment.empty:
            return True

        def passes(data: Any) -> bool:
            security = self._core.filtered.get(data.symbol)
            return security is None or bool(either(security.data_filter, "filter")(security, data))

        moment.bars = [bar for bar in moment.bars if passes(bar)]
        moment.quotes = [quote for quote in moment.quotes if passes(quote)]
        moment.custom = [data for data in moment.custom if passes(data)]
        moment.ticks = [tick for tick in moment.ticks if passes(tick)]
        return not moment.empty or moment.mark is not None

    def _tell(self, slice_: Slice) -> None:
        told: tuple[tuple[str, DataDictionary[Any]], ...] = (
            ("on_splits", slice_.splits), ("on_dividends", slice_.dividends), ("on_delistings", slice_.delistings),
        )  # fmt: skip
        for name, found in told:
            if found.count:
                self._hooks.call(name, found)

    def pulses(self, marks: Sequence[tuple[datetime, float]]) -> int:
        """Moments that only the benchmark makes; how many were done before securities came or went.

        Where nothing waits for them - no order, event, timer, settlement or margin - all that can happen is a sample and a
        price of the benchmark's for open trades, and they are done at once.
        """
        core = self._core
        self.check()
        if self._awaits is not None:
            self._tell_awaiting()
        self.past(marks[0][0])
        last = marks[-1][0]
        if not self._quiet(last):
            for done, (time, close) in enumerate(marks, 1):
                moment = Moment(time)
                moment.mark = close
                self.step(moment)
                if core.universes.queued:
                    return done
            return len(marks)
        self._see(marks)
        due = self._sampler.due
        offset = core.clock.to_utc(last) - last
        if last + offset > due:
            for time, _ in marks:
                if time + offset > due:
                    core.now = time
                    self._sampler.step(time)
                    core.logs.flush()
                    due = self._sampler.due
        core.now = last
        core.empty_slice(last)
        self._hour = last
        self._next_margin = last + MARGIN_PAUSE
        return len(marks)

    def _quiet(self, until: datetime) -> bool:
        core = self._core
        if (
            core.charged
            or core.universes.queued
            or core.book.is_busy
            or core.portfolio.unsettled_cash
            or core.schedule.next_time <= until
        ):
            return False
        if core.portfolio.total_portfolio_value <= 0.0 or (self._timers and self._timers[0][0] <= core.clock.to_utc(until)):
            return False
        return not core.portfolio.held or self._is_calm()

    def _is_calm(self) -> bool:
        """Whether no margin is called and no warning due."""
        portfolio = self._core.portfolio
        model, version = portfolio.margin_call_model, portfolio.version
        if self._calm is not None and self._calm[1] == version and self._calm[0] is model and not portfolio.margin_varies:
            return True
        if not hasattr(model, "orders") or model.orders(portfolio) != ([], False):
            return False
        self._calm = model, version
        return True

    def _pulse(self, moment: Moment) -> None:
        """A moment that only the benchmark makes: orders, events, margin, sampling."""
        core = self._core
        if moment.mark is not None and core.portfolio.held:
            self._see([(moment.time, moment.mark)])
        self._hourly()
        core.book.sync()
        while core.schedule.next_time <= moment.time:
            self._fire()
        if core.failure is not None or core.quit_reason is not None:
            self.check()
        if core.portfolio.held:
            self._margin()
        core.book.sync()
        if self._sampler.step(moment.time):
            core.logs.flush()

    def _prices(self, moment: Moment) -> None:
        core = self._core
        securities, trades = entries(core.securities), core.trades
        for data in moment.custom:
            securities[data.symbol].set_market_price(data)
            trades.see(data.symbol, securities[data.symbol].price)
        if moment.panel is not None:
            moment.panel.row = moment.row
            for watched in core.watched.values():
                watched.feed_volatility(moment.panel)
        else:
            for bar in moment.bars:
                security = securities.get(bar.symbol)
                if security is not None:
                    security.set_market_price(bar)
                    if security.path is not None:
                        security.path.append(bar.close if security.is_valued else security.price)
        for quote in moment.quotes:
            security = securities.get(quote.symbol)
            if security is not None:
                security.set_market_price(quote)
                if security.path is not None and not security.is_valued:
                    security.path.append(security.price)
        for bar in moment.inner:
            self._inner(securities, bar)
        if moment.ticks:
            self._ticks(moment.ticks)
        for symbol in {event.symbol: None for event in moment.events}:
            if symbol in securities:
                trades.see(symbol, securities[symbol].price)
        if moment.mark is not None:  # beside bars too: the benchmark is adjusted, and finer than a daily bar
            self._see([(moment.time, moment.mark)])
        if core.portfolio.cash_book.abroad:
            core.portfolio.cash_book.update()
        if moment.panel is None or moment.panel.quoted or moment.custom or moment.quotes or moment.events or moment.ticks:
            core.portfolio.prices_changed()
        else:
            core.portfolio.row_arrived(moment.panel)

    @staticmethod
    def _inner(securities: Mapping[Symbol, Any], bar: Any) -> None:
        """The price of a pair that the strategy doesn't see."""
        security = securities.get(bar.symbol)
        if security is not None:
            security.set_market_price(bar)

    def _ticks(self, ticks: Sequence[Tick]) -> None:
        """Prices of ticks: all of a security's at once."""
        securities = entries(self._core.securities)
        for symbol in dict.fromkeys(tick.symbol for tick in ticks):
            security = securities.get(symbol)
            if security is not None:
                security.set_ticks([tick for tick in ticks if tick.symbol == symbol])
                if security.path is not None:
                    security.path.append(security.price)

    def _see(self, marks: Sequence[tuple[datetime, float]]) -> None:
        """Prices of the benchmark's, for open trades in it."""
        security = entries(self._core.securities).get(self._benchmark_symbol)
        if security is not None:
            security.catch_up()
        self._core.trades.see_all(self._benchmark_symbol, marks)

    def _hourly(self) -> None:
        core = self._core
        if core.charged:
            self._charge()
        if core.portfolio.unsettled_cash and core.now < self._hour.replace(minute=0, second=0, microsecond=0) + HOUR:
            return
        self._hour = core.now
        if core.portfolio.unsettled_cash:
            core.portfolio.settle(core.clock.local(core.now, NEW_YORK))

    def _charge(self) -> None:
        """Ask the models of interest, and own ones of settlement, once an hour."""
        core = self._core
        if core.now < self._next_charge:
            return
        self._next_charge = core.now.replace(minute=0, second=0, microsecond=0) + HOUR
        for security in list(core.charged.values()):
            utc = core.clock.to_utc(core.now)
            if security.interest is not None:
                either(security.interest, "apply_margin_interest_rate")(MarginInterestRateParameters(security, utc))
            if security.own_settlement is not None:
                security.own_settlement.scan(core.portfolio, utc)

    def _renamed(self, slice_: Slice) -> None:
        """Tell of new tickers, and cancel what was ordered under the old ones."""
        changed = slice_.symbol_changed_events
        if not changed.count:
            return
        self._hooks.call("on_symbol_changed_events", changed)
        for symbol in changed.keys():
            self._core.book.cancel_open_orders(symbol, "Open order cancelled on symbol changed event")

    def _delist(self, event: Delisting) -> None:
        core = self._core
        security = core.securities.get(event.symbol)
        if security is None:
            return
        security.is_delisted, security.is_tradable = True, False
        core.book.liquidate_delisted(security)
        core.universes.delist(event.symbol)
        core.portfolio.prices_changed()
        self._gone.append(event.symbol)

    def _changed(self) -> None:
        core = self._core
        changes = core.universes.take_changes()
        self._register_end_of_day(changes)
        self._hooks.call("on_securities_changed", changes)
        own = self._hooks.find("on_framework_securities_changed")
        (own or core.algorithm.on_framework_securities_changed)(changes)

    def _register_end_of_day(self, changes: SecurityChanges) -> None:
        """Schedule the ends of days of who came. LEAN does before it fires what is due, and puts all events in order anew."""
        if self._hooks.find("on_end_of_day") is None:
            return
        core = self._core
        if not inspect.signature(self._hooks.find("on_end_of_day")).parameters:
            if not self._old_end_of_day:
                self._old_end_of_day = True
                core.logs.say("debug", OLD_END_OF_DAY)
                days = core.calendar.between(core.shown().date(), core.end.date())
                times = [core.clock.of_shown(datetime.combine(s.date, MIDNIGHT) + BEFORE_MIDNIGHT) for s in days]
                core.schedule.add("EndOfDay", times, lambda: self._hooks.call("on_end_of_day"))
            return
        for security in changes.added_securities:
            symbol = security.symbol
            if symbol in self._end_of_day:
                continue
            # Not for this very moment: it may be the end of the day at which another security's call added this one.
            ends = [moment for moment in self._ends_of_days(security) if moment > core.now]
            self._end_of_day[symbol] = core.schedule.add(
                f"{symbol}.EndOfDay", ends, lambda key=security: self._hooks.call("on_end_of_day", key.symbol)
            )
        for security in changes.removed_securities:
            event = self._end_of_day.pop(security.symbol, None)
            if event is not None:
                core.schedule.remove(event)

    def _ends_of_days(self, security: Any) -> Iterator[datetime]:
        core = self._core
        first, last = core.shown().date(), core.end.date()
        exchange = security.exchange
        if exchange.always:
            midnight = datetime.combine(first, MIDNIGHT)
            return (exchange.engine_time(midnight + timedelta(days=n + 1)) for n in range((last - first).days + 1))
        if not security.is_valued:
            closes = (exchange.last_close(day) for day in exchange.pair_hours.open_days(first, last))
            return (exchange.engine_time(close - BEFORE_THE_END) for close in closes if close is not None)
        return (exchange.engine_time(session.close - BEFORE_THE_END) for session in core.calendar.between(first, last))

    # Margin --------------------------------------------------------------------------------------------------------------
    def _margin(self) -> None:
        core = self._core
        if core.now < self._next_margin:
            return
        self._next_margin = core.now + MARGIN_PAUSE
        if not core.portfolio.held or self._is_calm():
            return
        model = core.portfolio.margin_call_model
        if not hasattr(model, "orders"):
            raise UnsupportedError(
                f"margin call model {type(model).__name__}: the embedded engine has DefaultMarginCallModel and "
                "MarginCallModel.NULL; own ones exist in LEAN only."
            )
        requests, warn = model.orders(core.portfolio)
        executed = 0
        if requests and all(core.securities[r.symbol].exchange.exchange_open for r in requests):
            executed = self._call_margin(model, requests)
        if executed == 0 and warn:
            self._hooks.call("on_margin_call_warning")

    def _call_margin(self, model: Any, requests: list[SubmitOrderRequest]) -> int:
        core = self._core
        own = self._hooks.find("on_margin_call")
        if own is not None:
            answer = own(requests)
            requests = [r for r in (answer if answer is not None else []) if isinstance(r, SubmitOrderRequest)]
            if not requests:
                raise RuntimeError(NO_REQUESTS)
        if core.portfolio.margin_remaining >= 0.0:
            return 0
        tickets = []
        for request in model.sorted(core.portfolio, requests):
            request.properties = request.properties or core.trader.default_properties.clone()
            tickets.append(core.book.submit(request))
            if core.portfolio.margin_remaining >= 0.0:
                break
        for ticket in tickets:
            core.logs.say(
                "error",
                f"{core.shown():%m/%d/%Y %H:%M:%S} - Executed MarginCallOrder: {ticket.symbol} - Quantity: "
                f"{plain(ticket.quantity)} @ {plain(ticket.average_fill_price)}",
            )  # fmt: skip
        return len(tickets)

    # Data ----------------------------------------------------------------------------------------------------------------
    def _slice(self, moment: Moment, bars: MutableMapping[Symbol, TradeBar]) -> Slice:
        custom = {data.symbol: data for data in moment.custom} if moment.custom else None
        quotes = moment.quotes_by_symbol()
        ticks: dict[Symbol, list[Tick]] | None = None
        if moment.ticks:
            ticks = {}
            for tick in moment.ticks:
                ticks.setdefault(tick.symbol, []).append(tick)
        clock = self._core.clock
        shown = moment.time if clock.is_shown else clock.shown(moment.time)
        made = Slice(shown, clock.to_utc(moment.time), bars, custom, self._core.known, quotes, ticks)
        for event in moment.events:
            made.add_event(event)
        self._core.sliced = made
        return made

    def _corporate(self, moment: Moment) -> None:
        core = self._core
        for event in moment.events:
            security = core.securities.get(event.symbol)
            if security is not None and isinstance(event, Dividend):
                core.portfolio.apply_dividend(event, security.priced_in)
        for event in moment.events:
            security = core.securities.get(event.symbol)
            if security is not None and isinstance(event, Split) and core.portfolio.apply_split(event, security.priced_in):
                security.path = core.trades.apply_split(event.symbol, event.split_factor)
                core.book.apply_split(event.symbol, event.split_factor)

    def _consolidate(self, moment: Moment, bars: Mapping[Symbol, TradeBar]) -> None:
        subscriptions, now = self._core.subscriptions, moment.time
        if self._core.clock.is_round:
            self._consolidate_around(moment, bars)
            return
        for data in moment.custom:
            subscription = subscriptions.get(data.symbol)
            if subscription is not None:
                subscription.feed_consolidators(data, now)
        for subscription in subscriptions.consolidated():
            bar = bars.get(subscription.symbol) if subscription.custom is None else None
            if bar is not None:
                subscription.feed_consolidators(bar, now)
        if moment.ticks:
            self._consolidate_ticks(moment.ticks)
        for quote in moment.quotes:
            subscription = subscriptions.get(quote.symbol)
            for consolidator in list(subscription.quote_consolidators) if subscription is not None else ():
                consolidator.update(quote)
                consolidator.scan(now)

    def _consolidate_ticks(self, ticks: Sequence[Tick]) -> None:
        for tick in ticks:
            subscription = self._core.subscriptions.get(tick.symbol)
            if subscription is None:
                continue
            for consolidator in list(subscription.consolidators if tick.is_trade else subscription.quote_consolidators):
                consolidator.update(tick)
                if getattr(consolidator, "attached", False):
                    consolidator.scan(tick.time)

    def _consolidate_around(self, moment: Moment, bars: Mapping[Symbol, TradeBar]) -> None:
        """The same where exchanges have their own times: kind by kind, of each the trades first, and then by ticker."""
        subscriptions = self._core.subscriptions
        for data in moment.custom:
            found = subscriptions.get(data.symbol)
            if found is not None:
                found.feed_consolidators(data, found.security.exchange.local(moment.time))
        if moment.ticks:
            self._consolidate_ticks(moment.ticks)
        moment.come_one_by_one()
        come = [(False, bar) for bar in bars.values()] + [(True, quote) for quote in moment.quotes]
        for of_quotes, data in sorted(come, key=lambda item: (item[1].symbol.security_type, item[0], item[1].symbol.value)):
            found = subscriptions.get(data.symbol)
            if found is None or found.custom is not None:
                continue
            now = found.security.exchange.local(moment.time)
            for consolidator in list(found.quote_consolidators if of_quotes else found.consolidators):
                consolidator.update(data)
                if not isinstance(consolidator, Consolidator) or consolidator.attached:
                    consolidator.scan(now)
