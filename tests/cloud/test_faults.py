"""Whatever goes wrong as something is begun in the practice cloud: it exists once, both ledgers agree, or a message says what to do."""

from __future__ import annotations

import re
import time

import pytest

from hidden_regime.cloud import (
    AuthenticationFailed,
    CapacityBusy,
    QCError,
    RateLimited,
    RequestRefused,
    ServerError,
)
from hidden_regime.cloud.fake.faults import Kind
from tests.cloud.working import LONG

REMEDY = re.compile(r"[Tt]ry again|[Tt]ry later|Check|Look for|Wait until|Give another")
SECONDS = {Kind.DELAY: 0.05, Kind.SKEW: 9_000.0, Kind.TOO_MANY: 60.0}
OUTLIVED = {Kind.DELAY, Kind.LOST_REPLY, Kind.SKEW, Kind.EXTRA_FIELDS, Kind.EMPTY_LISTS}
"""What no client should notice, however often it happens. The others end in these errors where they never end, or at once."""
ERRORS = {
    Kind.EMPTY_500: ServerError, Kind.HTML_502: ServerError, Kind.HTML_200: ServerError, Kind.CLOSED: ServerError,
    Kind.TOO_MANY: RateLimited, Kind.CAPACITY: CapacityBusy, Kind.NO_NODE: CapacityBusy, Kind.LOCKED: RequestRefused,
    Kind.WRONG_HASH: AuthenticationFailed,
}  # fmt: skip
AT_ONCE = {Kind.LOCKED, Kind.WRONG_HASH}


class Creating:
    """One of the calls that begin or make something."""

    def __init__(self, work):
        self.work, self.qc, self.project = work, work.qc, work.project

    def agree(self):
        """Both ledgers say the same."""

    def end(self):
        """Leave nothing that is in the next one's way."""


class Projects(Creating):
    endpoint = "projects/create"

    def make(self):
        return self.qc.projects.create(f"Made {self.work.key}")

    def there(self):
        return [one for one in self.work.plain.projects.list() if one.name.startswith(f"Made {self.work.key}")]


class Files(Creating):
    endpoint = "files/create"

    def make(self):
        self.qc.files.create(self.project, f"{self.work.key}.py", "x = 1\n")

    def there(self):
        return [
            one
            for one in self.work.plain.files.list(self.project)
            if (one.name, one.content) == (f"{self.work.key}.py", "x = 1\n")
        ]

    def end(self):
        self.work.plain.files.delete(self.project, f"{self.work.key}.py")


class Backtests(Creating):
    endpoint = "backtests/create"

    def make(self):
        return self.qc.backtests.create(self.project, self.work.compile_id, "mine", key=self.work.key, budget=self.work.budget)

    def there(self):
        return [one for one in self.work.plain.backtests.list(self.project) if one.name == f"mine #{self.work.key}"]

    def agree(self):
        there = self.there()
        assert self.work.budget.counted("backtests") == len(there)
        for one in there:
            assert not self.work.plain.backtests.wait(self.project, one.backtest_id, timeout=LONG).failed


class Optimizations(Creating):
    endpoint = "optimizations/create"

    def make(self):
        return self.qc.optimizations.create(self.work.spec(), self.work.budget, key=self.work.key)

    def there(self):
        return [one for one in self.work.plain.optimizations.list(self.project) if one.name == f"grid #{self.work.key}"]

    def agree(self):
        """What is set aside is for what exists; what was consumed is booked."""
        there, budget = self.there(), self.work.budget
        open_entries = [one for one in budget.entries() if one.state != "freed"]
        assert [one.remote for one in open_entries] == [one.optimization_id for one in there]
        for one in there:
            self.work.plain.optimizations.wait(one.optimization_id, timeout=LONG, budget=budget)
        assert budget.spent("day") == self.work.charged() and (self.work.charged() > 0) is bool(there)
        assert all(one.state in ("booked", "freed") for one in budget.entries())


class Lives(Creating):
    endpoint = "live/create"

    def make(self):
        node = self.work.plain.nodes.read(self.project).nodes.live[0].id
        return self.qc.live.create(self.project, self.work.compile_id, node, self.work.budget)

    def there(self):
        return [one for one in self.work.plain.live.list() if one.project_id == self.project and not one.ended]

    def end(self):
        self.work.plain.live.stop(self.project)

    def agree(self):
        while any(one.status != "Running" for one in self.there()):  # what is stopped before takes the worker with it
            time.sleep(0.02)


KINDS = [pytest.param(kind, id=kind.value) for kind in Kind]
MAKERS = [pytest.param(kind, id=kind.endpoint) for kind in (Projects, Files, Backtests, Optimizations, Lives)]


@pytest.fixture
def maker(request, work):
    maker = request.param(work)
    yield maker
    work.cloud.faults.clear()
    maker.end()


def test_every_kind_of_fault_is_meant():
    assert set(Kind) == OUTLIVED | set(ERRORS)


@pytest.mark.parametrize("maker", MAKERS, indirect=True)
@pytest.mark.parametrize("kind", KINDS)
def test_a_fault_that_happens_once(maker, kind, practice):
    practice.faults.add(maker.endpoint, kind, seconds=SECONDS.get(kind, 1.0))
    if kind in AT_ONCE or kind is Kind.SKEW:  # a server whose clock is wrong for one request, and right for the next
        with pytest.raises(AuthenticationFailed if kind is Kind.SKEW else ERRORS[kind]) as told:
            maker.make()
        assert REMEDY.search(str(told.value))
        assert maker.there() == []
        maker.agree()
    maker.make()
    assert len(maker.there()) == 1
    maker.agree()


@pytest.mark.parametrize("maker", MAKERS, indirect=True)
@pytest.mark.parametrize("kind", KINDS)
def test_a_fault_that_does_not_end(maker, kind, practice):
    practice.faults.add(maker.endpoint, kind, times=None, seconds=SECONDS.get(kind, 1.0))
    if kind in OUTLIVED:
        maker.make()
    else:
        with pytest.raises(ERRORS[kind]) as told:
            maker.make()
        assert type(told.value) is not QCError and REMEDY.search(str(told.value)), str(told.value)
        assert maker.there() == []
        maker.agree()
        practice.faults.clear()
        maker.make()
    assert len(maker.there()) == 1
    practice.faults.clear()
    maker.agree()
