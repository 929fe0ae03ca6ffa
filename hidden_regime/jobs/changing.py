"""What a person changes by hand: a step is retried, a hypothesis is cancelled."""

from __future__ import annotations

from hidden_regime.jobs import words
from hidden_regime.jobs.record import StepRecord
from hidden_regime.jobs.store import Store


def retry(store: Store, campaign: str, hypothesis: str = "") -> list[StepRecord]:
    """Plan again what failed, is unclear or was cancelled; of one hypothesis, or of all.

    What failed begins anew, with a key of its own. What is unclear keeps its key, by which it is found where it arrived.
    """
    again = []
    with store.transaction() as db:
        for step in store.rows(db, campaign):
            if step.state not in words.BLOCKED or (hypothesis and step.hypothesis != hypothesis):
                continue
            state = words.SUBMITTING if step.state == words.UNCLEAR else words.PLANNED
            db.execute(
                "UPDATE steps SET state = ?, generation = ?, attempts = 0, deaths = 0, owner = '', until = 0, remote = '', "
                "reason = '' WHERE id = ?", (state, step.generation + (step.state == words.FAILED), step.id),
            )  # fmt: skip
            store.tell(db, campaign, "retried", f"it was {step.state}: {step.reason}", step.hypothesis, step.name)
            again.append(step)
    return again


def cancel(store: Store, campaign: str, hypothesis: str) -> list[StepRecord]:
    """Cancel what of a hypothesis hasn't begun; a step that runs comes to its end."""
    gone = []
    with store.transaction() as db:
        for step in store.rows(db, campaign):
            if step.hypothesis != hypothesis or step.state not in (words.PLANNED, words.WAITING):
                continue
            reason = "cancelled by hand"
            db.execute("UPDATE steps SET state = ?, reason = ? WHERE id = ?", (words.CANCELLED, reason, step.id))
            store.tell(db, campaign, words.CANCELLED, reason, step.hypothesis, step.name)
            gone.append(step)
    return gone
