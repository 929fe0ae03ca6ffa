"""Leads a run through the journal as far as it reaches, and from there on by the clock."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from hidden_regime.operation.arrivals import Arrivals, Arrived
from hidden_regime.operation.clocks import Clock
from hidden_regime.operation.journal import Journal
from hidden_regime.operation.journal.records import stamp
from hidden_regime.operation.market import DAILY
from hidden_regime.simulator.loop.pace import Ended

GRACE = {DAILY: timedelta(minutes=30), 60: timedelta(minutes=2), 1: timedelta(seconds=20)}
"""How late the bars of each length may be, in market time. By then they count as not coming."""
TICK = 0.2
"""Seconds between two looks at a source, or at whoever wants the run to end."""


class JournalPace:
    """Waits for market time and for bars.

    Parameters
    ----------
    journal : Journal
    name : str
    arrivals : Arrivals
    clock : Clock
    begin : datetime
        First moment of the deployment: the market's bars until then are history, and nothing is waited for.
    wall : callable
        What time it is, for the journal's own lines.
    watch : callable
        Called again and again while waiting, with the market time; raises `Ended` where the run shall end.
    record : callable
        Given the time after all that happens at it.
    grace : timedelta, optional
        How late bars may be, whatever their length.
    live_from : callable
        Called once, as the journal's end is reached.
    """

    def __init__(self, journal: Journal, name: str, arrivals: Arrivals, clock: Clock, begin: datetime, *,
                 wall: Callable[[], str], watch: Callable[[datetime], None], record: Callable[[datetime], None],
                 live_from: Callable[[datetime], None],
                 grace: timedelta | None = None) -> None:  # fmt: skip
        self._journal, self._name, self._arrivals, self.clock = journal, name, arrivals, clock
        self._wall, self._watch, self._record, self._live_from, self._grace = wall, watch, record, live_from, grace
        slots = journal.slots(name)
        self.replayed = max(begin, datetime.fromisoformat(slots[-1][0])) if slots else begin
        """Market time by which the journal has all bars."""
        ordered = journal.last_order(name)
        self.known = self.replayed if ordered is None else max(self.replayed, datetime.fromisoformat(ordered))
        """Market time until which the strategy has been before: what it then does must be in the journal."""
        self._listings: list[tuple[str, str, str]] | None = None
        self.is_live = False

    def reach(self, time: datetime) -> None:
        """Wait until a time has come."""
        if time <= self.known:
            return
        self._go_live(time)
        while (now := self.clock.now()) < time:
            self._watch(now)
            self.clock.wait(time, TICK)
        self._watch(time)

    def _go_live(self, time: datetime) -> None:
        if not self.is_live and time > self.known:
            self.is_live = True
            self._live_from(time)

    def complete(self, time: datetime) -> bool:
        """Wait until the bars that end at a time have come, or are late."""
        arrivals = self._arrivals
        arrivals.time = max(arrivals.time, time)
        if time <= self.replayed:
            return self._replay(time)
        self._go_live(time)
        due = arrivals.due(time)
        grace = self._grace
        if grace is None:
            grace = max((GRACE[minutes] for _, minutes in due), default=timedelta(0))
        while True:
            arrived = arrivals.collect(time)
            if not arrived.silent or self.clock.now() >= time + grace:
                break
            self._watch(time)
            self.clock.wait(time + grace, TICK)
        return self._take(time, arrived, is_due=bool(due))

    def _take(self, time: datetime, arrived: Arrived, *, is_due: bool) -> bool:
        """Write what came, and let the market have it."""
        if not (is_due or arrived.listings):
            return False
        slot, at = stamp(time), self._wall()
        with self._journal.file.transaction() as db:
            self._journal.add_bars(db, self._name, arrived.bars, slot)
            for ticker, told in arrived.listings.items():
                db.execute("INSERT OR REPLACE INTO listings VALUES (?, ?, ?, ?)", (self._name, ticker, slot, told))
            db.execute("INSERT INTO slots VALUES (?, ?, ?, ?)", (self._name, slot, at, ", ".join(arrived.silent)))
            if arrived.silent:
                said = f"no bar came of {', '.join(arrived.silent)}: the last one counts, as in LEAN"
                self._journal.add_line(db, self._name, at, time, "warning", "silent", said)
        self._arrivals.market.add(arrived.bars, arrived.listings)
        return bool(arrived.bars or arrived.listings)

    def _replay(self, time: datetime) -> bool:
        """What was known of tickers since a time, as it was then: bars lie there already."""
        if self._listings is None:
            rows = self._journal.file.rows(
                "SELECT slot, ticker, told FROM listings WHERE deployment = ? ORDER BY slot", self._name
            )
            self._listings = [(slot, ticker, told) for slot, ticker, told in rows]
        until, changed = stamp(time), {}
        while self._listings and self._listings[0][0] <= until:
            _, ticker, told = self._listings.pop(0)
            if ticker in self._arrivals.market.listings and self._arrivals.market.listings[ticker] != told:
                changed[ticker] = told
        if changed:
            self._arrivals.market.add([], changed)
        return bool(changed)

    def done(self, time: datetime) -> None:
        """Note what the strategy did."""
        self._record(time)


__all__ = ["GRACE", "TICK", "Ended", "JournalPace"]
