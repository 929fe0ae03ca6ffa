"""Watches heartbeats from another process: a missed one is told of once, a heartbeat never."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from hidden_regime.operation.errors import JournalError
from hidden_regime.operation.journal import Journal
from hidden_regime.operation.journal.records import RUNNING, Deployment, moment_of
from hidden_regime.operation.status import STALE

EVERY = 5.0
"""Seconds between two looks."""
KIND = "silence"
"""Of the lines by which the journal remembers what was told of."""


@dataclass(frozen=True)
class Missed:
    """A deployment that should run and isn't heard of.

    Attributes
    ----------
    name : str
    since : str
        Its last heartbeat; where there was none, when it was begun or deployed.
    age : float
        Seconds since then.
    """

    name: str
    since: str
    age: float

    @property
    def said(self) -> str:
        """For the journal: the same text for the same outage."""
        return f"no heartbeat since {self.since}"


def missed(journal: Journal, deployment: Deployment, now: datetime, *, limit: float = STALE) -> Missed | None:
    """What is wrong with the heartbeat of a deployment; None where nothing is, or nobody wants it to run.

    Parameters
    ----------
    journal : Journal
    deployment : Deployment
    now : datetime
        UTC.
    limit : float
        Seconds that a heartbeat may be old.

    Notes
    -----
    A process that was ended hard leaves the state "running", and its last heartbeat grows old. A heartbeat that is later than
    `now`, by a machine's clock that was put back, is not old.
    """
    if deployment.state != RUNNING:
        return None
    beat = journal.heartbeat(deployment.name)
    began = journal.file.rows("SELECT began FROM runs WHERE deployment = ? ORDER BY id DESC LIMIT 1", deployment.name)
    # A run that was begun after the last heartbeat has its own time to be heard of.
    since = max(deployment.made, began[0][0] if began else "", beat[0] if beat else "")
    age = (now - moment_of(since)).total_seconds()
    return Missed(deployment.name, since, age) if age > limit else None


def look(journal: Journal, now: datetime, at: str, report: Callable[[Missed], None], *, limit: float = STALE) -> list[Missed]:
    """Look at all deployments once, and report each outage that wasn't reported before.

    The journal remembers it, so that a watcher that is begun again reports nothing twice. It is noted after it was reported:
    a watcher that is killed in between reports it again, and so does one whose report failed.

    Parameters
    ----------
    journal : Journal
    now : datetime
        UTC.
    at : str
        The same time for the journal.
    report : callable
        Told of each; what it raises goes through, and the outage is reported again at the next look.
    limit : float
        Seconds that a heartbeat may be old.

    Returns
    -------
    list of Missed
        What was reported.
    """
    told = []
    for deployment in journal.deployments():
        found = missed(journal, deployment, now, limit=limit)
        if found is None or _is_known(journal, found):
            continue
        report(found)
        told.append(found)
        beat = journal.heartbeat(deployment.name)
        market = datetime.fromisoformat(beat[1] if beat else deployment.spec.start)
        journal.tell(deployment.name, at, market, "error", KIND, found.said)
    return told


def _is_known(journal: Journal, found: Missed) -> bool:
    query = "SELECT 1 FROM told WHERE deployment = ? AND kind = ? AND said = ? LIMIT 1"
    return bool(journal.file.rows(query, found.name, KIND, found.said))


def watch(journal: Journal, report: Callable[[Missed], None], *, now: Callable[[], datetime], at: Callable[[], str],
          pause: Callable[[float], None], asked: Callable[[], str], every: float = EVERY,
          trouble: Callable[[str], None] = lambda said: None) -> str:  # fmt: skip
    """Look again and again until somebody ends it; why it ended.

    A journal that can't be read for a while ends nothing: it is looked at again, and told of once.

    Parameters
    ----------
    journal : Journal
    report : callable
        Told of each outage, once.
    now, at : callable
        The time, UTC, and the same for the journal.
    pause : callable
        Waits some seconds.
    asked : callable
        Why it shall end; empty while it shall not.
    every : float
        Seconds between two looks.
    trouble : callable
        Told why nothing can be watched: once, until it can be again.
    """
    is_blind = False
    while not (why := asked()):
        try:
            look(journal, now(), at(), report)
        except JournalError as error:
            if not is_blind:
                trouble(f"nothing is watched: {error.text}")
            is_blind = True
        else:
            is_blind = False
        pause(every)
    return why
