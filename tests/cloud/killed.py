"""Processes that are killed again and again: each is forked from one that has imported everything, since that takes seconds.

Run as `python -m tests.cloud.killed client URL LEDGER PROJECT COMPILE` or `... server STORE`. For each line of its input it
forks; the child tells its number and then what it does, and its end is told after a `=`.
"""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import time
import traceback
from contextlib import suppress
from pathlib import Path

import httpx

from hidden_regime.cloud import Budget, Credentials, OptimizationSpec, QCError, QuantConnect
from hidden_regime.cloud.fake import FakeCloud
from hidden_regime.experiments.objective import Objective
from hidden_regime.experiments.space import Space

ROOT = Path(__file__).parents[2]
QUICK = 0.02
DONE, TOLD, FAILED = 0, 3, 4
"""Exit codes of a client: through with it, ended by an error of ours, ended by another."""


def client(http, url, sleep=QUICK):
    """A client that waits a moment where others wait seconds."""
    return QuantConnect(
        Credentials("1", "practice"), base_url=url, sleep=lambda s: time.sleep(min(s, sleep)), requests_per_minute=1e9, http=http
    )


def work(qc, ledger, project, compile_id, keys):
    """Begin an optimisation and backtests, each under its key, and wait for all of them."""
    budget = Budget("practice", Path(ledger))
    spec = OptimizationSpec(project, compile_id, "grid", Space.of({"days": "5:15:5"}), Objective("Sharpe Ratio", "max"))
    begun = qc.optimizations.create(spec, budget, key=keys[0])
    runs = [
        qc.backtests.create(project, compile_id, "run", {"days": 5 + n}, key=key, budget=budget) for n, key in enumerate(keys[1:])
    ]
    done = qc.optimizations.wait(begun.optimization_id, timeout=120, budget=budget)
    return done, [qc.backtests.wait(project, one.backtest_id, timeout=120) for one in runs]


def run_client(url, ledger, project, compile_id, keys):
    def tell(_):
        os.write(1, b".")

    http = httpx.Client(trust_env=False, verify=False, event_hooks={"request": [tell], "response": [tell]})
    work(client(http, url), ledger, int(project), compile_id, keys.split(","))


def run_server(store, port):
    cloud = FakeCloud(store, port=int(port)).start()
    os.write(1, cloud.url.encode() + b"\n")
    signal.pause()


def child(role, given):
    """What a forked process does; nothing of its parent's is run at its end."""
    try:
        os.write(1, f"{os.getpid()}\n".encode())
        {"client": run_client, "server": run_server}[role](*given)
    except QCError:
        traceback.print_exc()
        os._exit(TOLD)
    except BaseException:  # noqa: BLE001 - nothing may get out of a forked process
        traceback.print_exc()
        os._exit(FAILED)
    os._exit(DONE)


def main():
    role, *given = sys.argv[1:]
    while line := sys.stdin.buffer.raw.readline():
        pid = os.fork()
        if not pid:
            child(role, [*given, line.decode().strip()])
        status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        os.write(1, f"={status}\n".encode())


class Killable:
    """One of the processes above, as a test sees it."""

    def __init__(self, *arguments):
        path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.cloud.killed", *map(str, arguments)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            bufsize=0, cwd=ROOT, env=os.environ | {"PYTHONPATH": path},
        )  # fmt: skip
        self.said = b""
        self.pid = 0

    def begin(self, line):
        """Fork one, and give its first word."""
        self.said = b""
        self.process.stdin.write(f"{line}\n".encode())
        self.pid = int(self.until(lambda said: b"\n" in said).split(b"\n")[0])
        self.said = self.said.split(b"\n", 1)[1]

    def until(self, fits, timeout=120.0):
        """What it said, as soon as that fits, or after a while."""
        end = time.monotonic() + timeout
        while not fits(self.said):
            if not select.select([self.process.stdout], [], [], max(0.0, end - time.monotonic()))[0]:
                break
            more = os.read(self.process.stdout.fileno(), 65_536)
            if not more:
                raise AssertionError(self.process.stderr.read().decode())
            self.said += more
        return self.said

    @property
    def ended(self):
        """Its exit code; None while it goes on."""
        return int(self.said.split(b"=")[1]) if self.said.endswith(b"\n") and b"=" in self.said else None

    def kill(self):
        """Kill it, and give the code with which it ended: it may have been faster."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        self.until(lambda said: b"=" in said and said.endswith(b"\n"))
        return self.ended

    def close(self):
        if self.pid and self.ended is None:
            self.kill()
        self.process.stdin.close()
        self.process.wait(30)
        self.process.stdout.close()
        self.process.stderr.close()


if __name__ == "__main__":
    main()
