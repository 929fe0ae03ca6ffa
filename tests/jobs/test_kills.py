"""Killed at any moment, a campaign goes on, and each step is done once."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter

import pytest

from hidden_regime.jobs import StoreError, read_campaign, run_campaign
from hidden_regime.jobs.store import open_store
from tests.jobs.small import Clock, campaign

KILLS = int(os.environ.get("HIDDEN_REGIME_KILLS", "2"))
QUICK = ("lookahead", "walk-forward")
FILES = ("campaign.json", "report.html")
RUN = "import sys; from hidden_regime.jobs import run_campaign; run_campaign(sys.argv[1], workers=int(sys.argv[2]))"


class Killed(BaseException):
    """Stands for a death of the process: from here on nothing that it does reaches the store."""


class Mortal(Clock):
    """A clock that, asked for the nth time, kills, and again whenever it is asked after that."""

    def __init__(self, calls: int) -> None:
        super().__init__()
        self.left = calls

    def __call__(self) -> float:
        self.left -= 1
        if self.left < 0:
            raise Killed
        return super().__call__()


def done_once(path):
    """Each step is done at most once; how many are."""
    events = open_store(read_campaign(path)).events("small")
    counts = Counter((event.hypothesis, event.step) for event in events if event.kind == "done")
    assert set(counts.values()) == {1}
    return len(counts)


def test_killed_at_every_transaction_in_turn_it_ends_as_if_nothing_had_been(tmp_path):
    hypotheses = ("one", "share = 0.5", 'every = "1:2:1"'), ("none", "share = 0.0", "")
    tail = '[optimise]\nmethod = "grid"\n[rules]\nbaseline = ["Total Orders >= 1"]\n'
    whole = run_campaign(campaign(tmp_path / "whole", *hypotheses, skip=QUICK, tail=tail))
    path = campaign(tmp_path / "killed", *hypotheses, skip=QUICK, tail=tail)
    kills = 0
    while True:
        try:
            found = run_campaign(path, clock=Mortal(1 + kills % 7))
            if found.is_over:
                break
        except Killed:
            kills += 1
            assert kills < 200
    assert kills > 5
    assert done_once(path) == 7
    for name in FILES:
        assert (found.folder / name).read_bytes() == (whole.folder / name).read_bytes()
    assert (tmp_path / "killed" / "ran.txt").read_text().count("\n") <= (tmp_path / "whole" / "ran.txt").read_text().count(
        "\n"
    ) + kills


def processes_of(group):
    """Processes of a group, by their ids."""
    found = []
    for name in os.listdir("/proc"):
        with contextlib.suppress(OSError, ValueError):
            if os.getpgid(int(name)) == group:
                found.append(int(name))
    return found


def wait_for(path, steps):
    """Until so many steps are done."""
    until = time.monotonic() + 120
    while time.monotonic() < until:
        with contextlib.suppress(StoreError):
            if sum(step.state == "done" for step in open_store(read_campaign(path)).steps("small")) >= steps:
                return
        time.sleep(0.02)
    raise AssertionError("nothing was done")


@pytest.mark.skipif(not os.path.isdir("/proc"), reason="processes are found by /proc")
def test_twenty_hypotheses_on_four_workers_survive_kill_9(tmp_path):
    hypotheses = [(f"h{number:02}", f"share = 0.{number:02}", "") for number in range(1, 21)]
    path = campaign(tmp_path, *hypotheses, skip=QUICK)
    rng = random.Random(20)
    for kill in range(KILLS):
        process = subprocess.Popen([sys.executable, "-c", RUN, str(path), "4"], start_new_session=True)
        wait_for(path, 55 * (kill + rng.random()) / KILLS)
        time.sleep(rng.uniform(0.0, 0.3))
        if rng.random() < 0.5:  # one of them, which the others outlive
            with contextlib.suppress(ProcessLookupError):
                os.kill(rng.choice(processes_of(process.pid) or [process.pid]), signal.SIGKILL)
            time.sleep(rng.uniform(0.0, 1.0))
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    subprocess.run([sys.executable, "-c", RUN, str(path), "4"], check=True, timeout=120)
    assert any(event.said.startswith("taken over") for event in open_store(read_campaign(path)).events("small"))
    found = run_campaign(path)
    assert found.headline == "20 hypotheses: 20 accepted"
    assert done_once(path) == 60
    ran = (tmp_path / "ran.txt").read_text().splitlines()
    assert len(set(ran)) == 20
    assert len(ran) <= 20 + 5 * KILLS  # only what was interrupted ran again
