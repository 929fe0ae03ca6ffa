"""A security's trading day so far, and those before it, as far as a strategy wants them kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from hidden_regime.simulator.objects.bars import TradeBar
from hidden_regime.simulator.objects.symbol import Symbol
from hidden_regime.simulator.spelling import TwoSpellings
from hidden_regime.simulator.window import RollingWindow

NEVER = datetime.max
"""When a day is of which nothing has come."""


class SessionBar(TradeBar):
    """A day's open, high, low, close and volume; zeros before its first trade."""

    open_interest = 0.0


class Session(TwoSpellings):
    """The day in progress and, from `[1]` on, the days before: as many as `size` says, none until it is set.

    Parameters
    ----------
    symbol : Symbol
    now : callable
        Time of its exchange.
    begin : callable
        Called once bars are wanted.
    """

    settable = ("size",)

    def __init__(self, symbol: Symbol, now: Callable[[], datetime], begin: Callable[[], object]) -> None:
        self.symbol, self._now, self._begin = symbol, now, begin
        self._days: RollingWindow[SessionBar] | None = None
        self._today = self._open()

    @property
    def size(self) -> int:
        """Days that it can hold."""
        return 0 if self._days is None else self._days.size

    @size.setter
    def size(self, size: int) -> None:
        if self._days is not None:
            self._days.size = size
        elif size > 0:
            self._days = RollingWindow(size)
            self._open()
            self._begin()

    def _open(self) -> SessionBar:
        """Begin a day, of which nothing is known."""
        self._today = SessionBar(NEVER, self.symbol, 0.0, 0.0, 0.0, 0.0, 0.0, end_time=NEVER)
        if self._days is not None:
            self._days.add(self._today)
        return self._today

    def _day(self) -> SessionBar:
        """The day in progress; a new one once the calendar has one."""
        return self._open() if self._now().date() > self._today.time.date() else self._today

    def update(self, security: Any, data: Any) -> None:
        """Take a bar, or a trade."""
        is_bar = isinstance(data, TradeBar)
        if self._days is None or not (is_bar or getattr(data, "is_trade", False)):
            return
        day = self._open() if data.time.date() > self._today.time.date() else self._today
        values = (data.open, data.high, data.low, data.close, data.volume) if is_bar else (*(data.value,) * 4, data.quantity)
        if day.time == NEVER:
            day.time = data.time.replace(hour=0, minute=0, second=0, microsecond=0)
            day.open, day.high, day.low = values[:3]
        day.high, day.low, day.close = max(day.high, values[1]), min(day.low, values[2]), values[3]
        day.volume += values[4]
        day.end_time = data.end_time

    def reset(self) -> None:
        """Forget all days."""
        if self._days is not None:
            self._days.reset()
        self._open()

    @property
    def open(self) -> float:
        """The day's first price."""
        return self._day().open

    @property
    def high(self) -> float:
        """Its highest."""
        return self._day().high

    @property
    def low(self) -> float:
        """Its lowest."""
        return self._day().low

    @property
    def close(self) -> float:
        """Its latest."""
        return self._day().close

    @property
    def volume(self) -> float:
        """What was traded."""
        return self._day().volume

    @property
    def open_interest(self) -> float:
        """Nothing, of equities."""
        return 0.0

    @property
    def end_time(self) -> datetime:
        """When its latest data ended."""
        return self._day().end_time

    @property
    def count(self) -> int:
        """Days that it holds."""
        self._day()
        return 0 if self._days is None else self._days.count

    def __len__(self) -> int:
        return self.count

    def __iter__(self) -> Iterator[SessionBar]:
        self._day()
        return iter(() if self._days is None else self._days)

    def __getitem__(self, place: int) -> Any:
        self._day()
        return None if self._days is None else self._days[place]

    def __str__(self) -> str:
        return "" if self._days is None else f"{str(self._day()).partition(': ')[2]} OI: 0"
