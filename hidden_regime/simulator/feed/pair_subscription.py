"""A subscription to a pair: its trades, its quotes, or both."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from hidden_regime.simulator.account.pair_security import Crypto
from hidden_regime.simulator.enums import Resolution, SecurityType
from hidden_regime.simulator.feed.pair_rows import PairRows, RowFeed, no_rows
from hidden_regime.simulator.feed.pairs import NoPairFeed, PairFeed
from hidden_regime.simulator.feed.subscription import Subscription
from hidden_regime.simulator.objects.symbol import Symbol

if TYPE_CHECKING:
    from hidden_regime.simulator.feed.catalog import Catalog

PairFeeds = list[PairFeed | NoPairFeed]


class PairSubscription(Subscription):
    """What a strategy, or the cash book, receives of one pair.

    Parameters
    ----------
    security : PairSecurity
    span : callable
        First and last time of what is delivered, in the pair's exchange's time, of the first time of the engine's.
    pace : callable
        Minutes at which bars are repeated: those of the finest data subscribed to.
    """

    def __init__(
        self, security: Any, catalog: Catalog, span: Callable[[datetime], tuple[datetime, datetime]], pace: Callable[[], int]
    ) -> None:
        super().__init__(security, catalog)
        self._span, self._pace = span, pace
        self._feeds: PairFeeds | None = None
        self._warm_up_in: Resolution | None = None
        self.is_internal = bool(security.is_internal)
        self.order = (int(security.type), self.symbol.value)

    @property
    def is_of_quotes(self) -> bool:  # type: ignore[override]
        """Whether it has quotes alone."""
        return self.security.type == SecurityType.FOREX

    def look(self, until: datetime) -> tuple[PairRows, PairRows] | None:
        """Trades and quotes before a time (UTC) that can come as rows: minutes of a coin that has traded; else None."""
        security = self.security
        if self.is_internal or not isinstance(security, Crypto) or security.bar is None or security.volatility_feed is not None:
            return None
        feeds = [feed for feed in self.feeds if isinstance(feed, RowFeed)]
        if len(feeds) != len(self.feeds) or [feed.quotes for feed in feeds] not in ([False], [False, True]):
            return None
        trades, quotes = (*(feed.look(until) for feed in feeds), no_rows(quotes=True))[:2]
        return (trades, quotes) if trades.is_whole and quotes.is_whole else None

    def skip(self, until: datetime) -> None:
        """Go on at a time: what was before it has come as rows."""
        for feed in self.feeds:
            if isinstance(feed, RowFeed):
                feed.skip(until)

    @property
    def feeds(self) -> PairFeeds:
        """What delivers: trades first."""
        if self._feeds is None:
            resolution = self.resolution if self._warm_up_in is None else self._warm_up_in
            self._feeds = self._catalog.pair_feeds(self.security, resolution, internal=self.is_internal)
            first, last = self._span(self._since)
            pace = self._pace()
            for feed in self._feeds:
                feed.start(first, last, pace if self._warm_up_in is None else feed.minutes)
        return self._feeds

    def open(self, first: date, warm_up: Resolution | None = None, *, since: datetime = datetime.min) -> None:
        """Deliver what ends from a time on; in warm-up perhaps in another resolution."""
        self.first, self._since, self.delivers = first, since, True
        self._feeds = None
        self._warm_up_in = warm_up if warm_up is not None and warm_up != self.resolution else None

    def restart(self, since: datetime) -> None:
        """Begin anew after a time."""
        self._since, self._feeds = since, None

    def rename(self, symbol: Symbol) -> None:
        """Bring data of another object of an equal symbol."""
        self.symbol = symbol
        for feed in self._feeds or ():
            feed.rename(symbol)

    def end_warm_up(self, day: date) -> None:
        """From now on in its own resolution."""

    def continue_from(self, since: datetime) -> None:
        """The warm-up is over: what ends after a time comes in the pair's own resolution."""
        if self._warm_up_in is not None:
            self._warm_up_in = None
            self.restart(since)

    def fed_to(self, consolidator: Any) -> list[Any]:
        """The consolidators among which one belongs: those of trades or those of quotes, which alone a currency has."""
        if self.security.type == SecurityType.FOREX:
            return self.quote_consolidators
        return super().fed_to(consolidator)

    def events_on(self, day: date) -> list[Any]:
        """None: pairs pay nothing and don't split."""
        self._events = {}
        return []
