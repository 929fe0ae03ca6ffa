"""A test alert: whether each sink takes one, now."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from hidden_regime.operation.alerts.queue import Alert
from hidden_regime.operation.alerts.rules import AlertRules
from hidden_regime.operation.alerts.sending import Send, send
from hidden_regime.operation.alerts.wording import body_of, title_of

TEXT = "This is a test: alerts of this workspace arrive here."


@dataclass(frozen=True)
class Outcome:
    """What a test alert came to on one sink.

    Attributes
    ----------
    sink : str
    arrived : bool
    said : str
        Why not; empty where it arrived.
    seconds : float
    """

    sink: str
    arrived: bool
    said: str
    seconds: float


def send_test(rules: AlertRules, clock: Callable[[], float], *, send: Send = send) -> tuple[Outcome, ...]:
    """Send a test alert to every sink, one after the other, beside the queue, and say what came of it.

    Parameters
    ----------
    rules : AlertRules
    clock : callable
        Seconds since 1970.
    send : callable
        Sends a title and a text to a sink.

    Returns
    -------
    tuple of Outcome
        In the order of the sinks.
    """
    found = []
    for sink in rules.sinks:
        begin = clock()
        alert = Alert(0, begin, "test", sink.name, TEXT)
        said = send(sink, title_of([alert]), body_of([alert]))
        found.append(Outcome(sink.name, not said, said, clock() - begin))
    return tuple(found)
