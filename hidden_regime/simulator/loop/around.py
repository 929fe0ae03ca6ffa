"""Runs that go round the clock: moments in UTC, a day of the strategy's clock at a time."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from hidden_regime.exceptions import UnsupportedError
from hidden_regime.simulator.clock import MIDNIGHT, Session
from hidden_regime.simulator.feed.pair_panel import panel_of
from hidden_regime.simulator.feed.pair_subscription import PairSubscription
from hidden_regime.simulator.feed.panel import NO_PANEL
from hidden_regime.simulator.feed.subscription import key_of
from hidden_regime.simulator.feed.ticks import TickFeed
from hidden_regime.simulator.loop.foreseen import ALLOWED
from hidden_regime.simulator.loop.moments import Moment, Moments
from hidden_regime.simulator.loop.session import Day
from hidden_regime.simulator.run_clock import NEW_YORK

if TYPE_CHECKING:
    from hidden_regime.simulator.core import Core
    from hidden_regime.simulator.feed.subscription import Subscription
    from hidden_regime.simulator.figures.sampling import Benchmark
    from hidden_regime.simulator.loop.engine import Engine
    from hidden_regime.simulator.loop.step import Stepper

DAY, INSTANT = timedelta(days=1), timedelta(microseconds=1)


class AroundTheClock(Moments):
    """Merges pairs, equities, custom data and the benchmark by their times in UTC.

    A day is that of the strategy's clock. What equities of a session bring beyond its end waits for the next.
    """

    def __init__(self, core: Core, benchmark: Benchmark) -> None:
        self._pairs: list[PairSubscription] = []
        self._left: dict[datetime, Moment] = {}
        self._following: list[Any] = []
        """Securities whose data come in rows."""
        self._sessions_until: date | None = None
        self._marked = 0
        super().__init__(core, benchmark)

    def refresh(self) -> None:
        """Take over subscriptions that came or went."""
        core = self._core
        self._subscriptions = sorted(core.subscriptions.delivering(), key=key_of)
        self._custom = [s for s in self._subscriptions if s.custom is not None]
        self.priced = [s for s in self._subscriptions if s.custom is None and s.security.is_valued]
        self._pairs = [s for s in self._subscriptions if isinstance(s, PairSubscription)]
        self.smallest = core.subscriptions.smallest
        self._event_days = {day for s in self.priced for day in s.event_days}
        self._leave_rows()

    def _leave_rows(self) -> None:
        """From now on all data of pairs come one by one."""
        for security in self._following:
            security.follow(NO_PANEL, 0)
        self._following = []

    def _in_rows(self, end: datetime) -> list[Moment] | None:
        """What comes before a time as rows of a panel, which securities follow; None where something can't come in rows.

        A strategy of minutes looks at few of them: a bar that nobody looks at isn't made. Consolidators and filters look at each.
        """
        core = self._core
        self._leave_rows()
        if not self._pairs or self.priced or self._left or core.consolidating or core.filtered:
            return None
        found = []
        for subscription in self._pairs:
            rows = subscription.look(end)
            if rows is None:
                return None
            found.append((subscription.symbol, *rows))
        for subscription in self._pairs:
            subscription.skip(end)
        panel = panel_of(found)
        self._following = [subscription.security for subscription in self._pairs]
        for place, security in enumerate(self._following):
            security.follow(panel, place)
        return [Moment(time, panel, row) for row, time in enumerate(panel.ends)]

    @property
    def bringing(self) -> list[Subscription]:
        """All but custom data."""
        return [*self.priced, *self._pairs]

    def _in_utc(self, local: datetime) -> datetime:
        return self._core.clock.of(local, NEW_YORK)

    def custom_until(self, end: datetime) -> list[Moment]:
        """Custom data that end before a time, by moment."""
        by_time: dict[datetime, Moment] = {}
        for subscription in self._custom:
            exchange = subscription.security.exchange
            for row in subscription.custom.until(exchange.local(end)):
                time = exchange.engine_time(row.end_time)
                by_time.setdefault(time, Moment(time)).custom.append(row)
        return [by_time[time] for time in sorted(by_time)]

    def midnight(self, day: date) -> Moment | None:
        """Nothing by itself: what happens to companies comes with New York's midnight, among the other moments."""
        return None

    def morning(self, day: date) -> list[Moment]:
        """Nothing by itself."""
        return []

    def stirs(self, day: date) -> bool:
        """Whether something may arrive at a day's midnight."""
        return False

    def day(self, begin: datetime, end: datetime) -> list[Moment]:
        """Everything that comes from a time on and before another."""
        rows = self._in_rows(end)
        if rows is not None:
            return rows
        by_time, self._left = self._left, {}
        self._take_pairs(self._pairs, end, by_time)
        self._take_equities(self.priced, begin, end, by_time)
        self._left = {time: moment for time, moment in by_time.items() if time >= end}
        return [by_time[time] for time in sorted(by_time) if begin <= time < end]

    def session(self, session: Session, *, whole: bool) -> list[Moment]:
        """See `Moments.session`: a session is a day of the strategy's clock."""
        return self.day(session.open, session.close)

    def late(self, session: Session, new: Sequence[Subscription]) -> list[Moment]:
        """The same of what has come within the day."""
        by_time: dict[datetime, Moment] = {}
        self._take_pairs([s for s in new if isinstance(s, PairSubscription)], session.close, by_time)
        equities = [s for s in new if not isinstance(s, PairSubscription)]
        for found in self._sessions(session.open, session.close):
            self._of_session(found, equities, by_time)
        return [by_time[time] for time in sorted(by_time) if session.open <= time < session.close]

    def _take_pairs(self, pairs: Sequence[PairSubscription], end: datetime, by_time: dict[datetime, Moment]) -> None:
        for subscription in pairs:
            inner = subscription.is_internal
            for feed in subscription.feeds:
                quotes = feed.quotes
                for time, bar in feed.take(end):
                    moment = by_time.get(time)
                    if moment is None:
                        moment = by_time[time] = Moment(time)
                    if inner:
                        moment.inner.append(bar)
                    elif quotes:
                        moment.quotes.append(bar)
                    else:
                        moment.bars.append(bar)

    def _sessions(self, begin: datetime, end: datetime) -> list[Session]:
        """New York's sessions and days that touch a time."""
        first, last = (self._core.clock.local(moment, NEW_YORK).date() for moment in (begin, end))
        return self._core.calendar.between(first - DAY, last + DAY)

    def _take_equities(
        self, equities: Sequence[Subscription], begin: datetime, end: datetime, by_time: dict[datetime, Moment]
    ) -> None:
        if not equities:
            return
        last = self._core.clock.local(end - INSTANT, NEW_YORK).date()
        first = self._core.clock.local(begin, NEW_YORK).date()
        after = first if self._sessions_until is None else self._sessions_until + DAY
        until = self._core.end.date()
        for day in (after + n * DAY for n in range((min(last, until) - after).days + 1)):
            self._of_midnight(day, equities, by_time)
            session = self._core.calendar.find(day)
            if session is not None:
                self._of_session(session, equities, by_time)
        self._sessions_until = max(min(last, until), after - DAY)

    def _of_midnight(self, day: date, equities: Sequence[Subscription], by_time: dict[datetime, Moment]) -> None:
        if day not in self._event_days:
            return
        events = [event for s in equities for event in s.events_on(day)]
        if events:
            time = self._in_utc(datetime.combine(day, MIDNIGHT))
            by_time.setdefault(time, Moment(time)).events += events

    def _of_session(self, session: Session, equities: Sequence[Subscription], by_time: dict[datetime, Moment]) -> None:
        for subscription in equities:
            of_ticks = isinstance(subscription.live, TickFeed)
            for time, found in subscription.live.arrivals(session, self.smallest):
                at = self._in_utc(time)
                moment = by_time.setdefault(at, Moment(at))
                (moment.ticks if of_ticks else moment.bars).append(found)
            if subscription.quotes is not None:
                for time, quote in subscription.quotes.arrivals(session, self.smallest):
                    at = self._in_utc(time)
                    by_time.setdefault(at, Moment(at)).quotes.append(quote)

    def marks(self, session: Session) -> Sequence[tuple[datetime, float]]:
        """Ends and closes of the benchmark's bars in a day: each makes a step."""
        if self.coarse or not self.benchmark.makes_steps:
            return ()
        times = self.benchmark.times
        low, high = bisect_left(times, session.open), bisect_left(times, session.close)
        return list(zip(times[low:high], self.benchmark.closes[low:high], strict=True))

    @property
    def pending(self) -> bool:
        """Whether anything is left to come."""
        return bool(self._left) or any(feed.pending is not None for s in self._pairs for feed in s.feeds)


