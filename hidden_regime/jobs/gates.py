"""Gates: what a person has approved, for which spec, and for how long that holds."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from hidden_regime.jobs import words
from hidden_regime.jobs.campaign import Gates
from hidden_regime.jobs.record import StepRecord
from hidden_regime.jobs.store import Store

HOLDS = 24 * 3600.0
"""Seconds after which an approval has to be given again."""


def has_gate(gates: Gates, step: StepRecord) -> bool:
    """Whether somebody has to approve a step before it runs."""
    return gates.mode == words.MANUAL and step.name in gates.wait and step.name not in words.DECISIONS


def is_approved(db: sqlite3.Connection, step: StepRecord, now: float) -> bool:
    """Whether a step's very spec was approved within the last 24 hours."""
    row = db.execute(
        "SELECT at FROM approvals WHERE campaign = ? AND hypothesis = ? AND step = ? AND spec_hash = ?",
        (step.campaign, step.hypothesis, step.name, step.spec_hash),
    ).fetchone()  # fmt: skip
    return row is not None and now - float(row[0]) < HOLDS


def waiting(store: Store, campaign: str) -> list[StepRecord]:
    """Steps that wait for an approval."""
    return [one for one in store.steps(campaign) if one.state == words.WAITING]


def approve(store: Store, campaign: str, titles: Sequence[str] = ()) -> list[StepRecord]:
    """Approve steps that wait, as they are now specified; without titles all of them.

    Returns
    -------
    list of StepRecord
        Those that were approved; a title that waits for nothing is in none of them.
    """
    approved = []
    with store.transaction() as db:
        for step in store.rows(db, campaign):
            if step.state != words.WAITING or (titles and step.title not in titles and step.hypothesis not in titles):
                continue
            now = store.clock()
            db.execute(
                "INSERT OR REPLACE INTO approvals VALUES (?, ?, ?, ?, ?)",
                (step.campaign, step.hypothesis, step.name, step.spec_hash, now),
            )
            store.tell(db, campaign, "approved", f"spec {step.spec_hash}, for 24 hours", step.hypothesis, step.name)
            approved.append(step)
    return approved
