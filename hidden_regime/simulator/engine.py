"""The loop: one step of market time after another, in LEAN's order."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from hidden_regime.data.market import MarketData
from hidden_regime.exceptions import RegimeError
from hidden_regime.simulator.algorithm import QCAlgorithm
from hidden_regime.simulator.clock import MIDNIGHT, to_utc
from hidden_regime.simulator.consolidators import Consolidator
from hidden_regime.simulator.core import LAST_MOMENT
from hidden_regime.simulator.enums import DataNormalizationMode, SplitType
from hidden_regime.simulator.objects import Dividend, Dividends, Slice, Split, Splits, Symbol, TradeBar, TradeBars
from hidden_regime.simulator.sampling import Sampler

DAY = timedelta(days=1)


@dataclass
class SecurityChanges:
    """Securities that came and went."""

    added_securities: list[Any] = field(default_factory=list)
    removed_securities: list[Any] = field(default_factory=list)


@dataclass
class Run:
    """A finished run. `error` is what stopped it, if anything did; everything until then is there."""

    algorithm: QCAlgorithm
    market: MarketData
    sampler: Sampler | None
    error: Exception | None
    status: str
    message: str
    steps: int


class _Step:
    """What arrives at one moment."""

    __slots__ = ("bars", "events", "time")

    def __init__(self, time: datetime, bars: list[TradeBar], events: list[Dividend | Split]) -> None:
        self.time, self.bars, self.events = time, bars, events


def hook(algorithm: QCAlgorithm, name: str) -> Callable[..., Any] | None:
    """The user's hook. The snake_case name wins wherever it stands in the chain of classes, as in LEAN."""
    own = vars(algorithm).get(name)
    if own is not None:
        return own  # type: ignore[no-any-return]
    pascal = "".join(part.capitalize() for part in name.split("_"))
    classes = [cls for cls in type(algorithm).__mro__ if issubclass(cls, QCAlgorithm) and cls is not QCAlgorithm]
    for spelling in (name, pascal):
        if any(spelling in vars(cls) for cls in classes):
            return getattr(algorithm, spelling)  # type: ignore[no-any-return]
    return None


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
    on_day : callable, optional
        Told of each session's date as it is done.
    """

    def __init__(self, algorithm: QCAlgorithm, market: MarketData, *, parameters: Mapping[str, str] | None = None,
                 start: date | None = None, end: date | None = None, cash: float | None = None,
                 on_day: Callable[[date], None] | None = None) -> None:  # fmt: skip
        self.algorithm, self.market = algorithm, market
        self._core = algorithm._sim
        self._core.market = market
        self._core.parameters = dict(parameters or {})
        if start is not None:
            self._core.start = self._core.now = datetime.combine(start, MIDNIGHT)
        if end is not None:
            self._core.end = datetime.combine(end, LAST_MOMENT)
        if cash is not None:
            self._core.portfolio.set_cash(cash)
        given = {"start": start, "end": end, "cash": cash}
        self._core.forced = {name for name, value in given.items() if value is not None}
        self._on_day = on_day
        self._scans: list[tuple[datetime, int, Consolidator]] = []
        self._known = 0
        self._hooks: dict[str, Callable[..., Any] | None] = {}
        self._sampler: Sampler | None = None
        self._sampled_until = datetime.min
        self._steps = 0

    def run(self) -> Run:
        """Run to the end, or to the first error of the strategy.

        Raises
        ------
        RegimeError
            The set-up is wrong: unknown data, an empty range, a parameter that can't be. A failure of the strategy's own
            code doesn't raise: it is in the result.
        """
        error: Exception | None = None
        message = ""
        try:
            self._initialize()
        except RegimeError:
            raise
        except Exception as caught:
            error = caught
            message = f"During the algorithm initialization, the following exception has occurred: {caught}"
        if error is None:
            try:
                self._loop()
            except Exception as caught:
                error = caught
                message = str(caught)
                if self._sampler is not None:
                    self._sampler.step(self._core.now, force=True)
        self._core.logs.flush()
        status = "Completed" if error is None else "RuntimeError"
        return Run(self.algorithm, self.market, self._sampler, error, status, message, self._steps)

    def _call(self, name: str, *arguments: Any) -> None:
        if name not in self._hooks:
            self._hooks[name] = hook(self.algorithm, name)
        found = self._hooks[name]
        if found is not None:
            found(*arguments)

    def _initialize(self) -> None:
        core = self._core
        found = hook(self.algorithm, "initialize")
        (found or self.algorithm.initialize)()
        core.check_range()
        core.locked = True

    def _loop(self) -> None:
        core = self._core
        begin = core.warm_up_start() if core.warm_up else core.start
        core.now = begin
        sampler = self._sampler = Sampler(core.portfolio, core.make_benchmark(), core.start, core.end)
        user_event = hook(self.algorithm, "on_order_event")
        if user_event is not None:
            core.on_order_event = user_event
        core.schedule.add("Daily Sampling", self._midnights(), self._sample_day)
        self._schedule_end_of_day()
        if begin < core.start:
            core.is_warming_up = sampler.warming_up = True
            core.logs.say("debug", "Algorithm starting warm up...")
        else:
            self._call("on_warmup_finished")
        core.logs.flush()
        self._call("on_securities_changed", SecurityChanges(core.securities.values()))
        self._sampled_until = begin
        sampler.step(begin)
        for step in self._feed(begin):
            if core.is_warming_up and step.time >= core.start:
                self._finish_warm_up()
            if core.portfolio.total_portfolio_value <= 0.0:
                break
            self._step(step)
            if core.quit_reason is not None:
                break
        self._call("on_end_of_algorithm")
        sampler.step(core.now, force=True)
        sampler.daily(core.now)

    def _midnights(self) -> Iterator[datetime]:
        day = self._core.start
        while day <= self._core.end:
            yield day
            day += DAY

    def _sample_day(self) -> None:
        assert self._sampler is not None
        self._hours(self._core.now)
        self._sampler.daily(self._core.now)

    def _hours(self, until: datetime) -> None:
        """Steps that only the benchmark's hourly bars make."""
        assert self._sampler is not None
        sampler, core = self._sampler, self._core
        benchmark = core.benchmark_ticker or self.market.benchmark
        symbol = Symbol(benchmark)
        if symbol in core.securities and core.securities[symbol].holdings.invested:
            for place in sampler.benchmark.between(self._sampled_until, until):
                core.trades.see(symbol, sampler.benchmark.closes[place])
        if not core.is_warming_up:
            sampler.hours(self._sampled_until, until)
        self._sampled_until = max(self._sampled_until, until)

    def _schedule_end_of_day(self) -> None:
        if hook(self.algorithm, "on_end_of_day") is None:
            return
        core = self._core
        for symbol in core.securities.keys():
            times = (s.close - timedelta(minutes=10) for s in core.calendar.between(core.now.date(), core.end.date()))
            core.schedule.add(f"{symbol}.EndOfDay", times, lambda key=symbol: self._call("on_end_of_day", key))  # type: ignore[misc]

    def _finish_warm_up(self) -> None:
        core = self._core
        assert self._sampler is not None
        self._past(core.start)
        core.now = core.start
        core.is_warming_up = self._sampler.warming_up = False
        self._sampled_until = core.start
        self._call("on_warmup_finished")
        core.logs.say("debug", "Algorithm finished warming up.")
        core.logs.flush()

    def _feed(self, begin: datetime) -> Iterator[_Step]:
        core = self._core
        feeds = [core.feeds[symbol] for symbol in core.securities.keys()]
        for session in core.calendar.between(begin.date(), core.end.date()):
            events = [event for feed in feeds for event in feed.events.get(session.date, ())]
            if events:
                yield _Step(datetime.combine(session.date, MIDNIGHT), [], events)
            bars = [bar for feed in feeds if (bar := feed.bar(session.date)) is not None]
            if bars:
                yield _Step(session.close, bars, [])
            if self._on_day is not None:
                self._on_day(session.date)

    def _past(self, until: datetime) -> None:
        """Scheduled events and then scans of consolidators whose time came before `until`, each at its own time."""
        core = self._core
        while core.schedule.next_time < until:
            core.now = core.schedule.next_time
            core.schedule.pop()()
            core.logs.flush()
        self._enqueue()
        limit = to_utc(until)
        while self._scans and self._scans[0][0] < limit:
            planned, number, consolidator = heapq.heappop(self._scans)
            core.now = planned - (to_utc(planned) - planned)
            if consolidator.next_scan is not None and consolidator.next_scan <= planned:
                consolidator.scan(core.now)
                core.logs.flush()
            assert consolidator.next_scan is not None
            heapq.heappush(self._scans, (consolidator.next_scan, number, consolidator))

    def _enqueue(self) -> None:
        every = [c for found in self._core.consolidators.values() for c in found if c.next_scan is not None]
        for number in range(self._known, len(every)):
            consolidator = every[number]
            assert consolidator.next_scan is not None
            heapq.heappush(self._scans, (consolidator.next_scan, number, consolidator))
        self._known = len(every)

    def _step(self, step: _Step) -> None:
        core = self._core
        assert self._sampler is not None
        self._past(step.time)
        self._hours(step.time)
        core.now = step.time
        self._steps += 1
        for bar in step.bars:
            core.securities[bar.symbol].update(bar)
            core.trades.see(bar.symbol, bar.close)
        for symbol in {event.symbol: None for event in step.events}:
            core.trades.see(symbol, core.securities[symbol].price)
        if step.bars:
            core.transactions.scan()
        while core.schedule.next_time <= step.time:
            core.schedule.pop()()
        dividends, splits = self._apply(step.events)
        for bar in step.bars:
            for consolidator in core.consolidators.get(bar.symbol, ()):
                consolidator.update(bar, core.now)
                if consolidator.next_scan is not None:
                    consolidator.scan(core.now)
        if splits.count:
            self._call("on_splits", splits)
        if dividends.count:
            self._call("on_dividends", dividends)
        bars = TradeBars((bar.symbol, bar) for bar in step.bars)
        self._call("on_data", Slice(step.time, bars, dividends, splits))
        self._sampler.step(step.time)
        core.logs.flush()

    def _apply(self, events: list[Dividend | Split]) -> tuple[Dividends, Splits]:
        core = self._core
        dividends = Dividends((e.symbol, e) for e in events if isinstance(e, Dividend))
        splits = Splits((e.symbol, e) for e in events if isinstance(e, Split))
        for dividend in dividends.values():
            core.portfolio.apply_dividend(dividend, core.securities[dividend.symbol].data_normalization_mode)
        for split in splits.values():
            mode = core.securities[split.symbol].data_normalization_mode
            core.portfolio.apply_split(split, mode)
            if mode == DataNormalizationMode.RAW and split.type == SplitType.SPLIT_OCCURRED:
                core.trades.apply_split(split.symbol, split.split_factor)
        return dividends, splits
