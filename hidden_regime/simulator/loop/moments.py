"""What arrives at one moment, and all the moments of a day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from hidden_regime.simulator.clock import MIDNIGHT, Session
from hidden_regime.simulator.feed.corporate import AFTER_MIDNIGHT
from hidden_regime.simulator.feed.subscription import key_of
from hidden_regime.simulator.objects import Delisting, QuoteBar, TradeBar
from hidden_regime.simulator.objects.corporate import CorporateEvent

if TYPE_CHECKING:
    from hidden_regime.simulator.account.security import Security
    from hidden_regime.simulator.core import Core
    from hidden_regime.simulator.feed.subscription import Subscription
    from hidden_regime.simulator.figures.sampling import Benchmark

DAILY_MINUTES = 24 * 60


class Moment:
    """What arrives at one time.

    `mark` is the benchmark's close, where its hourly bar ends; `owners` are the securities of the bars, where they are known.
    """

    __slots__ = ("bars", "custom", "events", "mark", "owners", "quotes", "time")

    def __init__(self, time: datetime) -> None:
        self.time = time
        self.bars: list[TradeBar] = []
        self.owners: list[Security | None] | None = None
        self.quotes: list[QuoteBar] = []
        self.custom: list[Any] = []
        self.events: list[CorporateEvent] = []
        self.mark: float | None = None

    @property
    def empty(self) -> bool:
        """Whether only the benchmark makes it a moment."""
        return not (self.bars or self.custom or self.events or self.quotes)


class Moments:
    """Merges the subscriptions of a run, a day at a time."""

    def __init__(self, core: Core, benchmark: Benchmark) -> None:
        self._core, self._benchmark = core, benchmark
        self._subscriptions: list[Subscription] = []
        self.coarse = False
        """Whether the benchmark makes no moments: in a warm-up of daily bars it is read daily too."""
        self.refresh()

    def refresh(self) -> None:
        """Take over subscriptions that came or went."""
        self._subscriptions = sorted(self._core.subscriptions.delivering(), key=key_of)
        self._custom = [s for s in self._subscriptions if s.custom is not None]
        self.priced = [s for s in self._subscriptions if s.custom is None]
        self._smallest = self._core.subscriptions.smallest
        self._feeds = [s.live for s in self.priced]
        self._quotes = [s.quotes for s in self.priced if s.quotes is not None]
        known = dict(self._core.securities.items())
        self._owners = [known.get(s.symbol) for s in self.priced]
        self._event_days = {day for s in self.priced for day in s.event_days}

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

    def session(self, session: Session, only: Sequence[Subscription] | None = None) -> list[Moment]:
        """Bars and quotes of a session, by moment."""
        number = self._core.calendar.places[session.date]
        feeds = self._feeds if only is None else [s.live for s in only]
        smallest = self._smallest
        if smallest == DAILY_MINUTES:
            moment = Moment(session.close)
            found = [feed.bar_at(number, session) for feed in feeds]
            if only is None and None not in found:
                moment.bars, moment.owners = found, self._owners
            else:
                moment.bars = [bar for bar in found if bar is not None]
            return [moment] if moment.bars else []
        by_time: dict[datetime, Moment] = {}
        for feed in feeds:
            for time, bar in feed.arrivals(session, smallest):
                moment = by_time.get(time) or by_time.setdefault(time, Moment(time))
                moment.bars.append(bar)
        for feed in self._quotes if only is None else [s.quotes for s in only if s.quotes is not None]:
            for time, quote in feed.arrivals(session, smallest):
                moment = by_time.get(time) or by_time.setdefault(time, Moment(time))
                moment.quotes.append(quote)
        return [by_time[time] for time in sorted(by_time)]

    def marks(self, session: Session) -> Sequence[tuple[datetime, float]]:
        """Ends and closes of the benchmark's hourly bars in a session: each makes a step."""
        return () if self.coarse else self._benchmark.steps(session.date)
