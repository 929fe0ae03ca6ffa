"""Sends a strategy's orders to its target, each once, whatever the target answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from hidden_regime.exceptions import RegimeError
from hidden_regime.operation.books import Action
from hidden_regime.operation.errors import TargetError
from hidden_regime.operation.journal import Journal
from hidden_regime.operation.journal.records import OrderRow
from hidden_regime.operation.targets.base import OrderTarget

TRIES = (0.0, 0.1, 0.5, 2.0, 5.0)
"""Seconds to wait before each try of a call. After the last one the breaker is open: the run ends, and is begun again later."""
SLOW = 1.0
"""Seconds from which on an answer is told of as late."""


class Sender:
    """Gives a target what is new, and notes what it has taken.

    What was journaled and not confirmed is sent again after a restart: whatever a target has taken before, it takes no second
    time, for each message has the order's number and that of what happened to it.

    Parameters
    ----------
    journal : Journal
    name : str
    target : OrderTarget
    tell : callable
        Adds a line to the journal: level, kind, text.
    wall : callable
        Time for the journal.
    pause : callable
        Waits some seconds.
    seconds : callable
        A clock that only counts.
    """

    def __init__(self, journal: Journal, name: str, target: OrderTarget, tell: Callable[[str, str, str], None], *,
                 wall: Callable[[], str], pause: Callable[[float], None], seconds: Callable[[], float]) -> None:  # fmt: skip
        self._journal, self._name, self._target, self._tell = journal, name, target, tell
        self._wall, self._pause, self._seconds = wall, pause, seconds

    def send(self, rows: Sequence[OrderRow]) -> None:
        """Send what happened to orders, in its order.

        Raises
        ------
        TargetError
            The target doesn't take one of them: nothing that follows is sent.
        """
        for row in rows:
            self._try(f"order {row.order}.{row.event}", lambda row=row: self._target.send(row))  # type: ignore[misc]
            self._journal.confirm(self._name, [row.number], self._wall())

    def adjust(self, action: Action) -> None:
        """Send what a company did."""
        self._try(action.key, lambda: self._target.adjust(action.key, action.cash, action.shares))

    def _try(self, what: str, call: Callable[[], None]) -> None:
        for number, wait in enumerate(TRIES, 1):
            if wait:
                self._pause(wait)
            begin = self._seconds()
            try:
                call()
            except TargetError as error:
                failed = error.text
            except RegimeError:
                raise
            except Exception as error:  # noqa: BLE001 - a target may raise anything, and each is a failure to answer
                failed = f"{type(error).__name__}: {error}"
            else:
                if (took := self._seconds() - begin) > SLOW:
                    self._tell("warning", "target", f"{what}: the target answered after {took:.1f} s")
                return
            self._tell("warning", "target", f"{what}: try {number} of {len(TRIES)} failed: {failed}")
        raise TargetError(
            f"the target has not taken {what} after {len(TRIES)} tries ({failed}). Nothing more is sent; orders stay open. "
            "It is tried again when the run begins anew."
        )
