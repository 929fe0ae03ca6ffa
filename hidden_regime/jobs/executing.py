"""One step from its claim to its end: done once, whatever kills whom in between."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager

from hidden_regime.cloud.errors import Unclear, Waiting
from hidden_regime.exceptions import RegimeError
from hidden_regime.jobs import words
from hidden_regime.jobs.campaign import Campaign
from hidden_regime.jobs.claiming import LEASE, finish, leave, release, renew
from hidden_regime.jobs.outcome import Outcome, read_outcome, write_outcome
from hidden_regime.jobs.record import StepRecord
from hidden_regime.jobs.steps import decisions, runs, searches
from hidden_regime.jobs.store import Store
from hidden_regime.jobs.work import Work

STEPS: dict[str, Callable[[Work], Outcome]] = {
    words.PULL: runs.pull, words.BASELINE: runs.baseline, words.WORTH: decisions.worth, words.LOOKAHEAD: searches.lookahead,
    words.OPTIMISE: searches.optimise, words.BEST: decisions.best, words.WALK_FORWARD: searches.walk_forward,
    words.CANDIDATE: decisions.candidate, words.VALIDATE: runs.validate, words.VERDICT: decisions.verdict,
}  # fmt: skip
LONGEST = 2000
"""Letters of a reason that the store keeps."""


def execute(store: Store, campaign: Campaign, step: StepRecord) -> bool:
    """Do a step that was claimed. What fails is noted, and is nobody else's matter.

    Returns
    -------
    bool
        Whether it is over; False where it goes on in the cloud.
    """
    work = Work(campaign, campaign.hypothesis(step.hypothesis), step, _earlier(store, step), store)
    try:
        with _renewed(store, step):
            outcome = read_outcome(work.outcome_file, step.spec_hash)
            if outcome is None:
                outcome = STEPS[step.name](work)
                write_outcome(work.outcome_file, outcome, step.spec_hash)
    except Waiting as error:
        leave(store, step, words.SUBMITTED, error.text)
        return False
    except Unclear as error:
        leave(store, step, words.UNCLEAR, error.text)
    except RegimeError as error:
        leave(store, step, words.FAILED, error.text[:LONGEST])
    except Exception as error:  # noqa: BLE001 - a night's work goes on with the others, whatever one of them raises
        leave(store, step, words.FAILED, f"{type(error).__name__}: {error}"[:LONGEST])
    except BaseException:
        release(store, step)
        raise
    else:
        finish(store, step, outcome)
    return True


def _earlier(store: Store, step: StepRecord) -> dict[str, Outcome]:
    same: Collection[StepRecord] = [one for one in store.steps(step.campaign) if one.hypothesis == step.hypothesis]
    return {one.name: one.outcome for one in same if one.position < step.position and one.outcome is not None}


@contextmanager
def _renewed(store: Store, step: StepRecord) -> Iterator[None]:
    """Renew the lease as long as the block lasts."""
    ended = threading.Event()

    def beat() -> None:
        while not ended.wait(LEASE / 4):
            renew(store, step)

    thread = threading.Thread(target=beat, daemon=True, name=f"lease of {step.title}")
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
