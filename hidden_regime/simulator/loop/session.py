"""One session: its moments, which may change while it goes on."""

from __future__ import annotations

from bisect import bisect_left
from datetime import datetime, timedelta
from operator import itemgetter
from typing import TYPE_CHECKING

from hidden_regime.simulator.clock import Session
from hidden_regime.simulator.loop.moments import Moment, Moments
from hidden_regime.simulator.loop.step import Stepper

if TYPE_CHECKING:
    from hidden_regime.simulator.core import Core

INSTANT = timedelta(microseconds=1)
TIME = itemgetter(0)


class Day:
    """Takes a run through a session. Securities that are added on the way arrive from then on.

    Parameters
    ----------
    begin : datetime
        What ends before it is left out: a warm-up may begin inside a session.
    opening : Moment, optional
        The run's first moment, if it lies on this day: what ends at the same time comes in one step with it.
    """

    def __init__(self, core: Core, moments: Moments, stepper: Stepper, session: Session, begin: datetime,
                 opening: Moment | None = None) -> None:  # fmt: skip
        self._core, self._moments, self._stepper, self._session = core, moments, stepper, session
        self._opening = opening
        self._marks = [mark for mark in moments.marks(session) if mark[0] >= begin]
        times = core.universes.times(session.date, session=True, first=False) if core.universes.universes else []
        self._selections = [at for at in times if (at.hour or at.minute) and at > begin]
        self._pending = [moment for moment in moments.session(session) if moment.time >= begin]
        self._merge(moments.morning(session.date))
        if moments.waiting:
            self._merge(moments.custom_until(session.close + INSTANT))

    def run(self) -> None:
        """Go through it."""
        if self._opening is not None:
            self._open(self._opening)
        while True:
            moment = self._pending[0] if self._pending else None
            limit = moment.time if moment is not None else datetime.max
            if self._selections and self._selections[0] <= limit:
                self._select(self._selections.pop(0))
                continue
            n = bisect_left(self._marks, limit, key=TIME)
            if n:
                done = self._stepper.pulses(self._marks[:n])
                del self._marks[:done]
                self._refresh()
                continue
            if moment is None:
                return
            self._stepper.past(moment.time)
            if self._core.data_changed:
                self._refresh()
                continue
            del self._pending[0]
            if self._marks and self._marks[0][0] == moment.time:
                moment.mark = self._marks.pop(0)[1]
            self._stepper.step(moment)
            self._refresh()

    def _open(self, opening: Moment) -> None:
        if self._pending and self._pending[0].time == opening.time:
            found = self._pending.pop(0)
            opening.bars, opening.custom = found.bars, opening.custom + found.custom
        if self._marks and self._marks[0][0] == opening.time:
            opening.mark = self._marks.pop(0)[1]
        self._stepper.step(opening, changes=True)
        self._refresh()

    def _merge(self, found: list[Moment]) -> None:
        by_time = {moment.time: moment for moment in self._pending}
        for moment in found:
            known = by_time.setdefault(moment.time, moment)
            if known is not moment:
                known.custom += moment.custom
                known.bars = sorted(known.bars + moment.bars, key=lambda bar: bar.symbol.value)
        self._pending = [by_time[time] for time in sorted(by_time)]

    def _select(self, time: datetime) -> None:
        core = self._core
        self._stepper.past(time)
        core.now = time
        core.universes.select(time, session=True, first=False)
        self._stepper.step(Moment(time), changes=True)
        self._refresh()

    def _refresh(self) -> None:
        """Take over securities that came or went, with the extra step at the same time that LEAN makes for them."""
        core, moments = self._core, self._moments
        if not core.data_changed:
            return
        core.data_changed = False
        known = {bar.symbol for moment in self._pending for bar in moment.bars}
        had = {subscription.symbol for subscription in moments.priced}
        moments.refresh()
        new = [s for s in moments.priced if s.symbol not in had and s.symbol not in known]
        extra = Moment(core.now)
        later = []
        for moment in moments.session(self._session, only=new) if new else []:
            if moment.time == core.now:
                extra.bars = moment.bars
            elif moment.time > core.now:
                later.append(moment)
        if moments.waiting:
            later += [m for m in moments.custom_until(self._session.close + INSTANT) if m.time > core.now]
        self._merge(later)
        for moment in self._pending:
            moment.bars = [bar for bar in moment.bars if bar.symbol in core.subscriptions]
        self._pending = [moment for moment in self._pending if not moment.empty]
        self._stepper.step(extra, changes=True)
