"""A worker: claims step after step until there is nothing left for it. Started as a process of its own, or called."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

from hidden_regime.jobs.campaign import Campaign
from hidden_regime.jobs.campaign_file import read_campaign
from hidden_regime.jobs.claiming import claim
from hidden_regime.jobs.executing import execute
from hidden_regime.jobs.owners import Owner
from hidden_regime.jobs.record import StepRecord
from hidden_regime.jobs.store import Store, open_store

PAUSE = 0.25
"""Seconds between looks whether what others do left something to do."""
Progress = Callable[[StepRecord], None]


def work(store: Store, campaign: Campaign, name: str = "", *, sleep: Callable[[float], None] = time.sleep,
         stop: Callable[[], bool] = lambda: False, progress: Progress | None = None) -> None:  # fmt: skip
    """Do what there is to do, until nothing is left and nobody else works.

    Parameters
    ----------
    store : Store
    campaign : Campaign
    name : str
        Of the worker; default: one of its own.
    sleep : callable
    stop : callable
        Asked between steps.
    progress : callable, optional
        Told of each step before it is done.
    """
    left: set[int] = set()
    with Owner(store.folder, name) as owner:
        while not stop():
            found = claim(store, campaign, owner.name, left)
            if found.step is None:
                if not found.others_work:
                    return
                sleep(PAUSE)
                continue
            if progress is not None:
                progress(found.step)
            if not execute(store, campaign, found.step):
                left.add(found.step.id)


def main() -> None:
    """Work for the process that started this one, and no longer than it lives."""
    path, name, spec_hash = sys.argv[1:]
    parent = os.getppid()
    campaign = read_campaign(Path(path))
    if campaign.spec_hash == spec_hash:  # else the file was changed since, and who started this plans anew
        work(open_store(campaign), campaign, name, stop=lambda: os.getppid() != parent)


if __name__ == "__main__":
    main()