def check_universes(core: Core) -> None:
    """Refuse universes beside pairs, but for lists and schedules: what chooses among equities counts in New York's time.

    Raises
    ------
    UnsupportedError
    """
    odd = [name for name, universe in core.universes.universes.items() if not isinstance(universe, ALLOWED)]
    if odd:
        raise UnsupportedError(
            f"universe {odd[0]!r} in a run with crypto, forex or another time zone: it exists in LEAN only. Add the "
            "securities by hand (add_crypto, add_forex, add_equity), or choose them by a ScheduledUniverse."
        )


def go_around(
    engine: Engine, begin: datetime, moments: AroundTheClock, stepper: Stepper, finish_warm_up: Any, on_day: Any
) -> None:
    """All days of a run: from its begin to the last data that start before its end."""
    core = engine.core
    day, last = core.clock.shown(begin).date(), core.end.date()
    first = True
    while day <= last or moments.pending or moments.waiting:
        opens, closes = (core.clock.of_shown(datetime.combine(d, MIDNIGHT)) for d in (day, day + DAY))
        opening = None
        if core.is_warming_up and day >= core.start.date():
            finish_warm_up(stepper, day)
        if first:
            opening = _first(core, max(opens, core.now), moments, stepper)
        chunk = Session(day, max(opens, begin) if first else opens, closes)
        Day(core, moments, stepper, chunk, begin, closes, (), opening).run()
        if on_day is not None and day <= last:
            on_day(day)
        first = False
        day += DAY
    stepper.check_failure()


def _first(core: Core, now: datetime, moments: AroundTheClock, stepper: Stepper) -> Moment | None:
    """The choices with which a run begins."""
    if core.universes.next_time <= now:
        stepper.past(now)
        core.universes.select(now)
    if core.subscriptions.changed:
        core.subscriptions.take_new()
        moments.refresh()
    return Moment(now)


__all__ = ["AroundTheClock", "check_universes", "go_around"]
