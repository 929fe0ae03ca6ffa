"""Processes: begun again when they die, given up when they die too often, ended when somebody asks."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time

import pytest

from hidden_regime.operation.errors import JournalError, OperationError
from hidden_regime.operation.running import child, process, supervisor
from hidden_regime.operation.running.supervisor import Supervisor, stop, supervisor_of
from tests.operation.strategies import TURNING
from tests.operation.worlds import WALL, backtest, deployed, journaled, strategy_at

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")


def dying(code):
    return lambda parent: [sys.executable, "-c", code]


def test_a_process_is_known_by_its_number_and_its_start():
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    started = process.started_of(child.pid)
    assert started and process.is_alive(child.pid, started)
    assert not process.is_alive(child.pid, started + "0")
    process.end(child.pid, started + "0", hard=True)
    assert process.is_alive(child.pid, started)
    process.end(child.pid, started, hard=True)
    assert child.wait(10) == -signal.SIGKILL
    assert not process.is_alive(child.pid, started)


def test_five_crashes_within_ten_minutes_open_the_breaker(tmp_path):
    journal = deployed(tmp_path, TURNING)
    waited = []
    made = Supervisor(
        journal, "one", command=dying("import os; os.kill(os.getpid(), 9)"), pause=waited.append, seconds=lambda: 0.0
    )
    assert made.run() == "failed"
    assert len(waited) == supervisor.CRASHES - 1 and max(waited) < 5.0
    kinds = [line.kind for line in journal.told("one")]
    assert kinds == ["crash"] * 4 + ["breaker"]
    assert "by signal 9, 5 times within 10 minutes" in journal.deployment("one").reason


def test_crashes_far_apart_do_not_open_it(tmp_path):
    journal = deployed(tmp_path, TURNING)
    hours = iter(range(0, 10**9, 3600))
    left = iter([1] * 7 + [0])
    made = Supervisor(
        journal, "one", command=lambda parent: [sys.executable, "-c", f"import sys; sys.exit({75 * next(left)})"],
        pause=lambda seconds: None, seconds=lambda: float(next(hours)),
    )  # fmt: skip
    assert made.run() == "stopped"
    assert [line.kind for line in journal.told("one")] == ["crash"] * 7


def test_what_does_not_pass_is_not_tried_again(tmp_path):
    journal = deployed(
        tmp_path, "from AlgorithmImports import *\n\nclass A(QCAlgorithm):\n    def initialize(self):\n        1 / 0\n"
    )
    assert Supervisor(journal, "one").run() == "failed"
    assert "ZeroDivisionError" in journal.deployment("one").reason or "division by zero" in journal.deployment("one").reason
    assert "crash" not in [line.kind for line in journal.told("one")]


def test_what_can_not_even_be_begun_says_why_in_the_journal(tmp_path, monkeypatch):
    monkeypatch.setattr(child, "_Asked", lambda parent: lambda: "")  # the tests keep their own signals
    journal = deployed(tmp_path, TURNING)
    (journal.folder("one") / "code" / "strategy.py").write_text("changed", encoding="utf-8")
    assert child.main(str(journal.path), "one", 0) == child.GIVES_UP
    found = journal.deployment("one")
    assert found.state == "failed" and "another one than was deployed" in found.reason
    assert [(line.level, line.said) for line in journal.told("one")] == [("error", found.reason)]
    journal.set_state("one", "halted", "the kill switch: flat")
    assert child.main(str(journal.path), "one", 0) == child.GIVES_UP
    assert journal.deployment("one").state == "halted"


DEAF = "import os, signal, sys; signal.signal(signal.SIGTERM, signal.SIG_IGN); open({!r}, 'w').write(str(os.getpid())); signal.pause()"


def test_one_that_hangs_is_ended_with_who_keeps_it_and_one_left_over_before_the_next(tmp_path):
    journal = deployed(tmp_path, TURNING)
    journal.set_state("one", "running")
    known = tmp_path / "pid"

    def interrupted():
        if known.exists() and known.read_text():
            raise KeyboardInterrupt

    kept = Supervisor(journal, "one", command=dying(DEAF.format(str(known))), tick=interrupted)
    assert kept.run() == "stopped" and not process.started_of(int(known.read_text()))
    assert journal.deployment("one").state == "stopped" and "ended hard" in journal.deployment("one").reason
    left = subprocess.Popen([sys.executable, "-c", "import signal; signal.pause()"])  # its keeper was killed, and it hangs
    journal.begin_run("one", left.pid, process.started_of(left.pid), WALL)
    Supervisor(journal, "one", command=dying("")).run()
    assert left.wait(10) == -signal.SIGKILL
    left = subprocess.Popen([sys.executable, "-c", "import signal; signal.pause()"])
    journal.begin_run("one", left.pid, process.started_of(left.pid), WALL)
    assert stop(journal, "one") and left.wait(10) == -signal.SIGKILL


def test_what_the_journal_could_not_take_is_said_by_who_kept_it_running(tmp_path, monkeypatch):
    journal = deployed(tmp_path, TURNING)
    journal.set_state("one", "running")
    mute = Supervisor(journal, "one", command=dying("import sys; sys.exit(1)"))
    assert mute.run() == "failed" and "process.log" in mute.unsaid

    def full(*_):
        raise JournalError("the disk is full")

    monkeypatch.setattr(journal, "tell", full)
    kept = Supervisor(journal, "one", command=dying("import sys; sys.exit(75)"), pause=lambda _: None, seconds=lambda: 0.0)
    assert kept.run() == "failed" and "5 times" in kept.unsaid and "the disk is full" in kept.unsaid


def test_a_run_whose_process_is_killed_hard_goes_on_within_seconds_and_is_equal(tmp_path):
    journal = deployed(tmp_path, TURNING, speed=1_500_000.0)
    killed, back = [], []

    def tick():
        runs = journal.file.rows("SELECT pid, started FROM runs WHERE ended = '' ORDER BY id DESC LIMIT 1")
        if runs and not killed and len(journal.slots("one")) > 12:
            process.end(*runs[0], hard=True)
            killed.append(time.monotonic())
        elif killed and not back and runs and len(journal.file.rows("SELECT id FROM runs")) > 1:
            back.append(time.monotonic())

    assert Supervisor(journal, "one", tick=tick).run() == "ended"
    assert killed and back and back[0] - killed[0] < 20.0  # under 5 s on a machine that has nothing else to do
    assert journaled(journal).orders == backtest(strategy_at(tmp_path / "mine", TURNING)).orders


def test_stop_ends_it_within_seconds_and_a_second_keeper_is_refused(tmp_path):
    journal = deployed(tmp_path, TURNING, speed=200_000.0)
    ended = []
    code = (
        "import sys; from hidden_regime.operation.journal import Journal; from pathlib import Path; "
        "from hidden_regime.operation.running.supervisor import Supervisor; import signal; asked = []; "
        "signal.signal(signal.SIGTERM, lambda *_: asked.append(1)); "
        f"print(Supervisor(Journal(Path({str(journal.path)!r})), 'one', asked=lambda: 'stopped' if asked else '').run())"
    )
    keeper = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    waiter = threading.Thread(target=lambda: ended.append(keeper.communicate()[0]))
    waiter.start()
    try:
        limit = time.monotonic() + 30
        while len(journal.slots("one")) < 2 and time.monotonic() < limit:
            time.sleep(0.05)
        assert supervisor_of(journal.folder("one"))[0] == keeper.pid
        with pytest.raises(OperationError, match=str(keeper.pid)):
            Supervisor(journal, "one").run()
        begin = time.monotonic()
        assert stop(journal, "one")
        assert time.monotonic() - begin < 10.0
    finally:
        if keeper.poll() is None:
            os.kill(keeper.pid, signal.SIGKILL)
        waiter.join(20)
    assert ended[0].strip() == "stopped" and journal.deployment("one").state == "stopped"
    assert supervisor_of(journal.folder("one")) is None
