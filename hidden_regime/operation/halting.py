"""Ends a deployment for good by its kill switch: its process first, then what it holds."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

from hidden_regime.files.whole import write_file
from hidden_regime.operation.clocks import wall_text
from hidden_regime.operation.errors import JournalError
from hidden_regime.operation.journal import Journal
from hidden_regime.operation.journal.records import HALTED
from hidden_regime.operation.panic import Outcome, panic
from hidden_regime.operation.running import process
from hidden_regime.operation.running.runner import HALT
from hidden_regime.operation.running.supervisor import LOOK, supervisor_of
from hidden_regime.operation.targets.base import Target
from hidden_regime.operation.targets.opening import open_target

PATIENCE = 3.0
"""Seconds that a run has to see the kill switch by itself."""


def halt(journal: Journal, name: str, *, deadline: float = 60.0, pause: Callable[[float], None] = time.sleep,
         target: Target | None = None) -> Outcome:  # fmt: skip
    """End a deployment's process, cancel what it ordered and close what it holds.

    Nothing asks for leave. The process is ended hard where it doesn't see the kill switch within seconds. A journal that
    can't be written keeps nothing from being sold.

    Parameters
    ----------
    journal : Journal
    name : str
    deadline : float
        Seconds for cancelling and selling.
    pause : callable
        Waits some seconds.
    target : Target, optional
        Instead of the deployment's.
    """
    deployment = journal.deployment(name)
    with suppress(OSError):
        write_file(journal.folder(name) / HALT, "halt\n")
    waited = 0.0
    while (found := supervisor_of(journal.folder(name))) is not None:
        if waited >= PATIENCE:
            _end_hard(journal, name, found)
            break
        pause(LOOK)
        waited += LOOK

    def tell(said: str, level: str = "error") -> None:
        with suppress(JournalError):
            beat = journal.heartbeat(name)
            at = datetime.fromisoformat(beat[1]) if beat else datetime.fromisoformat(deployment.spec.start)
            journal.tell(name, wall_text(), at, level, "panic", said)

    outcome = panic(target or open_target(journal, deployment), deadline=deadline, pause=pause, tell=tell)
    with suppress(JournalError):
        reason = "the kill switch: flat" if outcome.is_flat else "the kill switch: NOT FLAT"
        journal.set_state(name, HALTED, reason)
    return outcome


def _end_hard(journal: Journal, name: str, keeper: tuple[int, str]) -> None:
    """End the keeper first, so that nothing is begun again, then every process of a run that hasn't ended."""
    process.end(*keeper, hard=True)
    with suppress(JournalError):
        for pid, started in journal.file.rows("SELECT pid, started FROM runs WHERE deployment = ? AND ended = ''", name):
            process.end(pid, started, hard=True)
