"""A run from beginning to end."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from weakref import WeakKeyDictionary

import numpy as np

from hidden_regime.data.market import MarketData
from hidden_regime.exceptions import NoDataError, ObjectStoreError, RegimeError
from hidden_regime.simulator.algorithm import QCAlgorithm
from hidden_regime.simulator.clock import MIDNIGHT, TradingCalendar
from hidden_regime.simulator.core import LAST_MOMENT, Core
from hidden_regime.simulator.enums import DataNormalizationMode, Resolution
from hidden_regime.simulator.failures import NetError, describe, text_of
from hidden_regime.simulator.feed.adjustment import Adjustment
from hidden_regime.simulator.feed.pair_subscription import PairSubscription
from hidden_regime.simulator.figures.sampling import Benchmark, Marks, Sampler
from hidden_regime.simulator.loop.around import AroundTheClock, check_universes, go_around
from hidden_regime.simulator.loop.changes import settle
from hidden_regime.simulator.loop.collector import calm_collector
from hidden_regime.simulator.loop.foreseen import foresee_pairs
from hidden_regime.simulator.loop.hooks import Hooks
from hidden_regime.simulator.loop.moments import Moment, Moments
from hidden_regime.simulator.loop.pace import Ended
from hidden_regime.simulator.loop.rates import (
    ask_broker,
    benchmark_cash,
    choose_benchmark,
    connect,
    note_benchmark,
    pair_benchmark,
    say_other_zone,
    until_end,
)
from hidden_regime.simulator.loop.session import Day
from hidden_regime.simulator.loop.step import Stepper, Stop
from hidden_regime.simulator.loop.threads import late_threads
from hidden_regime.simulator.object_store import ObjectStore
from hidden_regime.simulator.objects import Symbol
from hidden_regime.simulator.orders.kinds.market_on_close import DEFAULT_BUFFER, MarketOnCloseOrder
from hidden_regime.simulator.run_clock import NEW_YORK
from hidden_regime.simulator.run_state import run_state_of
from hidden_regime.simulator.symbol_cache import SymbolCache

DAY, INSTANT = timedelta(days=1), timedelta(microseconds=1)
MOST_ADJUSTED = 10
IN_INITIALIZE = "During the algorithm initialization, the following exception has occurred: "
LATER_FACTORS = (
    "Due to numerical precision issues in the factor file, data for the following symbols was adjust to a later starting date: "
)
LATER_MAP = "The starting dates for the following symbols have been adjusted to match their map files first date: "


_READ: WeakKeyDictionary[MarketData, dict[tuple[str, TradingCalendar], Marks]] = WeakKeyDictionary()


def _hourly(market: MarketData, ticker: str, calendar: TradingCalendar) -> Marks:
    """Ends and adjusted closes of hourly bars inside sessions, kept with the market for the next run."""
    known = _READ.setdefault(market, {})
    key = (ticker.upper(), calendar)
    if key not in known:
        found = market.hourly(ticker)
        assert found is not None
        times, closes = found
        keep = [i for i, t in enumerate(times) if (session := calendar.find(t.date())) and t <= session.close]
        inside = [times[i] for i in keep]
        adjustment = Adjustment(market.load(ticker), DataNormalizationMode.ADJUSTED)
        known[key] = Marks.of(inside, adjustment.closes([t.date() for t in inside], np.asarray(closes)[keep]).tolist())
    return known[key]


def _shortened(items: list[str]) -> str:
    return ", ".join(items[:MOST_ADJUSTED]) + ("..." if len(items) >= MOST_ADJUSTED else "")


@dataclass
class Run:
    """A finished run. `error` is what stopped it, if anything did; everything until then is there.

    `lost` are lines that a failing run never wrote: LEAN drops them.
    """

    algorithm: QCAlgorithm
    market: MarketData
    sampler: Sampler | None
    error: BaseException | None
    status: str
    message: str
    steps: int
    lost: list[str]


class Engine:
    """Runs one algorithm over one market.

    Parameters
    ----------
    algorithm : QCAlgorithm
        Not initialised yet.
    market : MarketData
    parameters : mapping
        What `get_parameter` answers.
    start, end : date, optional
        Instead of the algorithm's own.
    cash : float, optional
        Instead of the algorithm's own.
    store : str or Path, optional
        Folder of the object store; by default one that goes with the run.
    on_day : callable, optional
        Told of each session's date as it is done.
    live : bool
        Feed as LEAN live does: bars raw in every normalization mode, splits and dividends in the morning of the day after the
        last session before them, history adjusted by what was known by then; `live_mode` is True.
    """

    def __init__(self, algorithm: QCAlgorithm, market: MarketData, *, parameters: Mapping[str, str] | None = None,
                 start: date | None = None, end: date | None = None, cash: float | None = None,
                 store: str | Path | None = None, on_day: Callable[[date], None] | None = None,
                 live: bool = False) -> None:  # fmt: skip
        self.algorithm, self.market = algorithm, market
        self._core = core = run_state_of(algorithm)
        SymbolCache.known = core.known
        core.catalog.offer(market)
        core.live = live
        core.catalog.live_clock = core.time if live else None
        MarketOnCloseOrder.submission_time_buffer = DEFAULT_BUFFER
        core.parameters = {str(name): str(value) for name, value in (parameters or {}).items()}
        if store is not None:
            core.object_store = ObjectStore(store)
        if start is not None:
            core.start = core.now = datetime.combine(start, MIDNIGHT)
        if end is not None:
            core.end = datetime.combine(end, LAST_MOMENT)
        if cash is not None:
            core.portfolio.set_cash(cash)
        given = {"start": start, "end": end, "cash": cash}
        core.forced = {name for name, value in given.items() if value is not None}
        self._on_day = on_day
        self._hooks = Hooks(algorithm)
        self._sampler: Sampler | None = None
        self._stepper: Stepper | None = None
        self._begin = core.start.date()

    def run(self) -> Run:
        """Run to the end, or to the first error of the strategy.

        Raises
        ------
        RegimeError
            The set-up is wrong: unknown data, an empty range, a parameter that can't be. A failure of the strategy's own
            code doesn't raise: it is in the result.
        """
        with late_threads(), calm_collector():
            return self._run()

    def _run(self) -> Run:
        core = self._core
        error: BaseException | None = None
        message, lost = "", []
        try:
            self._initialize()
        except (KeyboardInterrupt, Ended):
            raise
        except BaseException as caught:
            # A wrong set-up is told to who runs it. A key that the store lacks is a failure of the strategy's.
            if isinstance(caught, RegimeError) and not isinstance(caught, (ObjectStoreError, NetError)):
                raise
            error = caught
            message = core.logs.stamp(f"{IN_INITIALIZE}{describe(caught)} {text_of(caught)}")
        if error is None:
            try:
                self._loop()
            except (KeyboardInterrupt, Ended):
                raise
            except BaseException as caught:  # noqa: BLE001 - a strategy may raise anything, and LEAN catches it
                error = caught
                lost = core.logs.forget()
                self._say_adjusted()
                message = core.logs.stamp(f"Runtime Error: {describe(caught)}")
                for line in message.split("\n"):
                    core.logs.write(line)
                if self._sampler is not None:
                    self._sampler.step(core.now, force=True)
        core.logs.flush()
        status = "Completed" if error is None else "RuntimeError"
        steps = self._stepper.steps if self._stepper is not None else 0
        return Run(self.algorithm, self.market, self._sampler, error, status, message, steps, lost)

    def _initialize(self) -> None:
        core = self._core
        (self._hooks.find("initialize") or self.algorithm.initialize)()
        for others in core.initialized:
            others()
        for model in core.framework.selection:
            for universe in model.create_universes(core.view):
                core.universes.add(universe)
        core.framework.check_account()
        core.check_range()
        self._prepare_pairs()
        core.locked = True

    @property
    def core(self) -> Core:
        """State of the run."""
        return self._core

    def _prepare_pairs(self) -> None:
        """What a run with pairs needs before it begins: rates of its currencies, and a benchmark."""
        core = self._core
        foresee_pairs(core, type(self.algorithm))
        ask_broker(core)
        core.benchmark_pair = choose_benchmark(core)
        if core.benchmark_pair is not None:
            core.go_round("set_benchmark")
        note_benchmark(core)
        if core.clock.is_round:
            check_universes(core)
            say_other_zone(core)
            core.connect_currencies = lambda: connect(core)
            connect(core)

    def _benchmark(self, begin: datetime) -> Benchmark:
        """What the run is measured against. In adjusted prices, whatever mode a subscription of it has."""
        core = self._core
        if core.benchmark_function is not None:
            return Benchmark([], [], function=core.benchmark_function)
        if core.benchmark_ticker is None and not core.brokerage_model.has_benchmark:
            return Benchmark([], [])
        if core.benchmark_pair is not None:
            return pair_benchmark(core)
        ticker = core.benchmark_ticker or self.market.benchmark
        try:
            asset = self.market.load(ticker)
        except NoDataError as error:
            if core.benchmark_ticker:
                core.catalog.without(ticker, error)
            return Benchmark([], [])
        hourly = self.market.hourly(ticker)
        if hourly is not None:
            times, closes, by_day = _hourly(self.market, ticker, core.calendar)
            if core.clock.is_round:
                made = Benchmark(*until_end(core, [core.clock.of(time, NEW_YORK) for time in times], closes), ticker=ticker)
                made.makes_steps = True
                return made
            return Benchmark(times, closes, ticker=ticker, by_day=by_day, since=self._first_slice(begin))
        if self.market.intraday(ticker, 60) is None and not hasattr(self.market, "path"):
            daily = Adjustment(asset, DataNormalizationMode.ADJUSTED).closes(asset.dates, asset.close)
            inside = [i for i, day in enumerate(asset.dates) if core.calendar.find(day) is not None]
            daily = daily[inside]
            ends = [core.calendar.sessions[core.calendar.at_or_after(asset.dates[i])].close for i in inside]
            return Benchmark([core.clock.of(end, NEW_YORK) for end in ends], daily.tolist(), ticker=ticker)
        return Benchmark([], [])

    def _first_slice(self, begin: datetime) -> datetime:
        """When LEAN's data begin to flow: at once, but where all comes from universes, when the first of them chooses.

        A run that is subscribed to nothing sees no benchmark at its first moment.
        """
        if self._core.subscriptions:
            return datetime.min
        return self._core.universes.next_time if self._core.universes.universes else begin + INSTANT

    def _loop(self) -> None:
        core = self._core
        start = core.clock.of_shown(core.start)
        begin = core.warm_up_start() if core.warm_up else min(core.now, start)
        warms = bool(core.warm_up) and begin < start
        self._begin = core.clock.shown(begin).date()
        core.now, core.running = begin, True
        core.begin = begin
        core.universes.begin()
        resolution = core.warm_up[1] if core.warm_up and warms else None
        core.benchmark = benchmark = self._benchmark(begin)
        benchmark.cash = benchmark_cash(core)
        end = core.clock.of_shown(core.end)
        sampler = self._sampler = core.sampler = Sampler(core.portfolio, benchmark, start, end, core.clock)
        symbol = core.benchmark_pair or Symbol(core.benchmark_ticker or self.market.benchmark)
        stepper = self._stepper = Stepper(core, self._hooks, sampler, symbol)
        found = self._hooks.find("on_order_event")
        if found is not None:
            core.on_order_event = found
        core.schedule.add("Daily Sampling", list(self._midnights()), lambda: sampler.daily(core.now))
        core.schedule.begin()
        if warms:
            core.is_warming_up = sampler.warming_up = True
            core.logs.say("debug", "Algorithm starting warm up...")
        else:
            self._hooks.call("on_warmup_finished")
        moments = self._moments = (AroundTheClock if core.clock.is_round else Moments)(core, benchmark)
        moments.coarse = resolution == Resolution.DAILY
        try:
            if isinstance(moments, AroundTheClock):
                go_around(self, begin, moments, stepper, self._finish_warm_up, self._on_day)
            else:
                self._days(begin, moments, stepper)
        except Stop:
            core.quit_reason = core.quit_reason or "stopped"
        self._hooks.call("on_end_of_algorithm")
        sampler.step(core.now, force=True)
        core.logs.flush()
        if core.quit_reason is not None:
            core.logs.write(core.logs.stamp("Algorithm Stopped"))
        self._say_adjusted()
        sampler.daily(core.now)

    def _say_adjusted(self) -> None:
        """Say which securities were listed later than the run began."""
        core, begin = self._core, self._begin
        by_factors, by_map = [], []
        for symbol, first in self._firsts(begin):
            asset = core.catalog.asset(symbol.value)
            if asset.factors.rows and first < asset.factors.rows[0].date - DAY:
                by_factors.append(f"[{symbol}, {asset.factors.rows[0].date - DAY:%m/%d/%Y}]")
            if asset.first_day is not None and first < asset.first_day:
                by_map.append(f"[{symbol}, {asset.first_day:%Y-%m-%d}]")
        if by_factors:
            core.logs.announce(LATER_FACTORS + _shortened(by_factors))
        if by_map:
            core.logs.announce(LATER_MAP + _shortened(by_map))

    def _midnights(self) -> Iterator[datetime]:
        day, last = self._core.start, self._core.last_time
        while day <= last:
            yield self._core.clock.of_shown(day)
            day += DAY

    def _firsts(self, begin: date) -> list[tuple[Symbol, date]]:
        """From when on bars were asked for: the benchmark's from a session earlier, so that it has a price as the run begins."""
        core = self._core
        firsts = {symbol: max(begin, s.first) for symbol, s in core.subscriptions.priced().items()}
        before = core.calendar.before(begin, 1)
        if before and self._sampler is not None and self._sampler.benchmark.ticker and core.benchmark_pair is None:
            firsts[Symbol(self._sampler.benchmark.ticker)] = before[0].date
        return sorted(firsts.items(), key=lambda item: item[0].value)

    def _days(self, begin: datetime, moments: Moments, stepper: Stepper) -> None:
        core = self._core
        day, last = begin.date(), core.end.date()
        first = True
        while day <= last or moments.waiting:
            midnight = datetime.combine(day, MIDNIGHT)
            if core.is_warming_up and midnight >= core.start:
                self._finish_warm_up(stepper, day)
            session = core.calendar.find(day) if day <= last else None
            opening = None
            if first or core.subscriptions.changed or core.universes.next_time <= midnight or moments.stirs(day):
                opening = self._midnight(midnight, session is not None, first, moments, stepper)
            told = moments.morning(day) if core.live else []
            if session is not None:
                Day(core, moments, stepper, session, begin, session.close + INSTANT, told, opening).run()
                told = []
                if self._on_day is not None:
                    self._on_day(day)
            if told or moments.waiting or core.universes.next_time < midnight + DAY:
                Day(core, moments, stepper, None, begin, midnight + DAY, told).run()
            first = False
            day += DAY
        late = core.universes.next_time
        if core.end < late <= datetime.combine(last, MIDNIGHT) + DAY:
            # What a universe is told of the last day comes at the midnight after: nothing is chosen, but time goes there.
            stepper.step(Moment(late), changes=True)
        stepper.check_failure()

    def _midnight(self, midnight: datetime, is_session: bool, first: bool, moments: Moments, stepper: Stepper) -> Moment | None:
        """Universes, corporate events and custom data of a day's beginning; what of them is left to the session to begin with."""
        core, universes = self._core, self._core.universes
        now = max(midnight, core.now) if first and core.now.date() == midnight.date() else midnight
        chosen = universes.next_time <= now
        if chosen:
            stepper.past(now)
            universes.select(now)

        def refresh() -> None:
            if core.subscriptions.changed:
                core.subscriptions.take_new()
                moments.refresh()

        def nothing() -> Moment:
            refresh()
            return Moment(core.now)

        refresh()
        moment = (moments.midnight(midnight.date()) if midnight <= core.end else None) or Moment(now)
        if moments.waiting:
            for found in moments.custom_until(midnight + INSTANT):
                if found.time == midnight:
                    moment.custom += found.custom
        if first and is_session and now > midnight:
            return moment
        if first or chosen or not moment.empty:
            stepper.step(moment, changes=True)
            settle(core, stepper, nothing)
            refresh()
        return None

    def _finish_warm_up(self, stepper: Stepper, day: date) -> None:
        core = self._core
        assert self._sampler is not None
        start = core.clock.of_shown(core.start)
        stepper.past(start)
        core.now = start
        core.is_warming_up = self._sampler.warming_up = self._moments.coarse = False
        for subscription in core.subscriptions.values():
            subscription.end_warm_up(day)
            if isinstance(subscription, PairSubscription):
                subscription.continue_from(start)
        self._moments.refresh()
        if core.clock.is_round:  # data may come at this very time: the strategy finds their prices
            stepper.after_prices(start, self._say_warm)
        else:
            self._say_warm()

    def _say_warm(self) -> None:
        self._hooks.call("on_warmup_finished")
        self._core.logs.say("debug", "Algorithm finished warming up.")
