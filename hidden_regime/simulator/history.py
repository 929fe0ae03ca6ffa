"""Requests for past bars."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from hidden_regime.exceptions import UnsupportedError
from hidden_regime.simulator.clock import EARLY_CLOSE, TradingCalendar
from hidden_regime.simulator.enums import DataNormalizationMode, Resolution
from hidden_regime.simulator.objects import Symbol, TradeBar

if TYPE_CHECKING:
    import pandas as pd

    from hidden_regime.simulator.feed import Feed

COLUMNS = ("close", "high", "low", "open", "volume")


class History:
    """`self.history`: bars that have ended by now.

    `history(symbol, n, Resolution.DAILY)` gives a frame by symbol and end time; a timedelta instead of n counts calendar
    time, and start and end times work as well. `history[TradeBar](...)` gives bars.
    """

    def __init__(
        self,
        now: Callable[[], datetime],
        feed: Callable[[Symbol, DataNormalizationMode | None], Feed],
        calendar: Callable[[], TradingCalendar],
    ) -> None:
        self._now, self._feed, self._calendar = now, feed, calendar

    def __getitem__(self, kind: type) -> Callable[..., list[TradeBar]]:
        if kind is not TradeBar:
            raise UnsupportedError(f"history[{kind.__name__}]: the embedded engine has history[TradeBar] only; LEAN has more.")
        return self._bars

    def _select(self, asset: Symbol | str, span: Any, end: Any, resolution: Any, mode: Any) -> list[TradeBar]:
        now = self._now()
        if resolution is not None and int(resolution) != Resolution.DAILY:
            raise UnsupportedError(
                f"history with resolution {resolution}: the embedded engine has daily bars only; LEAN has more."
            )
        feed = self._feed(Symbol(asset) if isinstance(asset, str) else asset, mode)
        if isinstance(span, timedelta):
            return list(feed.until(now, start=now - span))
        if isinstance(span, datetime):
            until = min(end, now) if isinstance(end, datetime) else now
            return list(feed.until(until, start=span))
        if now.time() == EARLY_CLOSE:
            return list(feed.until(now, start=self._days_back(now, int(span))))
        return list(feed.until(now, int(span)))

    def _days_back(self, now: datetime, n: int) -> datetime:
        """Where LEAN starts to read n bars: it counts back spans of 24 hours in which the market was open.

        At 16:00 such a span holds one session. On a half day it ends at 13:00 and may hold the afternoon of a day whose
        next is a holiday, so fewer bars come than were asked for.
        """
        calendar, start = self._calendar(), now
        while n > 0 and start > datetime(1990, 1, 1):
            end, start = start, start - timedelta(days=1)
            held = (calendar.find(day) for day in (start.date(), end.date()))
            n -= any(session is not None and session.open < end and session.close > start for session in held)
        return start

    def _bars(
        self, symbol: Symbol | str, span: Any, resolution: Any = None, *, data_normalization_mode: Any = None
    ) -> list[TradeBar]:
        return self._select(symbol, span, None, resolution, data_normalization_mode)

    def __call__(
        self, symbols: Any, span: Any, end: Any = None, resolution: Any = None, *, data_normalization_mode: Any = None
    ) -> pd.DataFrame | list[TradeBar]:
        """Bars of one or more symbols."""
        if isinstance(end, Resolution):
            end, resolution = None, end
        mode = data_normalization_mode
        if isinstance(symbols, str):
            return self._select(symbols, span, end, resolution, mode)
        wanted: Iterable[Symbol | str] = [symbols] if isinstance(symbols, Symbol) else symbols
        return to_frame([bar for s in wanted for bar in self._select(s, span, end, resolution, mode)])


def to_frame(bars: list[TradeBar]) -> pd.DataFrame:
    """Frame of bars as LEAN gives it."""
    import pandas as pd

    if not bars:
        return pd.DataFrame()
    index = pd.MultiIndex.from_arrays(
        [[b.symbol for b in bars], pd.DatetimeIndex([b.end_time for b in bars])], names=["symbol", "time"]
    )
    return pd.DataFrame({name: [getattr(b, name) for b in bars] for name in COLUMNS}, index=index, columns=list(COLUMNS))
