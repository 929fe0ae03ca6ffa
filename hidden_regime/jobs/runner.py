"""A campaign from one call to its verdicts: workers, those that die replaced, then the report and the commit."""

from __future__ import annotations

import secrets
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from hidden_regime.exceptions import ParameterError
from hidden_regime.jobs import words
from hidden_regime.jobs.campaign import Campaign
from hidden_regime.jobs.campaign_file import read_campaign
from hidden_regime.jobs.claiming import bury
from hidden_regime.jobs.committing import commit
from hidden_regime.jobs.errors import JobError
from hidden_regime.jobs.owners import new_name
from hidden_regime.jobs.planning import plan
from hidden_regime.jobs.report import CampaignResult, result_of, write_report
from hidden_regime.jobs.store import Store, open_store
from hidden_regime.jobs.worker import PAUSE, Progress, work

LOG = "workers.log"
"""File beside the store with what workers say, such as why one died."""
LONGEST = 1000
"""Letters of it in an error."""


def run_campaign(path: str | Path, *, workers: int = 1, clock: Callable[[], float] = time.time,
                 sleep: Callable[[float], None] = time.sleep, progress: Progress | None = None,
                 stop: Callable[[], bool] = lambda: False) -> CampaignResult:  # fmt: skip
    """Take a campaign as far as it goes without a person. Stopped or killed, the same call goes on, each step once.

    Parameters
    ----------
    path : str or Path
        The campaign's file.
    workers : int
        Processes; hypotheses run beside each other. One works in this process.
    clock, sleep : callable
        Seconds since 1970, and a pause of seconds.
    progress : callable, optional
        Told of each step that this process begins.
    stop : callable
        Asked between steps whether to end.

    Returns
    -------
    CampaignResult

    Raises
    ------
    CampaignError
        The file says what can't be.
    RegimeError
        A strategy or data that aren't there: nothing has run.
    """
    if isinstance(workers, bool) or not isinstance(workers, int) or workers < 1:
        raise ParameterError("workers", workers, "a whole number above 0")
    campaign = read_campaign(path)
    steps = plan(campaign)
    store = open_store(campaign, clock=clock)
    store.plan(campaign, steps)
    if campaign.gates.mode != words.DRY:
        if workers == 1:
            work(store, campaign, sleep=sleep, stop=stop, progress=progress)
        else:
            _in_processes(store, campaign, workers, sleep, stop)
    found = result_of(store, campaign)
    if campaign.gates.mode != words.DRY:
        write_report(found, campaign)
        if found.is_over:
            commit(store, campaign, found)
    return found


def _in_processes(store: Store, campaign: Campaign, count: int, sleep: Callable[[float], None], stop: Callable[[], bool]) -> None:
    """Have several processes work, and replace those that die, as long as that leads to anything.

    Raises
    ------
    JobError
        They die before they do anything.
    """
    alive: dict[str, subprocess.Popen[bytes]] = {}
    run = secrets.token_hex(4)
    log = store.folder / LOG
    events = len(store.events(campaign.name))
    try:
        for _ in range(count):
            _start(alive, campaign, log, run)
        while alive and not stop():
            for name, process in list(alive.items()):
                code = process.poll()
                if code is None:
                    continue
                del alive[name]
                if not code:
                    continue
                bury(store, campaign.name, name)
                now = len(store.events(campaign.name))
                if now > events:
                    events = now
                    _start(alive, campaign, log, run)
                elif not alive:  # it would do so for ever
                    said = log.read_text(encoding="utf-8", errors="replace").strip()[-LONGEST:]
                    raise JobError(f"workers end with status {code} before they do anything. They said last, in {log}:\n{said}")
            sleep(PAUSE)
    finally:
        for process in alive.values():
            process.terminate()
        for process in alive.values():
            process.wait()


def _start(alive: dict[str, subprocess.Popen[bytes]], campaign: Campaign, log: Path, run: str) -> None:
    name = new_name(run)
    command = [sys.executable, "-m", "hidden_regime.jobs.worker", str(campaign.path), name, campaign.spec_hash]
    with open(log, "ab") as file:
        alive[name] = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=file, stderr=file)
