"""Runs definitions, each in a process of its own that is forked from one which holds the imports."""

from __future__ import annotations

import importlib
import os
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks.lean_suite.definitions import Definition
from benchmarks.lean_suite.judging import Outcome, judge

PARAMETERS = {"ema-fast": "10", "ema-slow": "20"}
"""Those with which LEAN's own test runs."""
LIMIT = 120.0
"""Seconds for one definition."""
CRASHED = 70
PRELOADED = ("hidden_regime.cli.main", "hidden_regime.simulator.run", "hidden_regime.research.backtest")


class Job(NamedTuple):
    """A definition in a process of its own."""

    definition: Definition
    folder: Path
    pid: int
    begin: float


def start(definition: Definition, lean: Path, out: Path) -> Job:
    """Fork, and run the project's command in the child."""
    folder = out / definition.name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    command = ["backtest", str(definition.file), "--data", str(lean / "Data"), "--no-report", "--quiet", "--out", str(folder)]
    command += [f"--parameter={name}={value}" for name, value in PARAMETERS.items()]
    sys.stdout.flush()
    pid = os.fork()
    if pid == 0:
        os._exit(_child(command, folder))
    return Job(definition, folder, pid, time.monotonic())


def _child(command: list[str], folder: Path) -> int:
    os.setsid()
    for number, name in ((1, "stdout.txt"), (2, "stderr.txt")):
        os.dup2(os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number)
    code = CRASHED
    try:
        with tempfile.TemporaryDirectory() as work:
            os.chdir(work)
            sys.argv = ["hidden-regime", *command]
            sys.modules["hidden_regime.cli.main"].app(command)
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:  # noqa: BLE001 - whatever escapes the command is what is looked for
        traceback.print_exc()
    sys.stdout.flush()
    sys.stderr.flush()
    return code


def wait(jobs: list[Job]) -> tuple[Job, int | None]:
    """The next job that ends, and its exit code: None if it took too long."""
    while True:
        for job in jobs:
            pid, status = os.waitpid(job.pid, os.WNOHANG)
            if pid:
                return job, os.waitstatus_to_exitcode(status)
            if time.monotonic() - job.begin > LIMIT:
                os.killpg(job.pid, signal.SIGKILL)
                os.waitpid(job.pid, 0)
                return job, None
        time.sleep(0.02)


def run(chosen: Sequence[Definition], lean: Path, out: Path, jobs: int) -> dict[str, Outcome]:
    """Run definitions, so many at a time."""
    for module in PRELOADED:
        importlib.import_module(module)
    out.mkdir(parents=True, exist_ok=True)
    waiting, running, outcomes = list(reversed(chosen)), list[Job](), dict[str, Outcome]()
    while waiting or running:
        while waiting and len(running) < max(jobs, 1):
            running.append(start(waiting.pop(), lean, out))
        job, code = wait(running)
        running.remove(job)
        name, outcome = job.definition.name, judge(job.definition, code, job.folder)
        outcomes[name] = outcome
        seconds = time.monotonic() - job.begin
        print(f"{len(outcomes)}/{len(chosen)} {name}: {outcome.kind}, {seconds:.1f} s. {outcome.detail[:150]}", flush=True)
    return outcomes
