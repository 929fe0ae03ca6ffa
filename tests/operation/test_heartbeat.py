"""A missed heartbeat is told of once per outage, by another process, whatever died."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from datetime import datetime, timedelta

import pytest

from hidden_regime.operation.clocks import utc, wall_text
from hidden_regime.operation.errors import JournalError
from hidden_regime.operation.heartbeat import look, missed, watch
from hidden_regime.operation.journal import Journal
from hidden_regime.operation.status import moment_of
from tests.operation.strategies import TURNING
from tests.operation.worlds import WALL, deployed

BEGIN = moment_of(WALL)
MARKET = datetime(2012, 1, 3, 16)


def text(seconds: float) -> str:
    return (BEGIN + timedelta(seconds=seconds)).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def seen(journal: Journal, seconds: float) -> list[str]:
    told: list[str] = []
    look(journal, BEGIN + timedelta(seconds=seconds), text(seconds), lambda one: told.append(one.said))
    return told


@pytest.fixture
def journal(tmp_path):
    return deployed(tmp_path, TURNING)


def test_each_outage_is_told_of_once_also_by_a_watcher_that_was_begun_again(journal):
    journal.beat("one", text(100), MARKET)
    assert seen(journal, 160) == []
    assert seen(journal, 160.5) == [f"no heartbeat since {text(100)}"]
    assert seen(journal, 161) == [] and seen(journal, 9_999) == []
    again = Journal(journal.path)
    assert seen(again, 10_000) == []
    journal.beat("one", text(10_001), MARKET)
    assert seen(journal, 10_050) == []
    assert seen(journal, 10_062) == [f"no heartbeat since {text(10_001)}"]
    assert [line.kind for line in journal.told("one")] == ["silence"] * 2


def test_one_that_was_never_heard_of_has_a_minute_too(journal):
    assert seen(journal, 59) == []
    assert seen(journal, 61) == [f"no heartbeat since {WALL}"]


def test_a_run_that_was_just_begun_has_a_minute_of_its_own(journal):
    journal.beat("one", text(0), MARKET)
    journal.begin_run("one", 1, "", text(500))
    assert seen(journal, 510) == []
    assert seen(journal, 561) == [f"no heartbeat since {text(500)}"]


@pytest.mark.parametrize("state", ["stopped", "failed", "halted", "ended"])
def test_nothing_is_missed_of_what_should_not_run(journal, state):
    journal.beat("one", text(0), MARKET)
    journal.set_state("one", state)
    assert seen(journal, 10_000) == []


def test_a_clock_that_was_put_back_makes_no_outage(journal):
    journal.beat("one", text(5_000), MARKET)
    assert missed(journal, journal.deployment("one"), BEGIN) is None


def test_a_report_that_fails_is_made_again(journal):
    def fails(one):
        raise OSError("no network")

    with pytest.raises(OSError, match="no network"):
        look(journal, BEGIN + timedelta(seconds=100), text(100), fails)
    assert len(seen(journal, 101)) == 1


def test_watching_goes_on_by_its_clock_until_it_is_asked_to_end(journal):
    now, told, looked = [0.0], [], []
    why = watch(
        journal, lambda one: told.append(now[0]), now=lambda: BEGIN + timedelta(seconds=now[0]), at=lambda: text(now[0]),
        pause=lambda seconds: now.__setitem__(0, now[0] + seconds),
        asked=lambda: "enough" if now[0] > 300 else looked.append(now[0]) or "",
    )  # fmt: skip
    assert why == "enough" and told == [65.0] and len(looked) == 61


def test_a_watcher_that_sees_nothing_says_so_once_until_it_sees_again(journal):
    troubles, looks = [], iter([True, True, False, True, None])
    deployments = journal.deployments

    def blind():
        if seeing[0]:
            raise JournalError("damaged")
        return deployments()

    seeing = [next(looks)]
    journal.deployments = blind
    watch(
        journal, lambda one: None, now=lambda: BEGIN, at=lambda: text(0), pause=lambda _: seeing.__setitem__(0, next(looks)),
        asked=lambda: "" if seeing[0] is not None else "enough", trouble=troubles.append,
    )  # fmt: skip
    assert troubles == ["nothing is watched: damaged"] * 2


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_a_process_that_is_killed_hard_is_missed(tmp_path):
    journal = deployed(tmp_path, TURNING)
    code = (
        "import sys, time; from datetime import datetime; from pathlib import Path; "
        "from hidden_regime.operation.journal import Journal; from hidden_regime.operation.clocks import wall_text\n"
        f"journal = Journal(Path({str(journal.path)!r})); journal.begin_run('one', 1, '', wall_text())\n"
        "while True:\n journal.beat('one', wall_text(), datetime(2012, 1, 3)); time.sleep(0.02)"
    )
    alive = subprocess.Popen([sys.executable, "-c", code])
    limit, told = time.monotonic() + 30, []
    try:
        while journal.heartbeat("one") is None and time.monotonic() < limit:
            time.sleep(0.02)
        assert look(journal, utc(), wall_text(), told.append) == []
    finally:
        os.kill(alive.pid, signal.SIGKILL)
        alive.wait(10)
    later = utc() + timedelta(seconds=61)
    look(journal, later, wall_text(later.timestamp), told.append)
    assert [one.name for one in told] == ["one"] and 60.0 < told[0].age < 90.0
