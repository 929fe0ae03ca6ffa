"""What sends alerts: a channel for each sink, so that one that is down keeps none of the others waiting."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

from hidden_regime.exceptions import DataError
from hidden_regime.operation.alerts.queue import Alert, AlertQueue
from hidden_regime.operation.alerts.rules import SINK_DOWN, AlertRules, Sink
from hidden_regime.operation.alerts.sending import Send, send
from hidden_regime.operation.alerts.wording import body_of, title_of

HOUR = 3600.0
DOWN_AFTER = 3
"""Failures in a row after which the other sinks are told."""
POLL = 0.2
"""Seconds between looks at the queue."""


class Channel:
    """The way to one sink.

    Parameters
    ----------
    queue : AlertQueue
    rules : AlertRules
    sink : Sink
    clock : callable
        Seconds since 1970.
    send : callable
        Sends a title and a text to a sink: see `sending.send`.

    Attributes
    ----------
    failures : int
        In a row.
    not_before : float
        When the sink is tried again.
    """

    def __init__(self, queue: AlertQueue, rules: AlertRules, sink: Sink, clock: Callable[[], float], send: Send) -> None:
        self.queue, self.rules, self.sink, self.clock, self.send = queue, rules, sink, clock, send
        self.failures = 0
        self.not_before = 0.0

    def step(self) -> int:
        """Send what waits for this sink; how many messages arrived."""
        arrived, now = 0, self.clock()
        if now < self.not_before:
            return 0
        self.queue.judge(self.rules.deduplicate)
        waiting = [one for one in self.queue.unsent(self.sink.name, now - self.rules.give_up) if self.sink.takes(one.kind)]
        if not waiting:
            return 0
        room = self.rules.per_hour - self.queue.messages_sent(self.sink.name, now - HOUR)
        for alerts in grouped(waiting, room):
            if not self._sent(alerts):
                break
            arrived += 1
        return arrived

    def _sent(self, alerts: Sequence[Alert]) -> bool:
        message, now = os.urandom(8).hex(), self.clock()
        self.queue.begin(self.sink.name, alerts, message, now)
        said = self.send(self.sink, title_of(alerts), body_of(alerts))
        self.queue.end(message, said)
        if not said:
            self.failures = 0
            return True
        self.failures += 1
        self.not_before = self.clock() + self.rules.pause(self.failures)
        if self.failures == DOWN_AFTER and len(self.rules.sinks) > 1:
            text = f"{self.failures} messages in a row did not arrive: {said}. Alerts for it wait, and go on being tried."
            self.queue.post(SINK_DOWN, self.sink.name, text, self.clock(), not_on=self.sink.name)
        return False


def grouped(waiting: Sequence[Alert], room: int) -> list[Sequence[Alert]]:
    """Messages of what waits: one each, as far as the limit leaves room, and all the rest in the last of them.

    Examples
    --------
    >>> alerts = [Alert(i, 0.0, "test", "", "") for i in range(5)]
    >>> [len(one) for one in grouped(alerts, 3)], [len(one) for one in grouped(alerts, 9)], grouped(alerts, 0)
    ([1, 1, 3], [1, 1, 1, 1, 1], [])
    """
    if room < 1:
        return []
    alone = len(waiting) if len(waiting) <= room else room - 1
    groups: list[Sequence[Alert]] = [[one] for one in waiting[:alone]]
    return [*groups, waiting[alone:]] if alone < len(waiting) else groups


class Sender:
    """All channels of a queue.

    There is one sender for a queue at a time; `process.py` sees to that. A message that its sender was killed over is sent again,
    and says so: an alarm twice is better than none.

    Parameters
    ----------
    path : Path
        The SQLite file.
    rules : AlertRules
    clock : callable
        Seconds since 1970.
    send : callable
        Sends a title and a text to a sink.
    """

    def __init__(self, path: Path, rules: AlertRules, *, clock: Callable[[], float] = time.time, send: Send = send) -> None:
        self.queue = AlertQueue(path)
        self.queue.bury()
        self.channels = tuple(Channel(self.queue, rules, sink, clock, send) for sink in rules.sinks)

    def step(self) -> int:
        """Send once what waits, sink by sink; how many messages arrived."""
        return sum(channel.step() for channel in self.channels)

    def run(self, stop: threading.Event, poll: float = POLL) -> None:
        """Send until `stop` is set, each sink in a thread of its own; what waits then is sent once more before it ends.

        Parameters
        ----------
        stop : threading.Event
        poll : float
            Seconds between looks at the queue.
        """
        with ThreadPoolExecutor(len(self.channels)) as threads:
            for done in [threads.submit(_go, channel, stop, poll) for channel in self.channels]:
                done.result()


def _go(channel: Channel, stop: threading.Event, poll: float) -> None:
    try:
        while not stop.is_set():
            try:
                channel.step()
            except DataError:  # the file can't be used just now, as where the disk is full: alerts wait in it
                stop.wait(poll * 10)
            stop.wait(poll)
        with suppress(DataError):
            channel.step()
    finally:
        stop.set()  # a channel that breaks ends the process, which whoever watches it sees
