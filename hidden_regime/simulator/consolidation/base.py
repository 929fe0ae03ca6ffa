"""What consolidators have in common: listeners, and a timer that emits bars whose time is over."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

from hidden_regime.simulator.run_clock import NEW_YORK
from hidden_regime.simulator.spelling import TwoSpellings
from hidden_regime.simulator.window import RollingWindow


class _Anywhere:
    """The exchange of a consolidator that no subscription feeds."""

    zone = NEW_YORK


NEW_YORK_EXCHANGE = _Anywhere()
SECOND = timedelta(seconds=1)
"""Ticks are looked after once a second."""
Listener = Callable[[Any, Any], object]


class Handlers:
    """Listeners of an event: `event += f`, `event -= f`; each gets (sender, data)."""

    __slots__ = ("_listeners",)

    def __init__(self) -> None:
        self._listeners: list[Listener] = []

    def __iadd__(self, listener: Listener) -> Handlers:
        self._listeners.append(listener)
        return self

    def __isub__(self, listener: Listener) -> Handlers:
        self._listeners = [known for known in self._listeners if known != listener]
        return self

    def __iter__(self) -> Iterator[Listener]:
        return iter(self._listeners)

    def __bool__(self) -> bool:
        return bool(self._listeners)

    def __call__(self, sender: Any, data: Any) -> None:
        """Tell the listeners."""
        for listener in self._listeners:
            listener(sender, data)


class Consolidator(TwoSpellings):
    """Base of consolidators.

    LEAN scans each by a timer of its own, in UTC: first one bar of the subscription after the time at which the run goes on
    with it, then by the length of the bars that were emitted. A scan sets the clock to its own time, backwards too.
    """

    of_quotes = False
    """Whether it is fed with quotes instead of trades."""

    def __init__(self) -> None:
        self.data_consolidated = Handlers()
        self.consolidated: Any = None
        self.window: RollingWindow[Any] = RollingWindow(2)
        self.working_data: Any = None
        self.timer: datetime | None = None
        self.attached = False
        self._increment = timedelta(days=1)
        self._span: timedelta | None = None
        self.exchange: Any = NEW_YORK_EXCHANGE
        """Whose time its bars have."""

    @property
    def current(self) -> Any:
        """The bar that was handed on last."""
        return self.window[0]

    @property
    def previous(self) -> Any:
        """The bar before."""
        return self.window[1]

    def __getitem__(self, i: int) -> Any:
        return self.window[i]

    def __iter__(self) -> Iterator[Any]:
        return iter(self.window)

    def attach(self, increment: timedelta) -> None:
        """Be fed by a subscription whose bars have a length."""
        self.attached, self._increment = True, max(increment, SECOND)
        self.timer = self._span = None

    def detach(self) -> None:
        """Be fed no more."""
        self.attached, self.timer = False, None

    def start_timer(self, now: datetime) -> None:
        """Set the timer (UTC) unless bars have set it."""
        if self.timer is None or self.timer <= now:
            self.timer = self._next_scan(now)

    def _next_scan(self, now: datetime) -> datetime:
        if self._span is not None:
            return now + self._span
        end = self.exchange.zone.to_utc(self.working_data.end_time) if self.working_data is not None else now
        return end if end > now else now + self._increment

    def update(self, data: Any) -> None:
        """Take a bar."""
        raise NotImplementedError  # pragma: no cover

    def scan(self, now: datetime) -> None:
        """Emit what is over by a time of its exchange's."""

    def timed_scan(self, planned: datetime) -> None:
        """Scan at the timer's time (UTC) and set it anew."""
        self.scan(self.exchange.zone.from_utc(planned))
        if self.timer is not None and self.timer <= planned:
            self.timer = self._next_scan(planned)

    def emit(self, data: Any) -> None:
        """Hand a bar to the listeners. They find it in the window, and the one before in `consolidated`."""
        self.window.add(data)
        if self.attached:
            if self._span is None:
                self._span = max(data.end_time - data.time, self._increment)
            self.timer = self.exchange.zone.to_utc(data.end_time) + self._span
        self.data_consolidated(self, data)
        self.consolidated = data

    def reset(self) -> None:
        """Forget the bars."""
        self.consolidated = self.working_data = None
        self.window.reset()

    def dispose(self) -> None:
        """Stop."""
        self.detach()
        self.data_consolidated = Handlers()


class IdentityConsolidator(Consolidator):
    """Hands each bar on as it is: what a consolidator to the subscription's own resolution does."""

    def attach(self, increment: timedelta) -> None:
        """Nothing ends by time alone."""

    def update(self, data: Any) -> None:
        """Take a bar, unless it ends when the last one did: beside finer data a bar is repeated at their pace."""
        if self.working_data is not None and data.end_time == self.working_data.end_time:
            return
        self.working_data = data
        self.window.add(data)
        self.data_consolidated(self, data)
        self.consolidated = data


# What strategies see when they log a consolidator's type: LEAN's is generic.
IdentityConsolidator.__name__ = "IdentityDataConsolidator[TradeBar]"
