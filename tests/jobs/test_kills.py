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

from hidden_regime.jobs import JobError, StoreError, read_campaign, run_campaign
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
    until = time.monotonic() + 300
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
    begin = [sys.executable, "-c", RUN, str(path), "4"]
    process = subprocess.Popen(begin, start_new_session=True)
    for kill in range(KILLS):
        wait_for(path, 55 * (kill + rng.random()) / KILLS)
        time.sleep(rng.uniform(0.0, 0.3))
        with contextlib.suppress(ProcessLookupError):
            if kill % 2 == 0:  # one of the workers, which is replaced
                workers = [one for one in processes_of(process.pid) if one != process.pid]
                if workers:
                    os.kill(rng.choice(workers), signal.SIGKILL)
                continue
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        process = subprocess.Popen(begin, start_new_session=True)
    assert process.wait(300) == 0
    assert any(event.said.startswith("taken over") for event in open_store(read_campaign(path)).events("small"))
    found = run_campaign(path)
    assert found.headline == "20 hypotheses: 20 accepted"
    assert done_once(path) == 60
    ran = (tmp_path / "ran.txt").read_text().splitlines()
    assert len(set(ran)) == 20
    assert len(ran) <= 20 + 5 * KILLS  # only what was interrupted ran again


def test_a_strategy_that_its_process_dies_of_fails_and_the_others_go_on(tmp_path):
    path = campaign(tmp_path, ("fine", "share = 0.5", ""), ("deadly", "share = 0.6", ""), skip=QUICK)
    strategy = tmp_path / "hold.py"
    strategy.write_text(
        strategy.read_text().replace(
            "if self.share > 1.5:", "if self.share > 0.55:\n            import os; os.kill(os.getpid(), 9)"
        )
    )
    found = run_campaign(path, workers=2)
    assert {one.name: one.answer for one in found.hypotheses} == {"fine": "accepted", "deadly": "failed"}
    assert "its process died 3 times" in found.hypotheses[1].reason
    assert (tmp_path / "ran.txt").read_text().splitlines().count("0.6 2") == 3


def test_workers_that_die_before_they_do_anything_are_told(tmp_path, monkeypatch):
    path = campaign(tmp_path, skip=QUICK)
    program = tmp_path / "python"
    program.write_text("#!/bin/sh\necho no such module >&2\nexit 3\n")
    program.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(program))
    with pytest.raises(JobError, match=r"status 3 before they do anything(.|\n)*no such module"):
        run_campaign(path, workers=2)
