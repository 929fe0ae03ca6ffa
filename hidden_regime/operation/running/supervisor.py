"""Keeps a deployment running: begins its process again when it dies, and gives up when it dies too often."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from hidden_regime.files.whole import write_file
from hidden_regime.operation.clocks import wall_text
from hidden_regime.operation.deploying import RULES
from hidden_regime.operation.errors import JournalError, OperationError
from hidden_regime.operation.journal import Journal
from hidden_regime.operation.journal.records import ENDED, FAILED, HALTED, STOPPED
from hidden_regime.operation.running import process
from hidden_regime.operation.running.child import FINISHED, GIVES_UP, HALTS
from hidden_regime.operation.running.kept_sender import KeptSender
from hidden_regime.operation.running.runner import HALT, STOP
from hidden_regime.quantconnect.guards.rules import read_rules

CRASHES, WITHIN = 5, 600.0
"""So many ends that nobody wanted within so many seconds, and the breaker opens."""
PAUSES = (0.2, 1.0, 2.0, 3.0)
"""Seconds before the process begins again, after the first crash and those that follow soon."""
PATIENCE = 10.0
"""Seconds that a process has to end by itself."""
LOOK = 0.1
PID_FILE, LOCK, LOG = "supervisor.json", "supervisor.lock", "process.log"


def supervisor_of(folder: Path) -> tuple[int, str] | None:
    """Number and start of the process that keeps a deployment running; None where there is none."""
    try:
        told = json.loads((folder / PID_FILE).read_text(encoding="utf-8"))
        pid, started = int(told["pid"]), str(told["started"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return (pid, started) if process.is_alive(pid, started) else None


def refuse_second(folder: Path) -> None:
    """Raise where a process keeps a deployment running.

    Raises
    ------
    OperationError
    """
    if supervisor_of(folder) is not None:
        raise _second(folder)


def _second(folder: Path) -> OperationError:
    found = supervisor_of(folder)
    return OperationError(
        f"{folder.name} is kept running by process {found[0] if found else '(unknown)'} already: expected one. "
        f"`hidden-regime live stop {folder.name}` ends it."
    )


class Supervisor:
    """Runs a deployment's process and watches it.

    Parameters
    ----------
    journal : Journal
    name : str
    asked : callable
        Why it shall end; empty while it shall not.
    tick : callable
        Called again and again meanwhile.
    command : callable, optional
        Command line of the process, given the number of this one.
    pause : callable
        Waits some seconds.
    seconds : callable
        A clock that only counts.

    Attributes
    ----------
    unsaid : str
        The last thing that the journal could not take, and why.
    """

    def __init__(self, journal: Journal, name: str, *, asked: Callable[[], str] = lambda: "",
                 tick: Callable[[], None] = lambda: None,
                 command: Callable[[int], list[str]] | None = None, pause: Callable[[float], None] = time.sleep,
                 seconds: Callable[[], float] = time.monotonic) -> None:  # fmt: skip
        self._journal, self._name, self._folder = journal, name, journal.folder(name)
        self._asked, self._tick, self._pause, self._seconds = asked, tick, pause, seconds
        self._command = command or (
            lambda parent: [
                sys.executable, "-m", "hidden_regime.operation.running.child", str(journal.path), name, str(parent),
            ]
        )  # fmt: skip
        self._crashes: deque[float] = deque()
        self._sender: KeptSender | None = None
        self.unsaid = ""

    def run(self) -> str:
        """Keep it running; the state in which it ended.

        Raises
        ------
        OperationError
            Another process keeps it running.
        """
        import os

        with open(self._folder / LOCK, "wb") as lock:
            if not _locked(lock):
                raise _second(self._folder)
            end_runs(self._journal, self._name)
            (self._folder / STOP).unlink(missing_ok=True)
            told = {"pid": os.getpid(), "started": process.started_of(os.getpid())}
            write_file(self._folder / PID_FILE, json.dumps(told) + "\n")
            try:
                with self._alerts():
                    return self._keep(os.getpid())
            finally:
                (self._folder / PID_FILE).unlink(missing_ok=True)

    @contextmanager
    def _alerts(self) -> Iterator[None]:
        """A sender of alerts beside it, where its rules say to whom; it has some seconds for those of the end."""
        rules = self._folder / RULES
        told = read_rules(self._journal.deployment(self._name).spec.rules)
        if "alerts" not in told:
            yield
            return
        self._sender = KeptSender(
            self._journal.path, rules, lambda said: self._note(None, "warning", "alerts", said), seconds=self._seconds
        )
        try:
            yield
        finally:
            self._sender.end(self._pause)

    def _keep(self, own: int) -> str:
        while True:
            with open(self._folder / LOG, "ab") as log:
                child = subprocess.Popen(self._command(own), stdin=subprocess.DEVNULL, stdout=log, stderr=log)
            try:
                code = self._wait(child)
            except KeyboardInterrupt:  # whoever asked for the end waits no longer
                self._note(STOPPED, "note", "stopped", f"{self._asked() or 'interrupted'}, and ended hard")
                return STOPPED
            finally:
                if child.poll() is None:  # it never outlives who keeps it
                    child.kill()
                    child.wait()
            state = self._journal.deployment(self._name).state
            if code == FINISHED:
                return state if state in (STOPPED, ENDED) else STOPPED
            if code == HALTS:
                return HALTED
            if code == GIVES_UP:
                if state not in (FAILED, HALTED):
                    where = self._folder / LOG
                    self.unsaid = f"its process gave up, and the journal could not take why: see {where}; is the disk full?"
                return FAILED
            asked = self._asked()
            if asked:
                self._note(STOPPED, "note", "stopped", asked)
                return STOPPED
            if (self._folder / HALT).exists():
                self._note(HALTED, "error", "halted", "the kill switch")
                return HALTED
            now = self._seconds()
            self._crashes.append(now)
            while self._crashes[0] < now - WITHIN:
                self._crashes.popleft()
            how = f"by signal {-code}" if code < 0 else f"with status {code}"
            if len(self._crashes) >= CRASHES:
                said = f"its process ended {how}, {CRASHES} times within {WITHIN / 60:.0f} minutes: it is begun no more"
                self._note(FAILED, "error", "breaker", said)
                return FAILED
            self._note(None, "error", "crash", f"its process ended {how}: it is begun again")
            self._pause(PAUSES[min(len(self._crashes), len(PAUSES)) - 1])

    def _wait(self, child: subprocess.Popen[Any]) -> int:
        """Until the process ends; it is asked to when that is asked for."""
        deadline = float("inf")
        while True:
            try:
                return child.wait(LOOK)
            except subprocess.TimeoutExpired:
                pass
            self._tick()
            if self._sender is not None:
                self._sender.tend()
            if self._asked() and deadline == float("inf"):
                child.terminate()
                deadline = self._seconds() + PATIENCE
            if self._seconds() > deadline:
                child.kill()

    def _note(self, state: str | None, level: str, kind: str, said: str) -> None:
        try:
            beat = self._journal.heartbeat(self._name)
            at = datetime.min if beat is None else datetime.fromisoformat(beat[1])
            self._journal.tell(self._name, wall_text(), at, level, kind, said)
            if state is not None:
                self._journal.set_state(self._name, state, said)
        except JournalError as error:
            self.unsaid = f"{said}; {error.text}"


def _locked(file: IO[bytes]) -> bool:
    """Whether the file could be locked. Where the system has no such locks, whoever asks is believed."""
    try:
        import fcntl
    except ImportError:
        return True
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def end_runs(journal: Journal, name: str) -> None:
    """End hard every process of a run that hasn't ended: one that hangs doesn't see that nobody keeps it any more."""
    for pid, started in journal.file.rows("SELECT pid, started FROM runs WHERE deployment = ? AND ended = ''", name):
        process.end(pid, started, hard=True)


def stop(journal: Journal, name: str, *, pause: Callable[[float], None] = time.sleep, patience: float = 2 * PATIENCE) -> bool:
    """Ask a deployment to end: its positions stay. Whether it has ended, hard if it did not by itself."""
    folder = journal.folder(name)
    found = supervisor_of(folder)
    if found is None:
        end_runs(journal, name)
        return True
    write_file(folder / STOP, "stop\n")
    process.end(*found)
    waited = 0.0
    while process.is_alive(*found) and waited < patience:
        pause(LOOK)
        waited += LOOK
    if process.is_alive(*found):
        process.end(*found, hard=True)
        end_runs(journal, name)
        return False
    return True
