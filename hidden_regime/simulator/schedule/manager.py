"""The queue of scheduled events."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

from hidden_regime.exceptions import ParameterError
from hidden_regime.simulator.schedule.date_rules import DateRule
from hidden_regime.simulator.schedule.time_rules import TimeRule
from hidden_regime.simulator.spelling import TwoSpellings

Times = Callable[[datetime], Iterator[datetime]]


class ScheduledEvent(TwoSpellings):
    """A callback and the times at which it fires. `enabled = False` keeps it silent."""

    settable = ("enabled",)

    def __init__(self, number: int, name: str, times: Times, callback: Callable[..., object]) -> None:
        self.number, self.name, self.callback = number, name, callback
        self.enabled = True
        self._make = times
        self._times: Iterator[datetime] = iter(())
        self.next: datetime = datetime.min

    def begin(self, now: datetime) -> None:
        """Find the first time, from now on."""
        self._times = filter(now.__le__, self._make(now))
        self.next = next(self._times, datetime.max)

    def advance(self) -> None:
        """Go to the next time."""
        self.next = next(self._times, datetime.max)

    def fire(self) -> None:
        """Call back."""
        if self.enabled:
            self.callback()


class ScheduleManager(TwoSpellings):
    """Events in the order in which LEAN fires them.

    Equal times are fired by the order of adding at first. After an event fired only that one is put back, by a binary
    search that stops at any event of the same time, so the order of equal times depends on history.
    """

    def __init__(
        self, now: Callable[[], datetime], end: Callable[[], datetime], shown: Callable[[], datetime] | None = None
    ) -> None:
        self._now, self._end, self._shown = now, end, shown or now
        self._events: list[ScheduledEvent] = []
        self._numbers = 0
        self._running = False
        self._sorted = True

    def on(self, *rules: Any, **named: Any) -> ScheduledEvent:
        """Run a callback: on(date_rule, time_rule, callback), optionally with a name in front; or by these keywords."""
        rules += tuple(named[key] for key in ("name", "date_rule", "time_rule", "callback") if key in named)
        if len(rules) not in (3, 4) or set(named) - {"name", "date_rule", "time_rule", "callback"}:
            raise ParameterError("schedule.on", (*rules, *named), "a date rule, a time rule and a callback")
        name = rules[0] if isinstance(rules[0], str) else None
        date_rule, time_rule, callback = rules[-3:]
        return self.add(name or f"{date_rule.name}: {time_rule.name}", self._times(date_rule, time_rule), callback)

    def _times(self, date_rule: DateRule, time_rule: TimeRule) -> Times:
        def times(now: datetime) -> Iterator[datetime]:
            for day in date_rule.dates(self._shown().date() - timedelta(days=1), self._end().date()):
                yield from time_rule.times(day)

        return times

    def add(self, name: str, times: Times | Iterable[datetime], callback: Callable[..., object]) -> ScheduledEvent:
        """Add an event by its times."""
        made: Times = times if callable(times) else (lambda now, found=tuple(times): iter(found))  # type: ignore[misc]
        self._numbers += 1
        event = ScheduledEvent(self._numbers, name, made, callback)
        if self._running:
            event.begin(self._now())
        self._events.append(event)
        self._sorted = False
        return event

    def begin(self) -> None:
        """The clock starts: find the first times of what was scheduled before."""
        self._running = True
        for event in self._events:
            event.begin(self._now())
        self._sorted = False

    def remove(self, event: ScheduledEvent) -> None:
        """Drop an event."""
        self._events = [e for e in self._events if e is not event]
        self._sorted = False

    @property
    def next_time(self) -> datetime:
        """Time of the next event."""
        if not self._sorted:
            self._events.sort(key=lambda event: (event.next, event.number))
            self._sorted = True
        return self._events[0].next if self._events else datetime.max

    def pop(self) -> ScheduledEvent:
        """The next event, which moves on to its next time. Call `settle` once it has fired."""
        event = self._events[0]
        event.advance()
        return event

    def settle(self, event: ScheduledEvent) -> None:
        """Put an event that fired back into the order."""
        events = self._events
        if not self._sorted or not events or events[0] is not event:
            return
        if len(events) > 1 and event.next > events[1].next:
            del events[0]
            low, high = 0, len(events) - 1
            while low <= high:
                middle = low + (high - low) // 2
                if events[middle].next == event.next:
                    low = middle + 1
                    break
                if events[middle].next < event.next:
                    low = middle + 1
                else:
                    high = middle - 1
            events.insert(low, event)
