"""A run on a clock: the same moments, each when its time has come and what ends by it has arrived."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from hidden_regime.exceptions import UnsupportedError
from hidden_regime.simulator.clock import MIDNIGHT, Session
from hidden_regime.simulator.enums import DataNormalizationMode
from hidden_regime.simulator.feed.adjustment import Adjustment
from hidden_regime.simulator.feed.corporate import AFTER_MIDNIGHT
from hidden_regime.simulator.lengths import DAY, MINUTE
from hidden_regime.simulator.loop.engine import Engine
from hidden_regime.simulator.loop.moments import DAILY_MINUTES, Moment, Moments
from hidden_regime.simulator.loop.pace import Pace
from hidden_regime.simulator.loop.session import INSTANT, Day
from hidden_regime.simulator.loop.step import Stepper

if TYPE_CHECKING:
    from hidden_regime.simulator.core import Core

HOUR = 60


def ends_within(session: Session, minutes: int) -> list[datetime]:
    """When bars of a length end in a session, whether or not anything is traded."""
    if minutes == DAILY_MINUTES:
        return [session.close]
    midnight = datetime.combine(session.date, MIDNIGHT)
    opened = (session.open - midnight) // MINUTE // minutes * minutes
    return [midnight + minute * MINUTE for minute in range(opened + minutes, (session.close - midnight) // MINUTE + 1, minutes)]


class LiveDay(Day):
    """A part of a day whose bars arrive while it goes on.

    Time goes from one end of bars to the next. What is scheduled until then happens at its own time; then what has arrived is
    taken in, and what comes by that time is done.

    Parameters
    ----------
    pace : Pace
    renew : callable
        Reads the market anew, for it has more than before.
    """

    def __init__(self, core: Core, moments: Moments, stepper: Stepper, session: Session | None, begin: datetime, until: datetime,
                 pace: Pace, renew: Callable[[], None], opening: Moment | None = None) -> None:  # fmt: skip
        self._pace, self._renew_market = pace, renew
        self._done = begin - INSTANT
        for subscription in moments.priced:
            subscription.hold()
        super().__init__(core, moments, stepper, session, begin, until, (), opening)
        self._merge(self._morning())

    def run(self) -> None:
        """Go through it."""
        pace = self._pace
        if self._opening is not None:
            self._open(self._opening)
        while (end := self._next_end()) is not None:
            self._stepper.events(end)
            pace.reach(end)
            if pace.complete(end):
                self._take_in()
            self._through(end)
            self._done = end
            pace.done(end)
        if self._until > self._done + INSTANT:
            self._stepper.events(self._until)

    def _next_end(self) -> datetime | None:
        """The next time at which something may arrive or be chosen."""
        after, choice = self._done, self._core.universes.next_time
        ends = self._ends()
        if choice < self._until:
            ends.append(max(choice, after + INSTANT))
        return min((end for end in ends if after < end < self._until), default=None)

    def _ends(self) -> list[datetime]:
        day = (self._until - INSTANT).date() if self._session is None else self._session.date
        ends = [datetime.combine(day, MIDNIGHT) + AFTER_MIDNIGHT]
        if self._session is not None:
            lengths = {int(self._moments.smallest)} | {int(s.increment / MINUTE) for s in self._moments.priced}
            if self._moments.benchmark.by_hours:
                lengths.add(HOUR)
            for minutes in sorted(lengths):
                ends += ends_within(self._session, minutes)
        return ends

    def _morning(self) -> list[Moment]:
        day = (self._until - INSTANT).date() if self._session is None else self._session.date
        return [moment for moment in self._moments.morning(day) if moment.time > self._done]

    def _bars(self, session: Session) -> list[Moment]:
        return self._moments.session(session, whole=False)

    def _take_in(self) -> None:
        """Make anew what is to come, of the market as it is now."""
        self._renew_market()
        self._pending, self._marks = [], []
        if self._session is not None:
            self._marks = [mark for mark in self._moments.marks(self._session) if mark[0] > self._done]
            self._pending = [moment for moment in self._bars(self._session) if moment.time > self._done]
        self._merge(self._morning())


class LiveEngine(Engine):
    """Runs one algorithm on a clock, until its pace ends it.

    Parameters
    ----------
    pace : Pace
    others
        As of Engine. The market may grow whenever the pace says so.
    """

    def __init__(self, algorithm: Any, market: Any, *, pace: Pace, **options: Any) -> None:
        super().__init__(algorithm, market, live=True, **options)
        self._core.pace = self._pace = pace

    def _renew(self) -> None:
        core = self._core
        core.catalog.renew()
        core.lists.renew()
        for subscription in core.subscriptions.values():
            subscription.renew()
        self._grow_benchmark()
        self._moments.refresh()

    def _grow_benchmark(self) -> None:
        """Take in the benchmark's bars that have come, as they are adjusted by now."""
        assert self._sampler is not None
        benchmark, calendar = self._sampler.benchmark, self._core.calendar
        if not benchmark.ticker:
            return
        last = benchmark.times[-1] if benchmark.times else datetime.min
        asset = self.market.load(benchmark.ticker)
        hours = self.market.intraday(benchmark.ticker, HOUR) if benchmark.by_hours else None
        days = asset.dates if hours is None else hours.days
        adjustment = Adjustment(asset, DataNormalizationMode.ADJUSTED)
        for place in range(bisect_left(days, last.date()), len(days)):
            day, session = days[place], calendar.find(days[place])
            if session is None:
                continue
            midnight = datetime.combine(day, MIDNIGHT)
            if hours is None:
                found = [(session.close, float(asset.close[place]))]
            else:
                found = [(midnight + (row[0] + HOUR) * MINUTE, row[4]) for row in hours.rows(day)]
            for end, close in found:
                if last < end <= session.close:
                    benchmark.add(end, float(adjustment.closes([day], np.array([close]))[0]))

    def _days(self, begin: datetime, moments: Moments, stepper: Stepper) -> None:
        core, pace = self._core, self._pace
        if any(subscription.custom is not None for subscription in core.subscriptions.values()):
            raise UnsupportedError(
                "add_data in a run on a clock: expected equities only, for what a reader of one's own has read is in no journal "
                "and could not be read again after a restart. Take such data into the strategy's file, or run it in LEAN."
            )
        day, last, first = begin.date(), core.end.date(), True
        while day <= last:
            midnight = datetime.combine(day, MIDNIGHT)
            if core.is_warming_up and midnight >= core.start:
                self._finish_warm_up(stepper, day)
            pace.reach(midnight)
            if pace.complete(midnight):
                for subscription in core.subscriptions.values():
                    subscription.hold()
                self._renew()
            session = core.calendar.find(day)
            opening = None
            if first or core.subscriptions.changed or core.universes.next_time <= midnight or moments.stirs(day):
                opening = self._midnight(midnight, session is not None, first, moments, stepper)
            since = begin if first else midnight
            if session is not None:
                until = session.close + INSTANT
                LiveDay(core, moments, stepper, session, since, until, pace, self._renew, opening).run()
                self._tell(day)
                since = until
            LiveDay(core, moments, stepper, None, since, midnight + DAY, pace, self._renew).run()
            first = False
            day += DAY
        stepper.check_failure()

    def _tell(self, day: date) -> None:
        if self._on_day is not None:
            self._on_day(day)
