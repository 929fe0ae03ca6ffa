"""What targets say that is held, asked beside the page: a target that hangs, hangs nothing."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from hidden_regime.operation.journal import Journal
from hidden_regime.operation.journal.records import Deployment
from hidden_regime.operation.targets.opening import ACCOUNT, PAPER, open_target

FRESH, FRESH_ELSEWHERE = 3.0, 30.0
"""Seconds for which an answer counts: of the paper account, and of a target that is far away."""
WAIT = 1.0
"""Seconds that a page waits for an answer."""


@dataclass(frozen=True)
class Held:
    """What a target said last.

    Attributes
    ----------
    positions : mapping of str to float or None
        None where nobody knows.
    cash : float or None
    said : str
        Why nobody knows; empty otherwise.
    """

    positions: Mapping[str, float] | None
    cash: float | None
    said: str = ""


class Holdings:
    """Asks targets, each in a thread of its own, and keeps their last answers.

    Parameters
    ----------
    path : Path
        Of the journal.
    seconds : callable
        A clock that only counts.
    ask : callable, optional
        Instead of asking the deployment's target.
    """

    def __init__(self, path: Path, seconds: Callable[[], float], ask: Callable[[Path, str], Held] | None = None) -> None:
        self._path, self._seconds, self._ask = path, seconds, ask or asked
        self._known: dict[str, tuple[float, Held]] = {}
        self._busy: dict[str, threading.Thread] = {}
        self._lock = threading.Lock()

    def of(self, deployment: Deployment) -> Held:
        """What is held, as far as it is known within a second."""
        name = deployment.name
        fresh = FRESH if deployment.spec.target == PAPER else FRESH_ELSEWHERE
        with self._lock:
            known = self._known.get(name)
            if known is not None and self._seconds() - known[0] < fresh:
                return known[1]
            thread = self._busy.get(name)
            if thread is None or not thread.is_alive():
                thread = self._busy[name] = threading.Thread(target=self._look, args=(name,), daemon=True)
                thread.start()
        thread.join(WAIT)
        with self._lock:
            found = self._known.get(name)
        if found is None or thread.is_alive():
            return Held(None, None, "the target has not answered yet")
        return found[1]

    def _look(self, name: str) -> None:
        held = self._ask(self._path, name)
        with self._lock:
            self._known[name] = (self._seconds(), held)


def asked(path: Path, name: str) -> Held:
    """Ask a deployment's target. An error is never "nothing is held"."""
    try:
        journal = Journal(path)
        try:
            deployment = journal.deployment(name)
            account = journal.folder(name) / ACCOUNT
            # To look must not open an account: the run opens it, with what the strategy begins with.
            if deployment.spec.target == PAPER and not (account.is_file() and account.stat().st_size):
                return Held(None, None, "its account isn't opened yet")
            found = open_target(journal, deployment).portfolio()
            return Held(dict(found.positions), found.cash)
        finally:
            journal.close()
    except Exception as error:  # noqa: BLE001 - whatever a target raises, the page says it and goes on
        return Held(None, None, f"{type(error).__name__}: {str(error).removeprefix('hidden_regime: ')[:300]}")
