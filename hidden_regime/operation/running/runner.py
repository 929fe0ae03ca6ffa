"""Runs a deployment: over its journal again, then by the clock, until somebody or something ends it."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from hidden_regime.exceptions import RegimeError
from hidden_regime.operation.arrivals import Arrivals
from hidden_regime.operation.books import Action, Books
from hidden_regime.operation.clocks import Clock, SystemClock, clock_of, wall_text
from hidden_regime.operation.deploying import check_may_go_on, code_of
from hidden_regime.operation.errors import JournalError
from hidden_regime.operation.guarding import watch_over
from hidden_regime.operation.journal import Journal
from hidden_regime.operation.journal.records import ENDED, FAILED, HALTED, RUNNING, STOPPED, Deployment
from hidden_regime.operation.outcomes import Outcomes
from hidden_regime.operation.pacing import TICK, JournalPace
from hidden_regime.operation.reconcile import check
from hidden_regime.operation.running.process import started_of
from hidden_regime.operation.sending import Sender
from hidden_regime.operation.sources.base import Source
from hidden_regime.operation.sources.opening import open_source
from hidden_regime.operation.targets.base import OrderTarget
from hidden_regime.operation.targets.opening import ACCOUNT
from hidden_regime.operation.targets.paper import PaperTarget
from hidden_regime.research import projects
from hidden_regime.simulator.clock import MIDNIGHT
from hidden_regime.simulator.failures import describe
from hidden_regime.simulator.feed.catalog import LATEST
from hidden_regime.simulator.loop.pace import Ended
from hidden_regime.simulator.run import run_file
from hidden_regime.simulator.run_state import run_state_of

STOP, HALT = "STOP", "HALT"
"""Files in a deployment's folder: end at the next moment; sell everything and end."""
BEAT = 1.0
"""Seconds between two heartbeats."""


class _EndedAs(Ended):
    """The run ends in a state, for a reason."""

    def __init__(self, state: str, reason: str) -> None:
        super().__init__(reason)
        self.state, self.reason = state, reason


@dataclass
class Outside:
    """What a run gets from outside: in tests, something else than the machine's.

    Attributes
    ----------
    wall : callable
        Time for the journal.
    pause : callable
        Waits some seconds.
    seconds : callable
        A clock that only counts.
    asked : callable
        Why the run shall end, by a signal; empty while it shall not.
    """

    wall: Callable[[], str] = wall_text
    pause: Callable[[float], None] = time.sleep
    seconds: Callable[[], float] = time.monotonic
    asked: Callable[[], str] = field(default=lambda: "")


