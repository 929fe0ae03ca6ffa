"""A step as the store has it, and a line of its log."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass

from hidden_regime.experiments.trials.digests import digest_of
from hidden_regime.jobs import words
from hidden_regime.jobs.outcome import Outcome

COLUMNS = (
    "id, campaign, hypothesis, name, place, position, spec_hash, state, generation, attempts, owner, until, remote, outcome, "
    "reason"
)


@dataclass(frozen=True)
class StepRecord:
    """A step's row.

    Attributes
    ----------
    state : str
        planned, waiting (for an approval), running, submitting (it is being sent to the cloud), submitted (it arrived there),
        done, failed, unclear (nobody can say whether it was sent), cancelled, or skipped (an earlier step ended the hypothesis).
    generation : int
        How often it was retried after a failure.
    attempts : int
        How often it was begun in this generation.
    owner, until
        Who works on it, and to which second since 1970.
    remote : str
        Its id in the cloud.
    outcome : Outcome or None
    reason : str
    """

    id: int
    campaign: str
    hypothesis: str
    name: str
    place: str
    position: int
    spec_hash: str
    state: str
    generation: int
    attempts: int
    owner: str
    until: float
    remote: str
    outcome: Outcome | None
    reason: str

    @property
    def key(self) -> str:
        """Eight digits of its own, by which what it begins in the cloud is found again."""
        return digest_of("key", self.campaign, self.hypothesis, self.name, self.spec_hash, self.generation)[:8]

    @property
    def folder(self) -> str:
        """Name of its folder of results in that of the hypothesis. A changed spec has another: nothing is overwritten."""
        again = f"-{self.generation}" if self.generation else ""
        return f"{self.name}-{self.spec_hash[:8]}{again}"

    @property
    def is_open(self) -> bool:
        """Whether somebody or something still has to work on it."""
        return self.state in (words.PLANNED, words.WAITING, *words.TAKEN)

    @property
    def title(self) -> str:
        """What commands call it."""
        return f"{self.hypothesis}/{self.name}"


@dataclass(frozen=True)
class Event:
    """A line of the log: when, of what, and what happened."""

    at: float
    hypothesis: str
    step: str
    kind: str
    said: str


def record_of(row: sqlite3.Row | tuple[object, ...]) -> StepRecord:
    """A record of `COLUMNS`."""
    *head, outcome, reason = tuple(row)
    id, campaign, hypothesis, name, place, position, spec_hash, state, generation, attempts, owner, until, remote = head
    return StepRecord(
        int(str(id)), str(campaign), str(hypothesis), str(name), str(place), int(str(position)), str(spec_hash), str(state),
        int(str(generation)), int(str(attempts)), str(owner), float(str(until)), str(remote),
        Outcome.from_dict(json.loads(str(outcome))) if outcome else None, str(reason),
    )  # fmt: skip
