"""Ends a deployment for good by its kill switch: its process first, then what it holds."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from hidden_regime.exceptions import RegimeError
from hidden_regime.files.whole import write_file
from hidden_regime.operation.clocks import wall_text
from hidden_regime.operation.errors import JournalError
from hidden_regime.operation.journal import Journal
from hidden_regime.operation.journal.journal import check_name, folder_of
from hidden_regime.operation.journal.records import HALTED
from hidden_regime.operation.panic import Outcome, panic
from hidden_regime.operation.running import process
from hidden_regime.operation.running.runner import HALT
from hidden_regime.operation.running.supervisor import LOOK, end_runs, supervisor_of
from hidden_regime.operation.targets.base import Target
from hidden_regime.operation.targets.opening import open_target, runs_elsewhere

PATIENCE = 3.0
"""Seconds that a run has to see the kill switch by itself, and the journal to take a line about it."""

HERE, ELSEWHERE = 60.0, 180.0
"""Seconds for selling. LEAN writes each minute what it holds."""


def flag(folder: Path, *, pause: Callable[[float], None] = time.sleep) -> None:
    """Put the kill switch into a deployment's folder, and end what keeps it running, hard where it doesn't see that in seconds.

    This needs no journal.

    Parameters
    ----------
    folder : Path
        Of the deployment; nothing is done where there is none.
    pause : callable
        Waits some seconds.
    """
    if not folder.is_dir():
        return
    with suppress(OSError):
        write_file(folder / HALT, "halt\n")
    waited = 0.0
    while (found := supervisor_of(folder)) is not None:
        if waited >= PATIENCE:
            process.end(*found, hard=True)  # the keeper first, so that nothing is begun again
            return
        pause(LOOK)
        waited += LOOK


def halt(journal: Journal, name: str, *, deadline: float | None = None, pause: Callable[[float], None] = time.sleep,
         target: Target | None = None) -> Outcome:  # fmt: skip
    """End a deployment's process, cancel what it ordered and close what it holds.

    Nothing asks for leave. The process is ended hard where it doesn't see the kill switch within seconds. A journal that
    can't be written keeps nothing from being sold.

    Parameters
    ----------
    journal : Journal
    name : str
    deadline : float, optional
        Seconds for cancelling and selling; by default a minute, and three where the strategy runs elsewhere.
    pause : callable
        Waits some seconds.
    target : Target, optional
        Instead of the deployment's.
    """
    journal.file.wait_at_most(PATIENCE)
    deployment = journal.deployment(name)
    flag(journal.folder(name), pause=pause)
    with suppress(JournalError):
        end_runs(journal, name)

    def tell(said: str, level: str = "error") -> None:
        with suppress(JournalError):
            beat = journal.heartbeat(name)
            at = datetime.fromisoformat(beat[1]) if beat else datetime.fromisoformat(deployment.spec.start)
            journal.tell(name, wall_text(), at, level, "panic", said)

    try:
        aimed = target or open_target(journal, deployment)
    except RegimeError as error:  # without credentials, say: what is held nobody knows
        tell(f"NOT FLAT: {error.text}")
        outcome = Outcome(False, 0, None, (), (error.text,))
    else:
        usual = ELSEWHERE if runs_elsewhere(deployment.spec.target) else HERE
        outcome = panic(aimed, deadline=usual if deadline is None else deadline, pause=pause, tell=tell)
    try:
        reason = "the kill switch: flat" if outcome.is_flat else "the kill switch: NOT FLAT"
        journal.set_state(name, HALTED, reason)
    except JournalError as error:
        return replace(outcome, said=(*outcome.said, f"{error.text} So it does not say that {name} was halted."))
    return outcome


def halt_at(path: Path, name: str, *, pause: Callable[[float], None] = time.sleep) -> Outcome:
    """As `halt`, where perhaps the journal itself can't be used: the process is ended then, too, and nobody knows what is held.

    Parameters
    ----------
    path : Path
        Of the journal.
    name : str
    pause : callable
        Waits some seconds.

    Raises
    ------
    ParameterError
        There is no deployment of that name.
    """
    check_name(name)
    flag(folder_of(path, name), pause=pause)
    try:
        return halt(Journal(path), name, pause=pause)
    except JournalError as error:
        said = error.text, "Its process has ended and is begun no more; what it holds nobody knows."
        return Outcome(False, 0, None, (), said)
