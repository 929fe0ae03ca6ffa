"""A part of a day: its moments, which may change while it goes on."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from datetime import datetime, timedelta
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from hidden_regime.simulator.clock import Session
from hidden_regime.simulator.loop.changes import settle
from hidden_regime.simulator.loop.moments import Moment, Moments
from hidden_regime.simulator.loop.step import Stepper

if TYPE_CHECKING:
    from hidden_regime.simulator.core import Core

INSTANT = timedelta(microseconds=1)
TIME = itemgetter(0)


def _place(data: Any) -> tuple[int, str]:
    """Order of data inside a moment: by kind of asset, then by ticker."""
    return int(data.symbol.security_type), data.symbol.value


class Day:
    """Takes a run through a session, or through what a day holds outside of one: choices of universes, custom data.

    Parameters
    ----------
    session : Session or None
    begin : datetime
        What ends before it is left out: a warm-up may begin inside a session.
    until : datetime
        End of the part: a session's close, or the next midnight, which belongs to the next day.
    told : sequence of Moment
        What LEAN live tells of in the morning.
    opening : Moment, optional
        The run's first moment, if it lies on this day: what ends at the same time comes in one step with it.
    """

    def __init__(self, core: Core, moments: Moments, stepper: Stepper, session: Session | None, begin: datetime,
                 until: datetime, told: Sequence[Moment] = (), opening: Moment | None = None) -> None:  # fmt: skip
        self._core, self._moments, self._stepper, self._session = core, moments, stepper, session
        self._begin, self._until, self._opening = begin, until, opening
        self._marks: list[tuple[datetime, float]] = []
        self._pending: list[Moment] = []
        if session is not None:
            self._marks = list(moments.marks(session))
            self._pending = self._bars(session)
            if begin.date() == session.date or core.clock.is_round:
                self._marks = [mark for mark in self._marks if mark[0] >= begin]
                self._pending = [moment for moment in self._pending if moment.time >= begin]
        if told:
            self._merge(told)
        if moments.waiting:
            self._merge(moments.custom_until(until))

    def _bars(self, session: Session) -> list[Moment]:
        return self._moments.session(session, whole=self._begin <= session.open)

    def run(self) -> None:
        """Go through it."""
        if self._opening is not None:
            self._open(self._opening)
        self._through(datetime.max)

    def _through(self, end: datetime) -> None:
        """Do what comes by a time."""
        core = self._core
        while True:
            moment = self._pending[0] if self._pending else None
            limit = moment.time if moment is not None else datetime.max
            choice = core.universes.next_time
            if choice <= limit and choice < self._until:
                limit, moment = choice, None
            marks = self._marks
            if marks and marks[0][0] < limit:
                if marks[0][0] > end:
                    return
                before = limit if limit <= end else end + INSTANT
                done = self._stepper.pulses(marks[: bisect_left(marks, before, key=TIME)])
                del marks[:done]
                if core.universes.queued or core.subscriptions.changed:
                    self._settle()
                continue
            if limit == datetime.max or limit > end:
                return
            self._stepper.past(limit)
            if moment is None:
                core.universes.select(choice)
                self._refresh()
            self._stepper.step(self._take(limit), changes=moment is None)
            if core.universes.queued or core.subscriptions.changed:
                self._settle()

    def _take(self, time: datetime) -> Moment:
        """What arrives at a time."""
        moment = self._pending.pop(0) if self._pending and self._pending[0].time == time else Moment(time)
        if self._marks and self._marks[0][0] == time:
            moment.mark = self._marks.pop(0)[1]
        return moment

    def _settle(self) -> None:
        settle(self._core, self._stepper, self._arrived)
        self._refresh()

    def _arrived(self) -> Moment:
        self._refresh()
        return self._take(self._core.now)

    def _open(self, opening: Moment) -> None:
        found = self._take(opening.time)
        found.events, found.custom = opening.events, opening.custom + found.custom
        self._stepper.step(found, changes=True)
        self._settle()

    def _merge(self, found: Sequence[Moment]) -> None:
        by_time = {moment.time: moment for moment in self._pending}
        for moment in found:
            known = by_time.setdefault(moment.time, moment)
            if known is not moment:
                known.custom += moment.custom
                known.events += moment.events
                known.inner += moment.inner
                if not moment.bare:
                    known.bars = sorted(known.bars + moment.bars, key=_place)
                known.ticks = sorted(known.ticks + moment.ticks, key=_place)
                known.quotes = sorted(known.quotes + moment.quotes, key=_place)
        self._pending = [by_time[time] for time in sorted(by_time)]

    def _refresh(self) -> None:
        """Take over securities that came, went or began anew: what waits of them is made again."""
        core, moments = self._core, self._moments
        if not core.subscriptions.changed:
            return
        new = core.subscriptions.take_new()
        moments.refresh()
        for moment in self._pending:
            moment.bars = [bar for bar in moment.bars if bar.symbol in core.subscriptions and bar.symbol not in new]
            moment.ticks = [tick for tick in moment.ticks if tick.symbol in core.subscriptions and tick.symbol not in new]
            moment.quotes = [quote for quote in moment.quotes if quote.symbol in core.subscriptions and quote.symbol not in new]
            moment.inner = [bar for bar in moment.inner if bar.symbol in core.subscriptions and bar.symbol not in new]
        priced = [subscription for subscription in moments.bringing if subscription.symbol in new]
        later = moments.late(self._session, priced) if priced and self._session is not None else []
        if moments.waiting:
            later += moments.custom_until(self._until)
        self._merge([moment for moment in later if moment.time >= core.now])
        self._pending = [moment for moment in self._pending if not moment.empty]
