"""Follows a strategy that runs elsewhere, in LEAN or in the cloud: begins it, watches it, and writes down what it holds."""

from __future__ import annotations

import os

from hidden_regime.exceptions import RegimeError
from hidden_regime.operation.clocks import Clock, SystemClock
from hidden_regime.operation.errors import TargetError
from hidden_regime.operation.journal import Journal
from hidden_regime.operation.journal.records import FAILED, HALTED, RUNNING, STOPPED
from hidden_regime.operation.running.process import started_of
from hidden_regime.operation.running.runner import HALT, STOP, Outside
from hidden_regime.operation.targets.base import RUNS, Target

EVERY = 30.0
"""Seconds between two looks."""
MISSES = 5
"""Looks in a row at which the target doesn't run, or doesn't answer, before the run ends to be begun again."""


class Follower:
    """Watches a target.

    Parameters
    ----------
    journal : Journal
    name : str
    target : Target
    outside : Outside, optional
    clock : Clock, optional
    """

    def __init__(self, journal: Journal, name: str, target: Target, *, outside: Outside | None = None,
                 clock: Clock | None = None) -> None:  # fmt: skip
        self._journal, self._name, self._target = journal, name, target
        self._outside, self._clock = outside or Outside(), clock or SystemClock()
        self._folder = journal.folder(name)
        self._held = self._ordered = ""

    def _tell(self, level: str, kind: str, said: str) -> None:
        self._journal.tell(self._name, self._outside.wall(), self._clock.now(), level, kind, said)

    def run(self) -> str:
        """Watch until somebody ends it; the state in which it ended.

        Raises
        ------
        TargetError
            It can't be begun, or has not answered for a while.
        """
        run = self._journal.begin_run(self._name, os.getpid(), started_of(os.getpid()), self._outside.wall())
        self._journal.set_state(self._name, RUNNING)
        state, reason = FAILED, ""
        try:
            self._target.start()
            state, reason = self._watch()
        except RegimeError as error:
            reason = error.text
            raise
        finally:
            self._tell("note" if state == STOPPED else "error", state, reason)
            self._journal.end_run(run, self._outside.wall(), reason)
            self._journal.set_state(self._name, state, reason)
        return state

    def _watch(self) -> tuple[str, str]:
        missed = 0
        while True:
            self._journal.beat(self._name, self._outside.wall(), self._clock.now())
            if (self._folder / HALT).exists():
                return HALTED, "the kill switch: a file HALT lies in its folder"
            asked = self._outside.asked() or ("a file STOP lies in its folder" if (self._folder / STOP).exists() else "")
            if asked:
                self._target.stop()
                return STOPPED, asked
            missed = 0 if self._look() else missed + 1
            if missed >= MISSES:
                raise TargetError(f"the target has not been running, or not answered, at {MISSES} looks in a row.")
            self._outside.pause(EVERY)

    def _look(self) -> bool:
        """Write down what has changed. Whether it runs."""
        try:
            state = self._target.state()
            held, ordered = self._target.portfolio(), self._target.orders()
        except TargetError as error:
            self._tell("warning", "target", error.text)
            return False
        if state != RUNS:
            self._tell("warning", "target", f"the target is {state}")
            return False
        positions = ", ".join(f"{ticker} {quantity:g}" for ticker, quantity in held.positions.items()) or "nothing"
        if (now := f"{positions}; cash {held.cash:,.2f}") != self._held:
            self._held = now
            self._tell("note", "holds", now)
        orders = ", ".join(f"{one.id} {one.ticker} {one.quantity:g}" for one in ordered) or "none"
        if orders != self._ordered:
            self._ordered = orders
            self._tell("note", "open orders", orders)
        return True
