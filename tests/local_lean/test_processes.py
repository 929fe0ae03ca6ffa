"""A program under a time limit, and what becomes of it where this process is interrupted."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest

from hidden_regime.local_lean.processes import run_logged, tail, terminations_raised

WAITS = [sys.executable, "-c", "import time; print('begun', flush=True); time.sleep(60)"]


def _run(command, tmp_path, timeout=30.0, stop=lambda: None):
    return run_logged(command, folder=tmp_path, environment=os.environ, log=tmp_path / "log", timeout=timeout, stop=stop)


def test_a_program_runs_without_input_and_leaves_its_output(tmp_path):
    code = "import sys; print(repr(sys.stdin.read()), flush=True); print('wrong', file=sys.stderr); sys.exit(3)"
    assert _run([sys.executable, "-c", code], tmp_path) == 3
    assert tail(tmp_path / "log") == "''\nwrong"


def test_the_tail_of_a_log_is_its_last_lines(tmp_path):
    (tmp_path / "log").write_bytes(b"a\nb\nc\xff\n\n")
    assert tail(tmp_path / "log", 2) == "b\nc\ufffd"
    assert tail(tmp_path / "none") == ""


def test_a_program_whose_time_is_up_runs_no_more(tmp_path, monkeypatch):
    monkeypatch.setattr("hidden_regime.local_lean.processes.ENDING", 0.05)
    stopped = []
    with pytest.raises(subprocess.TimeoutExpired):
        _run(WAITS, tmp_path, timeout=0.5, stop=lambda: stopped.append(1))
    assert stopped == [1, 1]


def test_a_termination_stops_what_was_started_and_ends_this_process(tmp_path):
    script = f"""
import os, sys
from pathlib import Path
from hidden_regime.local_lean import processes
processes.ENDING = 0.05
folder = Path({str(tmp_path)!r})
def stop():
    with open(folder / "stopped", "a", encoding="utf-8") as file:
        file.write("x")
processes.run_logged([sys.executable, "-c", "import time, os; print(os.getpid(), flush=True); time.sleep(60)"], folder=folder,
                     environment=os.environ, log=folder / "log", timeout=60, stop=stop)
"""
    process = subprocess.Popen([sys.executable, "-c", script])
    while not tail(tmp_path / "log"):
        time.sleep(0.02)
    process.send_signal(signal.SIGTERM)
    assert process.wait(20) == 128 + signal.SIGTERM
    assert (tmp_path / "stopped").read_text(encoding="utf-8") == "xx"
    with pytest.raises(ProcessLookupError):
        os.kill(int(tail(tmp_path / "log")), 0)


def test_a_handler_of_somebody_else_stays():
    def own(number, frame):
        pass

    before = signal.signal(signal.SIGTERM, own)
    try:
        with terminations_raised():
            assert signal.getsignal(signal.SIGTERM) is own
    finally:
        signal.signal(signal.SIGTERM, before)


def test_after_the_block_a_termination_is_what_it_was():
    with terminations_raised():
        assert signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
