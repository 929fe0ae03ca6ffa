"""Who does what next: steps are claimed one at a time, by lease, and those of the dead are taken over."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection
from dataclasses import dataclass, replace

from hidden_regime.jobs import words
from hidden_regime.jobs.campaign import Campaign
from hidden_regime.jobs.gates import has_gate, is_approved
from hidden_regime.jobs.outcome import Outcome
from hidden_regime.jobs.owners import is_dead, run_of
from hidden_regime.jobs.record import StepRecord
from hidden_regime.jobs.store import Store

LEASE = 120.0
"""Seconds for which a claim holds, where its worker doesn't renew it."""
MOST_DEATHS = 3
"""A step that so many workers died over isn't tried again: it may need more memory than there is."""


@dataclass(frozen=True)
class Claim:
    """What there is to do.

    Attributes
    ----------
    step : StepRecord or None
        Claimed for the one who asked; None where there is nothing now.
    others_work : bool
        Whether steps of others run, so that it is worth asking again.
    """

    step: StepRecord | None
    others_work: bool


def claim(store: Store, campaign: Campaign, owner: str, left: Collection[int] = ()) -> Claim:
    """Claim the next step that can be done: in each hypothesis the first that isn't done, unless it is blocked or waits.

    Parameters
    ----------
    store : Store
    campaign : Campaign
    owner : str
    left : collection of int
        Ids of steps that this owner leaves alone, for they go on elsewhere.
    """
    others, now = False, store.clock()
    with store.transaction() as db:
        for step in _first_open(store.rows(db, campaign.name)):
            if step.id in left:
                continue
            if step.state in words.TAKEN and step.owner and step.owner != owner and not _is_free(store, step, now):
                others = True
                continue
            has_begun = step.state not in (words.PLANNED, words.WAITING)
            if not has_begun and has_gate(campaign.gates, step) and not is_approved(db, step, now):
                _wait(store, db, step)
                continue
            # A worker of this very run has died over it; whoever was killed with all of its run says nothing of the step.
            if step.owner and step.owner != owner and run_of(step.owner) == run_of(owner) and _died(store, db, step):
                continue
            return Claim(_take(store, db, step, owner, now), others)
    return Claim(None, others)


def _first_open(rows: list[StepRecord]) -> list[StepRecord]:
    """Of each hypothesis the first step that isn't done, where it isn't blocked."""
    seen: set[str] = set()
    out = []
    for step in rows:
        if step.hypothesis in seen or step.state in (words.DONE, words.SKIPPED):
            continue
        seen.add(step.hypothesis)
        if step.is_open:
            out.append(step)
    return out


def _is_free(store: Store, step: StepRecord, now: float) -> bool:
    return step.until < now or is_dead(store.folder, step.owner)


def _take(store: Store, db: sqlite3.Connection, step: StepRecord, owner: str, now: float) -> StepRecord:
    state = step.state if step.state in (words.SUBMITTING, words.SUBMITTED) else words.RUNNING
    taken = replace(step, state=state, owner=owner, until=now + LEASE, attempts=step.attempts + 1)
    db.execute(
        "UPDATE steps SET state = ?, owner = ?, until = ?, attempts = ?, reason = '' WHERE id = ?",
        (state, owner, taken.until, taken.attempts, step.id),
    )
    over = step.state in words.TAKEN and step.owner
    said = f"taken over from {step.owner}, attempt {taken.attempts}" if over else f"attempt {taken.attempts}"
    store.tell(db, step.campaign, "begun", f"{said}{', ' + step.place if step.place else ''}", step.hypothesis, step.name)
    return taken


def _wait(store: Store, db: sqlite3.Connection, step: StepRecord) -> None:
    if step.state == words.WAITING:
        return
    reason = "a person has to approve it"
    db.execute("UPDATE steps SET state = ?, reason = ? WHERE id = ?", (words.WAITING, reason, step.id))
    store.tell(db, step.campaign, words.WAITING, f"{reason} (spec {step.spec_hash})", step.hypothesis, step.name)


