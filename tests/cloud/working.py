"""The practice cloud as these tests use it: a client that waits without waiting, and what the server itself has."""

from __future__ import annotations

import time
from itertools import count

import httpx

from hidden_regime.cloud import Budget, Credentials, OptimizationSpec, QuantConnect
from hidden_regime.experiments.objective import Objective
from hidden_regime.experiments.space import Space
from tests.cloud.fake.asking import STRATEGY

LONG = 1e9
"""Seconds to wait for what really runs: the clock is ahead by all that was slept without sleeping."""
numbers = count(1)


class Clock:
    """A clock that sleeping moves, though it takes a moment only."""

    def __init__(self):
        self.slept = 0.0

    def __call__(self):
        return time.time() + self.slept

    def sleep(self, seconds):
        self.slept += seconds
        time.sleep(min(seconds, 0.03))


def connect(cloud, *, token=None, clock=None):
    """A client of the cloud."""
    clock = clock or Clock()
    http = httpx.Client(trust_env=False, verify=False)  # certificates, which nobody asks for here, take time to load
    return QuantConnect(Credentials(cloud.user_id, token or cloud.token), base_url=cloud.url, clock=clock, sleep=clock.sleep,
                        jitter=lambda: 0.5, requests_per_minute=1e9, http=http)  # fmt: skip


class Work:
    """A project on the cloud that was run once, with a budget, and what of it the server has."""

    def __init__(self, cloud, folder, strategy=STRATEGY):
        self.cloud = cloud
        self.qc, self.plain = connect(cloud), connect(cloud)
        self.project = self.plain.projects.create(f"Work {next(numbers)}").project_id
        self.plain.files.update(self.project, "main.py", strategy)
        self.compile_id = self.plain.compiles.run(self.project, timeout=LONG).compile_id
        self.first = self.plain.backtests.run(
            self.project, "first", timeout=LONG, compile_id=self.compile_id
        )  # an estimate takes one
        self.renew(folder)

    def renew(self, folder):
        """Begin anew: another key, an empty budget, and a client that has met no fault."""
        self.cloud.faults.clear()
        self.qc.close()
        self.folder = folder
        self.qc, self.key = connect(self.cloud), f"{next(numbers):08x}"
        self.budget = Budget(self.qc.account_name, folder / f"{self.key}.sqlite")
        for name in ("job", "day", "month", "live"):
            self.budget.set(name, 10_000, source="the test")
        self.charged_before = self.charges()

    def spec(self, days="5:10:5", **more):
        return OptimizationSpec(
            self.project, self.compile_id, "grid", Space.of({"days": days}), Objective("Sharpe Ratio", "max"), **more
        )

    def charges(self):
        """QCC that the server has taken so far."""
        movements = self.plain.account.credit(self.cloud.account.organization).movements
        return sum(-one.amount for one in movements if one.type == "debit")

    def charged(self):
        """QCC that the server has taken since the beginning."""
        return round(self.charges() - self.charged_before, 6)

    def close(self):
        self.cloud.faults.clear()
        self.plain.projects.delete(self.project)
        self.qc.close()
        self.plain.close()
