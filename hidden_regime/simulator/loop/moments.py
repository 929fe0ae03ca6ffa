"""What arrives at one moment, and all the moments of a day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from hidden_regime.simulator.clock import MIDNIGHT, Session
from hidden_regime.simulator.feed.corporate import AFTER_MIDNIGHT
from hidden_regime.simulator.feed.panel import NO_PANEL, Panel, RowBars
from hidden_regime.simulator.feed.panels import of_sessions, within_session
from hidden_regime.simulator.feed.subscription import key_of
from hidden_regime.simulator.feed.ticks import TickFeed
from hidden_regime.simulator.objects import Delisting, QuoteBar, Symbol, TradeBar
from hidden_regime.simulator.objects.corporate import CorporateEvent
from hidden_regime.simulator.objects.ticks import Tick

if TYPE_CHECKING:
    from collections.abc import MutableMapping

    from hidden_regime.simulator.core import Core
    from hidden_regime.simulator.feed.subscription import Subscription
    from hidden_regime.simulator.figures.sampling import Benchmark

DAILY_MINUTES = 24 * 60


class Moment:
    """What arrives at one time. Its bars are a row of a panel, or come one by one.

    `mark` is the benchmark's close, where its hourly bar ends.
    """

    __slots__ = ("_bars", "custom", "events", "inner", "mark", "panel", "quotes", "row", "ticks", "time")

    def __init__(self, time: datetime, panel: Panel | None = None, row: int = -1) -> None:
        self.time, self.panel, self.row = time, panel, row
        self._bars: list[TradeBar] = []
        self.quotes: list[QuoteBar] = []
        self.inner: list[Any] = []
        """Bars of pairs that are there for a rate: the strategy doesn't see them."""
        self.ticks: list[Tick] = []
        self.custom: list[Any] = []
        self.events: list[CorporateEvent] = []
        self.mark: float | None = None

    @property
    def bars(self) -> list[TradeBar]:
        """The bars one by one."""
        self.come_one_by_one()
        return self._bars

    @bars.setter
    def bars(self, bars: list[TradeBar]) -> None:
        self._bars, self.panel = bars, None

    def come_one_by_one(self) -> None:
        """From now on bars and quotes are no row of a panel."""
        if self.panel is not None:
            self._bars, self.quotes = self.panel.bars(self.row), self.panel.quotes(self.row) + self.quotes
            self.panel = None

    def by_symbol(self) -> MutableMapping[Symbol, TradeBar]:
        """The bars as a slice shows them."""
        return {bar.symbol: bar for bar in self._bars} if self.panel is None else RowBars(self.panel, self.row)

    def quotes_by_symbol(self) -> MutableMapping[Symbol, QuoteBar] | None:
        """The quotes as a slice shows them; None without any."""
        if self.panel is not None and self.panel.quoted is not None and self.panel.quoted.counts[self.row]:
            quotes: Any = RowBars(self.panel.quoted, self.row)
            return quotes  # type: ignore[no-any-return]
        return {quote.symbol: quote for quote in self.quotes} if self.quotes else None

    @property
    def bare(self) -> bool:
        """Whether no bars come."""
        return self.panel is None and not self._bars

    @property
    def empty(self) -> bool:
        """Whether only the benchmark makes it a moment."""
        return self.bare and not (self.custom or self.events or self.quotes or self.inner or self.ticks)