def renew(store: Store, step: StepRecord) -> None:
    """Prolong a claim."""
    with store.transaction() as db:
        db.execute("UPDATE steps SET until = ? WHERE id = ? AND owner = ?", (store.clock() + LEASE, step.id, step.owner))


def move(store: Store, step: StepRecord, state: str, remote: str = "") -> None:
    """Note that something is about to be sent to the cloud, or arrived there."""
    with store.transaction() as db:
        db.execute("UPDATE steps SET state = ?, remote = ? WHERE id = ? AND owner = ?", (state, remote, step.id, step.owner))
        store.tell(db, step.campaign, state, remote or f"key {step.key}", step.hypothesis, step.name)


def finish(store: Store, step: StepRecord, outcome: Outcome) -> bool:
    """Note what a step came to. Where the hypothesis ends with it, those after it are skipped.

    Returns
    -------
    bool
        False where the step isn't this owner's any more: nothing was noted.
    """
    told = json.dumps(outcome.to_dict(), sort_keys=True)
    with store.transaction() as db:
        moved = db.execute(
            "UPDATE steps SET state = ?, owner = '', until = 0, outcome = ?, reason = ? WHERE id = ? AND owner = ?",
            (words.DONE, told, outcome.reason, step.id, step.owner),
        )
        if moved.rowcount == 0:
            return False
        said = f"{outcome.answer}: {outcome.reason}"
        store.tell(db, step.campaign, words.DONE, said, step.hypothesis, step.name)
        if not outcome.goes_on:
            db.execute(
                "UPDATE steps SET state = ?, reason = ? WHERE campaign = ? AND hypothesis = ? AND position > ? "
                "AND state IN (?, ?)",
                (words.SKIPPED, f"{step.name} ended the hypothesis", step.campaign, step.hypothesis, step.position, words.PLANNED,
                 words.WAITING),
            )  # fmt: skip
    return True


def leave(store: Store, step: StepRecord, state: str, reason: str) -> None:
    """Let go of a step that has no outcome: failed, unclear, or still on its way in the cloud."""
    with store.transaction() as db:
        moved = db.execute(
            "UPDATE steps SET state = ?, owner = '', until = 0, reason = ? WHERE id = ? AND owner = ?",
            (state, reason, step.id, step.owner),
        )
        if moved.rowcount:
            store.tell(db, step.campaign, state, reason, step.hypothesis, step.name)


def release(store: Store, step: StepRecord) -> None:
    """Let go of a step that was interrupted: whoever comes next does it."""
    with store.transaction() as db:
        db.execute("UPDATE steps SET owner = '', until = 0 WHERE id = ? AND owner = ?", (step.id, step.owner))


def bury(store: Store, campaign: str, owner: str) -> None:
    """Free the steps of a worker that died, while who started it lives."""
    with store.transaction() as db:
        for step in store.rows(db, campaign):
            if step.owner == owner and step.state in words.TAKEN and not _died(store, db, step):
                db.execute("UPDATE steps SET owner = '', until = 0 WHERE id = ?", (step.id,))


def _died(store: Store, db: sqlite3.Connection, step: StepRecord) -> bool:
    """Note that a worker died over a step, and whether it has failed by that: several did."""
    deaths = int(db.execute("SELECT deaths FROM steps WHERE id = ?", (step.id,)).fetchone()[0]) + 1
    over = deaths >= MOST_DEATHS
    reason = f"its process died {deaths} times: it may need more memory than there is" if over else ""
    db.execute("UPDATE steps SET deaths = ?, reason = ? WHERE id = ?", (deaths, reason, step.id))
    if over:
        db.execute("UPDATE steps SET owner = '', until = 0, state = ? WHERE id = ?", (words.FAILED, step.id))
    store.tell(db, step.campaign, words.FAILED if over else "died", reason or f"worker {step.owner}", step.hypothesis, step.name)
    return over