class Runner:
    """Runs a deployment in this process.

    Parameters
    ----------
    journal : Journal
    name : str
        The deployment.
    source : Source, optional
        Where bars come from, instead of what the deployment says.
    clock : Clock, optional
        Instead of the deployment's.
    target : OrderTarget, optional
        Instead of the deployment's.
    outside : Outside, optional
    """

    def __init__(self, journal: Journal, name: str, *, source: Source | None = None, clock: Clock | None = None,
                 target: OrderTarget | None = None, outside: Outside | None = None) -> None:  # fmt: skip
        self.journal, self.name = journal, name
        self.deployment: Deployment = journal.deployment(name)
        self.folder: Path = journal.folder(name)
        spec = self.deployment.spec
        self._source = source or open_source(spec.feed, spec.data)
        self._first = date.fromisoformat(spec.start)
        self._begin = datetime.combine(self._first, MIDNIGHT)
        self._end = datetime.combine(date.fromisoformat(spec.end) + timedelta(days=1), MIDNIGHT) if spec.end else datetime.max
        self._outside = outside or Outside()
        self._clock, self._target = clock, target
        self._now = self._begin
        self._beaten = -BEAT
        self._algorithm: Any = None
        self._sender: Sender | None = None
        self._books: Books | None = None
        self._waiting: list[Action] = []

    # The whole run -------------------------------------------------------------------------------------------------------
    def run(self) -> str:
        """Run until the end; the state in which it ended.

        Raises
        ------
        RegimeError
            It can't be run. The journal says why, too, where it can be written.
        """
        deployment, spec = self.deployment, self.deployment.spec
        check_may_go_on(self.journal, deployment, self._first)
        path = code_of(self.journal, deployment)
        state, reason = FAILED, ""
        run = self.journal.begin_run(self.name, os.getpid(), started_of(os.getpid()), self._outside.wall())
        self.journal.set_state(self.name, RUNNING)
        try:
            with self._fresh_store() as store:
                state, reason = self._run(path, store, spec.parameters, spec.cash)
        except RegimeError as error:
            reason = error.text
            raise
        except BaseException as error:
            reason = f"{type(error).__name__}: {error}"
            raise
        finally:
            with suppress(JournalError):
                level = "note" if state in (STOPPED, ENDED) else "error"
                self.journal.tell(self.name, self._outside.wall(), self._now, level, state, reason)
                self.journal.beat(self.name, self._outside.wall(), self._now)
                self.journal.end_run(run, self._outside.wall(), reason)
                self.journal.set_state(self.name, state, reason)
        return state

    def _run(self, path: Path, store: Path, parameters: dict[str, str], cash: float | None) -> tuple[str, str]:
        if (self.folder / HALT).exists():  # before anything that was not sent yet would be
            return HALTED, "the kill switch: a file HALT lies in its folder"
        arrivals = Arrivals(self.journal, self.name, self._source, self.tell)
        arrivals.time = self._begin
        self._outcomes = Outcomes(self.journal, self.name, self._outside.wall)
        spec = self.deployment.spec
        grace = None if spec.grace is None else timedelta(seconds=spec.grace)
        slots = self.journal.slots(self.name)
        replayed = datetime.fromisoformat(slots[-1][0]) if slots else self._begin
        clock = self._clock or clock_of(spec.speed, max(self._begin, replayed))
        self._pace = JournalPace(
            self.journal, self.name, arrivals, clock, self._begin, wall=self._outside.wall, watch=self._watch,
            record=self._record, live_from=self._live_from, grace=grace,
        )  # fmt: skip
        try:
            while (now := clock.now()) < self._begin:  # what comes until then is history
                self._watch(now)
                clock.wait(self._begin, TICK)
            with projects.libraries(path):
                done = run_file(
                    path, arrivals.market, parameters=parameters, start=self._first, end=LATEST, cash=cash, store=store,
                    prepare=self._prepare, pace=self._pace,
                )  # fmt: skip
        except _EndedAs as ended:
            return ended.state, ended.reason
        if done.error is not None:
            if isinstance(done.error, RegimeError):
                raise done.error
            return FAILED, f"the strategy failed: {describe(done.error)}"
        return ENDED, run_state_of(done.algorithm).quit_reason or "the strategy ended"

    @contextmanager
    def _fresh_store(self) -> Iterator[Path]:
        """An object store as it was when the strategy was deployed: what it keeps, it keeps again as it runs again."""
        import shutil

        store = self.folder / "store"
        if store.exists():
            shutil.rmtree(store)
        given = self.folder / "given_store"
        if given.is_dir():
            shutil.copytree(given, store)
        else:
            store.mkdir(parents=True)
        yield store

    def _prepare(self, algorithm: Any) -> None:
        self._algorithm = algorithm
        self._outcomes.follow(algorithm)
        self._books = Books(run_state_of(algorithm))
        if self.deployment.spec.rules:
            self._outcomes.guard = watch_over(algorithm, self.deployment.spec.rules)

    # While it runs -------------------------------------------------------------------------------------------------------
    def tell(self, level: str, kind: str, said: str) -> None:
        """Add a line to the journal."""
        self.journal.tell(self.name, self._outside.wall(), self._now, level, kind, said)

    def _watch(self, now: datetime) -> None:
        """What may end the run between two moments, and the heartbeat."""
        self._now = max(self._now, now)
        if now > self._end:  # the equity of its last day is that of the midnight after
            raise _EndedAs(ENDED, f"its last day, {self.deployment.spec.end}, is over")
        asked = self._outside.asked()
        if asked:
            raise _EndedAs(STOPPED, asked)
        seconds = self._outside.seconds()
        if seconds - self._beaten >= BEAT:
            self._beaten = seconds
            if (self.folder / HALT).exists():
                raise _EndedAs(HALTED, "the kill switch: a file HALT lies in its folder")
            if (self.folder / STOP).exists():
                raise _EndedAs(STOPPED, "a file STOP lies in its folder")
            clock = self._pace.clock
            if isinstance(clock, SystemClock) and clock.fell:
                fell, clock.fell = clock.fell, timedelta(0)
                self.tell(
                    "warning", "clock", f"the machine's clock was put back by {fell}: time stands still until it is ahead again"
                )
            self.journal.beat(self.name, self._outside.wall(), self._now)

    def _live_from(self, time: datetime) -> None:
        """The journal's end is reached: from here on orders go out."""
        target, books = self._target, self._books
        assert books is not None
        if target is None:
            target = self._target = PaperTarget(self.folder / ACCOUNT, books.opened_with)
        out = self._outside
        self._sender = Sender(self.journal, self.name, target, self.tell, wall=out.wall, pause=out.pause, seconds=out.seconds)
        self._outcomes.take()
        self._sender.send(self.journal.unsent(self.name))
        for action in self._waiting:
            self._sender.adjust(action)
        self._waiting.clear()
        check(books.account(), books.orders(), target.portfolio(), target.orders())
        target.start()
        if self._pace.replayed > self._begin:
            self.tell("note", "replayed", f"{self._outcomes.count} order events came again as they were; going on")

    def _record(self, time: datetime) -> None:
        """After each moment: note what was done, and send it."""
        self._now = max(self._now, time)
        assert self._books is not None
        company = self._books.actions(time)
        noted = self._outcomes.record(time)
        if self._sender is None:
            self._waiting += company
            return
        if noted:
            self._sender.send(self._outcomes.take())
        for action in company:
            self._sender.adjust(action)