class Moments:
    """Merges the subscriptions of a run, a day at a time."""

    def __init__(self, core: Core, benchmark: Benchmark) -> None:
        self._core, self.benchmark = core, benchmark
        self._subscriptions: list[Subscription] = []
        self.coarse = False
        """Whether the benchmark makes no moments: in a warm-up of daily bars it is read daily too."""
        self.refresh()

    def refresh(self) -> None:
        """Take over subscriptions that came or went."""
        self._subscriptions = sorted(self._core.subscriptions.delivering(), key=key_of)
        self._custom = [s for s in self._subscriptions if s.custom is not None]
        self.priced = [s for s in self._subscriptions if s.custom is None]
        self.smallest = self._core.subscriptions.smallest
        self._feeds = [s.live for s in self.priced]
        self._quotes = [s.quotes for s in self.priced if s.quotes is not None]
        self._in_step = all(feed.minutes == self.smallest for feed in self._feeds)
        self._panel, self._first = NO_PANEL, 0
        self._event_days = {day for s in self.priced for day in s.event_days}

    @property
    def bringing(self) -> list[Subscription]:
        """All but custom data."""
        return self.priced

    def custom_until(self, end: datetime) -> list[Moment]:
        """Custom data that end before a time, by moment."""
        by_time: dict[datetime, Moment] = {}
        for subscription in self._custom:
            for row in subscription.custom.until(end):
                by_time.setdefault(row.end_time, Moment(row.end_time)).custom.append(row)
        return [by_time[time] for time in sorted(by_time)]

    @property
    def waiting(self) -> bool:
        """Whether custom data are left."""
        return bool(self._custom) and any(s.custom.pending is not None for s in self._custom)

    def stirs(self, day: date) -> bool:
        """Whether something may arrive at a day's midnight."""
        return day in self._event_days or self.waiting

    def midnight(self, day: date) -> Moment | None:
        """Dividends, splits and delistings of a day; live, those come in the morning but for delistings."""
        return self._told(day, datetime.combine(day, MIDNIGHT), live=False)

    def morning(self, day: date) -> list[Moment]:
        """Dividends and splits of a day as LEAN live tells them."""
        told = self._told(day, datetime.combine(day, MIDNIGHT) + AFTER_MIDNIGHT, live=True) if self._core.live else None
        return [] if told is None else [told]

    def _told(self, day: date, time: datetime, *, live: bool) -> Moment | None:
        if day not in self._event_days:
            return None
        moment = Moment(time)
        moment.events = [event for s in self.priced for event in s.events_on(day)]
        if self._core.live:
            moment.events = [event for event in moment.events if live != isinstance(event, Delisting)]
            if not moment.events:
                return None
        return moment

    def session(self, session: Session, *, whole: bool) -> list[Moment]:
        """Bars and quotes of a session, by moment. Unless the run is there for the whole of it, they come one by one."""
        if not (self._in_step and whole):
            return self._merged(session, self._feeds, self._quotes)
        moments = self._rows(session)
        if not self._quotes:
            return moments
        return _with_quotes({moment.time: moment for moment in moments}, self._quotes, session, self.smallest)

    def late(self, session: Session, new: Sequence[Subscription]) -> list[Moment]:
        """The same of what has come within the session."""
        return self._merged(session, [s.live for s in new], [s.quotes for s in new if s.quotes is not None])

    def _rows(self, session: Session) -> list[Moment]:
        """Moments of bars that all have the same length: rows of a panel, which securities follow."""
        if not self._feeds:
            return []
        number, daily = self._core.calendar.places[session.date], self.smallest == DAILY_MINUTES
        if not daily or not 0 <= number - self._first < len(self._panel.ends):
            made = of_sessions(self._feeds, number, self._core.calendar) if daily else within_session(self._feeds, session)
            self._panel, self._first = made, number
            for place, subscription in enumerate(self.priced):
                security = self._core.securities.get(subscription.symbol)
                if security is not None:
                    security.follow(made, place)
        panel = self._panel
        rows = [number - self._first] if daily else range(len(panel.ends))
        panel.handed = rows[-1] if rows else -1
        return [Moment(panel.ends[row], panel, row) for row in rows if panel.counts[row]]

    def _merged(self, session: Session, feeds: Sequence[Any], quotes: Sequence[Any]) -> list[Moment]:
        """Moments of bars that come one by one."""
        by_time: dict[datetime, Moment] = {}
        for feed in feeds:
            of_ticks = isinstance(feed, TickFeed)
            for time, found in feed.arrivals(session, self.smallest):
                moment = by_time.get(time) or by_time.setdefault(time, Moment(time))
                (moment.ticks if of_ticks else moment.bars).append(found)
        return _with_quotes(by_time, quotes, session, self.smallest)

    def marks(self, session: Session) -> Sequence[tuple[datetime, float]]:
        """Ends and closes of the benchmark's hourly bars in a session: each makes a step."""
        return () if self.coarse else self.benchmark.steps(session.date)


def _with_quotes(by_time: dict[datetime, Moment], quotes: Sequence[Any], session: Session, smallest: float) -> list[Moment]:
    """Moments in order, with the quotes of some feeds."""
    for feed in quotes:
        for time, quote in feed.arrivals(session, smallest):
            moment = by_time.get(time) or by_time.setdefault(time, Moment(time))
            moment.quotes.append(quote)
    return [by_time[time] for time in sorted(by_time)]
