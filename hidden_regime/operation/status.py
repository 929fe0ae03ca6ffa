"""How a deployment stands, from its journal alone."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import datetime
from statistics import median
from typing import Any

from hidden_regime.operation.clocks import utc
from hidden_regime.operation.journal import Journal
from hidden_regime.operation.journal.records import RUNNING, Said, moment_of
from hidden_regime.operation.running.supervisor import supervisor_of

STALE = 60.0
"""Seconds without a heartbeat after which a run counts as hung."""


@dataclass(frozen=True)
class Status:
    """How a deployment stands.

    Attributes
    ----------
    name, state, reason : str
    process : int or None
        What keeps it running; None: nothing does.
    beat : str
        Its last heartbeat; empty before the first.
    age : float or None
        Seconds since then.
    market_time : str
    equity : float or None
        At the last midnight.
    orders : int
        Events of orders so far.
    latency : float or None
        Median seconds from the arrival of a bar to the target's word that it has taken what was ordered then; of the latest 100.
    regimes : dict of str to [str, float]
        The latest regime of each asset, and its confidence.
    told : list
        The latest lines.
    """

    name: str
    state: str
    reason: str
    process: int | None
    beat: str
    age: float | None
    market_time: str
    equity: float | None
    orders: int
    latency: float | None
    regimes: dict[str, tuple[str, float]] = field(default_factory=dict)
    told: list[Said] = field(default_factory=list)

    @property
    def is_stale(self) -> bool:
        """Whether it should run and hasn't been heard of."""
        return self.state == RUNNING and (self.process is None or self.age is None or self.age > STALE)

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {"schema": 1, **asdict(self), "stale": self.is_stale}


def status_of(journal: Journal, name: str, *, now: datetime | None = None, lines: int = 8) -> Status:
    """How a deployment stands.

    Parameters
    ----------
    journal : Journal
    name : str
    now : datetime, optional
        UTC; by default the machine's time.
    lines : int
        How many of its latest lines.
    """
    found, beat = journal.deployment(name), journal.heartbeat(name)
    keeper = supervisor_of(journal.folder(name))
    age = None
    if beat is not None:
        age = ((now or utc()) - moment_of(beat[0])).total_seconds()
    equity = journal.file.rows("SELECT equity FROM equity WHERE deployment = ? ORDER BY number DESC LIMIT 1", name)
    orders = journal.file.rows("SELECT COUNT(*) FROM order_events WHERE deployment = ?", name)
    states = journal.file.rows(
        "SELECT ticker, regime, confidence FROM regimes r WHERE deployment = ? AND number = "
        "(SELECT MAX(number) FROM regimes WHERE deployment = r.deployment AND ticker = r.ticker) ORDER BY ticker",
        name,
    )
    return Status(
        name, found.state, found.reason, keeper[0] if keeper else None, beat[0] if beat else "", age,
        beat[1] if beat else "", equity[0][0] if equity else None, orders[0][0],
        _latency(journal, name),
        {ticker: (regime, confidence) for ticker, regime, confidence in states}, journal.told(name, lines),
    )  # fmt: skip


def _latency(journal: Journal, name: str) -> float | None:
    rows = journal.file.rows(
        "SELECT l.at, s.at FROM order_events e JOIN sent s USING (deployment, number) "
        "JOIN slots l ON l.deployment = e.deployment AND l.slot = e.market_time WHERE e.deployment = ? "
        "ORDER BY e.number DESC LIMIT 100",
        name,
    )
    took = [(moment_of(sent) - moment_of(came)).total_seconds() for came, sent in rows]
    return median(took) if took else None
