"""A subscription: what a strategy asked to receive."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from hidden_regime.simulator.consolidation import Consolidator
from hidden_regime.simulator.enums import DataNormalizationMode, Resolution
from hidden_regime.simulator.lengths import LENGTHS
from hidden_regime.simulator.objects.corporate import CorporateEvent
from hidden_regime.simulator.objects.symbol import Symbol
from hidden_regime.simulator.spelling import TwoSpellings

if TYPE_CHECKING:
    from hidden_regime.simulator.account.security import Security
    from hidden_regime.simulator.feed.catalog import Catalog

NO_TIME = timedelta(0)


class Subscription(TwoSpellings):
    """What a strategy receives of one security, and the consolidators that it feeds."""

    def __init__(self, security: Security, catalog: Catalog, *, custom: Any = None) -> None:
        self.security, self.symbol, self.resolution = security, security.symbol, security.resolution
        self.custom = custom
        self.consolidators: list[Consolidator] = []
        self.quote_consolidators: list[Consolidator] = []
        self.first = date.min
        self.delivers = False
        """Whether its data arrive: what is added by hand waits for the end of the step."""
        self._since = datetime.min
        self._catalog = catalog
        self._feed: Any = None
        self._quotes: Any = None
        self._has_quotes: bool | None = None
        self._events: dict[date, list[CorporateEvent]] | None = None
        self._warm_up: Any = None
        self._carried: Any = None
        self.order = (0 if custom is not None else 1, self.symbol.value)

    @property
    def increment(self) -> timedelta:
        """Length of its bars; of ticks none."""
        return LENGTHS.get(self.resolution, NO_TIME)

    def normalize(self, mode: DataNormalizationMode) -> None:
        """Choose how prices are adjusted."""
        self.security.data_normalization_mode = mode
        self._feed = self._quotes = None

    def open(self, first: date, warm_up: Resolution | None = None, *, since: datetime = datetime.min) -> None:
        """Deliver what ends after a time, on a day or later; in warm-up perhaps in another resolution."""
        self.first, self._since, self.delivers = first, since, True
        self._feed = self._quotes = self._warm_up = None
        if warm_up is not None and warm_up != self.resolution and self.custom is None:
            self._warm_up = self._catalog.feed(self.security, resolution=warm_up, first=first)
            self._warm_up.since = since

    def restart(self, since: datetime) -> None:
        """Begin anew after a time."""
        self._since = since
        for feed in (self._feed, self._quotes, self._warm_up):
            if feed is not None:
                feed.restart(since)

    def hold(self) -> None:
        """Keep what it carries into a day: whatever arrives within the day, `renew` begins with that."""
        if self.custom is None:
            self._carried = self.feed.carried

    def renew(self) -> None:
        """Read the market anew, for it has more bars or other events than before, as if the day had just begun."""
        if self.custom is None:
            self._feed = self._events = None
            if self._carried is not None:
                self.feed.carried = self._carried

    def rename(self, symbol: Symbol) -> None:
        """Bring data of another object of an equal symbol."""
        self.symbol, self._events = symbol, None
        for feed in (self._feed, self._quotes, self._warm_up, self.custom):
            if feed is not None:
                feed.rename(symbol)

    def end_warm_up(self, day: date) -> None:
        """From now on in its own resolution; what fills gaps is the session before."""
        if self._warm_up is not None:
            self._warm_up = None
            before = self._catalog.calendar.before(day, 1)
            if before and hasattr(self.feed, "real"):
                self.feed.arrivals(before[0], self.feed.minutes)

    @property
    def feed(self) -> Any:
        """Bars in its own resolution."""
        if self._feed is None:
            self._feed = self._catalog.feed(self.security, first=self.first)
            self._feed.since = self._since
        return self._feed

    @property
    def quotes(self) -> Any:
        """Quotes in its own resolution, or None where there are none: in a warm-up of another resolution too."""
        if self._has_quotes is None:
            self._has_quotes = self.custom is None and self._catalog.has_quotes(self.symbol.value, self.resolution)
        if not self._has_quotes or self._warm_up is not None:
            return None
        if self._quotes is None:
            self._quotes = self._catalog.quotes(self.security, first=self.first)
            self._quotes.since = self._since
        return self._quotes

    def fed_to(self, consolidator: Any) -> list[Any]:
        """The consolidators among which one belongs: those of trades or those of quotes."""
        return self.quote_consolidators if getattr(consolidator, "of_quotes", False) else self.consolidators

    def feed_consolidators(self, data: Any, now: datetime) -> None:
        """Give consolidators of trades or custom data what has come."""
        for consolidator in list(self.consolidators):
            consolidator.update(data)
            if isinstance(consolidator, Consolidator) and consolidator.attached:
                consolidator.scan(now)

    is_of_quotes = False
    """Whether it has quotes alone."""

    @property
    def live(self) -> Any:
        """What delivers now."""
        return self._warm_up or self.feed

    @property
    def event_days(self) -> dict[date, list[CorporateEvent]]:
        """Days that have such events, with the events."""
        if self._events is None:
            self.events_on(date.min)
        assert self._events is not None
        return self._events

    def events_on(self, day: date) -> list[CorporateEvent]:
        """Dividends, splits and delistings that come at a day's midnight."""
        if self._events is None:
            self._events = {}
            if self.custom is None:
                for when, seen, event in self._catalog.events(self.symbol):
                    if seen >= self.first:
                        self._events.setdefault(when, []).append(event)
        return self._events.get(day, [])


def key_of(subscription: Subscription) -> tuple[int, str]:
    """Order of subscriptions inside a moment: custom data first, then by ticker."""
    return subscription.order
