"""No limit is exceeded, whoever asks at once, and nothing is forgotten when a process dies."""

from __future__ import annotations

import random
import signal
import sqlite3
import subprocess
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hidden_regime.cloud import Budget, BudgetExceeded, QCError
from hidden_regime.cloud.budget.budget import state_folder
from hidden_regime.exceptions import ParameterError

DAY = 86_400.0
NOON = 1_767_268_800.0
"""1 January 2026, 12:00 UTC."""


class Clock:
    def __init__(self, now=NOON):
        self.now = now

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def budget(tmp_path, clock):
    made = Budget("host/7", tmp_path / "budget.sqlite", clock=clock)
    for name, value in (("job", 30), ("day", 50), ("month", 80)):
        made.set(name, value, source="the test")
    return made


def test_without_limits_nothing_that_costs_money_goes(tmp_path, clock):
    empty = Budget("host/7", tmp_path / "budget.sqlite", clock=clock)
    for name in ("job", "day", "month"):
        with pytest.raises(BudgetExceeded, match=f"there is no limit for .*--set {name}="):
            empty.reserve("optimization", 1, "a")
        empty.set(name, 10, source="the test")
    assert empty.reserve("optimization", 1, "a").state == "reserved"


@pytest.mark.parametrize(("credits", "said"), [(31, "of 30 QCC a job, 30 are left")])
def test_a_job_has_a_limit(budget, credits, said):
    with pytest.raises(BudgetExceeded, match=said):
        budget.reserve("optimization", credits, "a")


def test_a_day_and_a_month_have_limits(budget, clock):
    budget.reserve("optimization", 30, "a")
    with pytest.raises(BudgetExceeded, match="of 50 QCC a day, UTC, 20 are left"):
        budget.reserve("optimization", 21, "b")
    budget.reserve("optimization", 20, "b")
    clock.now += DAY
    budget.reserve("optimization", 30, "c")
    with pytest.raises(BudgetExceeded, match="of 80 QCC a month, UTC, 0 are left"):
        budget.reserve("optimization", 1, "d")
    clock.now += 31 * DAY
    assert budget.spent("month") == 0
    budget.reserve("optimization", 30, "e")


def test_what_was_booked_counts_instead_of_what_was_set_aside(budget):
    first = budget.reserve("optimization", 30, "a")
    budget.submitting(first)
    budget.submitted(first, "O-1")
    budget.book(first, 12)
    assert budget.spent("day") == 12
    assert [(one.state, one.actual, one.remote) for one in budget.entries()] == [("booked", 12, "O-1")]


def test_what_was_given_back_counts_no_more(budget):
    first = budget.reserve("optimization", 30, "a")
    budget.free(first)
    assert budget.spent("day") == 0
    again = budget.reserve("optimization", 30, "a")
    assert again.state == "reserved" and len(budget.entries()) == 1


def test_the_same_name_is_set_aside_once(budget):
    first = budget.reserve("optimization", 30, "a")
    assert budget.reserve("optimization", 30, "a") == first
    assert budget.spent("day") == 30


def test_what_was_given_back_by_somebody_else_is_not_sent(budget):
    first = budget.reserve("optimization", 30, "a")
    budget.free(first)
    with pytest.raises(BudgetExceeded, match="not set aside any more"):
        budget.submitting(first)


def test_accounts_are_apart(budget, tmp_path, clock):
    other = Budget("practice/7", tmp_path / "budget.sqlite", clock=clock)
    budget.reserve("optimization", 30, "a")
    assert other.limits() == {} and other.entries() == [] and other.spent("day") == 0


def test_limits_have_their_source_and_day(budget):
    budget.set("backtests", 10, source="a page of 2026")
    found = budget.limits()["backtests"]
    assert (found.value, found.source, str(found.day)) == (10, "a page of 2026", "2026-01-01")
    budget.unset("backtests")
    assert "backtests" not in budget.limits()


@pytest.mark.parametrize(
    ("name", "value"), [("nonsense", 1), ("day", -1), ("day", 1.5), ("day", True), ("day", "5"), ("day", 2**60)]
)
def test_limits_that_can_not_be_are_refused(budget, name, value):
    with pytest.raises(ParameterError):
        budget.set(name, value, source="the test")


@pytest.mark.parametrize("credits", [-1, 0.5, True, "3", float("nan")])
def test_credits_are_whole(budget, credits):
    with pytest.raises(ParameterError, match="credits"):
        budget.reserve("optimization", credits, "a")


def test_counts_have_a_limit_a_day(budget, clock):
    assert [budget.count("backtests") for _ in range(3)] == [1, 2, 3]  # without a limit they are counted
    budget.set("backtests", 4, source="the test")
    budget.count("backtests")
    with pytest.raises(BudgetExceeded, match="4 of 4 backtests a day"):
        budget.count("backtests")
    assert budget.counted("backtests") == 4
    clock.now += DAY / 2
    assert budget.count("backtests") == 1


def test_a_name_is_counted_once_on_the_day_on_which_it_was_last_sent(budget, clock):
    budget.set("backtests", 2, source="the test")
    assert [budget.count("backtests", name=name) for name in ("a", "a", "b", "b", "a")] == [1, 1, 2, 2, 2]
    with pytest.raises(BudgetExceeded, match="2 of 2 backtests a day"):
        budget.count("backtests", name="c")
    with pytest.raises(BudgetExceeded, match="2 of 2 backtests a day"):
        budget.count("backtests")
    budget.uncount("backtests", "a")
    assert budget.count("backtests") == 2
    clock.now += DAY / 2
    assert budget.counted("backtests") == 0
    assert budget.count("backtests", name="b") == 1  # it never arrived, and is sent today
    clock.now -= DAY / 2
    assert budget.counted("backtests") == 1


def test_a_ledger_of_the_first_version_gets_what_is_new(tmp_path, clock):
    path = tmp_path / "budget.sqlite"
    Budget("host/7", path, clock=clock).count("backtests")
    with sqlite3.connect(path) as db:
        db.execute("DROP TABLE counted")
        db.execute("PRAGMA user_version = 1")
    db.close()
    assert Budget("host/7", path, clock=clock).count("backtests", name="a") == 2


def test_live_is_denied_until_it_is_set(budget):
    with pytest.raises(BudgetExceeded, match="live deployments"):
        budget.check("live", 1, "live deployments with this one")
    budget.check("files", 1000, "files of a project")
    budget.set("live", 1, source="the test")
    budget.check("live", 1, "live deployments with this one")


def test_a_damaged_ledger_stops_everything(budget, tmp_path):
    (tmp_path / "budget.sqlite").write_bytes(b"not a database at all, but long enough to look like one" * 40)
    with pytest.raises(QCError, match="nothing was sent"):
        budget.reserve("optimization", 1, "a")


def test_a_newer_ledger_is_refused(budget, tmp_path):
    with sqlite3.connect(tmp_path / "budget.sqlite") as db:
        db.execute("PRAGMA user_version = 9")
    db.close()
    with pytest.raises(QCError, match="newer version"):
        Budget("host/7", tmp_path / "budget.sqlite")


def test_a_place_that_can_not_be_written_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(QCError, match="expected a place"):
        Budget("host/7", tmp_path / "file" / "budget.sqlite")


def test_the_ledger_is_no_cache(monkeypatch, tmp_path):
    monkeypatch.setenv("HIDDEN_REGIME_STATE", str(tmp_path))
    assert state_folder() == tmp_path
    monkeypatch.delenv("HIDDEN_REGIME_STATE")
    assert state_folder().name == ".hidden-regime"


@settings(deadline=None)  # each transaction is on the disk before the next
@given(st.lists(st.tuples(st.integers(0, 40), st.sampled_from(["reserve", "book", "free"]), st.integers(0, 40)), max_size=25))
def test_the_sums_are_those_of_a_plain_list(tmp_path_factory, steps):
    budget = Budget("a", tmp_path_factory.mktemp("ledger") / "budget.sqlite", clock=Clock())
    for name, value in (("job", 30), ("day", 100), ("month", 100)):
        budget.set(name, value, source="the test")
    mirror: dict[int, int] = {}
    entries = []
    for place, (credits, action, actual) in enumerate(steps):
        if action == "reserve" or not entries:
            allowed = credits <= 30 and sum(mirror.values()) + credits <= 100
            if allowed:
                entries.append(budget.reserve("optimization", credits, f"job {place}"))
                mirror[entries[-1].id] = credits
            else:
                with pytest.raises(BudgetExceeded):
                    budget.reserve("optimization", credits, f"job {place}")
        else:
            entry = entries[credits % len(entries)]
            budget.book(entry, actual) if action == "book" else budget.free(entry)
            mirror[entry.id] = actual if action == "book" else 0
        assert budget.spent("day") == budget.spent("month") == sum(mirror.values())


def _worker(path, number, n_jobs):
    """Jobs of random size of one process: reserved, some freed, some booked at what they really cost, which is never more."""
    rng = random.Random(number)
    budget = Budget("host/7", path, clock=Clock(NOON + 3 * DAY * rng.random()))
    sent = counted = 0
    for job in range(n_jobs):
        credits = rng.choice([0, 1, 5, 20, 31, 200])
        try:
            entry = budget.reserve("optimization", credits, f"{number}-{job}")
            sent += credits
        except BudgetExceeded:
            entry = None
        if entry is not None and rng.random() < 0.5:
            budget.submitting(entry)
            budget.submitted(entry, f"O-{number}-{job}")
            if rng.random() < 0.5:
                budget.book(entry, rng.randint(0, credits))
        elif entry is not None and rng.random() < 0.5:
            budget.free(entry)
        try:
            budget.count("backtests")
            counted += 1
        except BudgetExceeded:
            pass
    return counted


def test_a_thousand_jobs_of_eight_processes_exceed_no_limit(tmp_path):
    path = tmp_path / "budget.sqlite"
    budget = Budget("host/7", path, clock=Clock())
    limits = {"job": 30, "day": 300, "month": 700, "backtests": 60}
    for name, value in limits.items():
        budget.set(name, value, source="the test")
    with ProcessPoolExecutor(8, mp_context=get_context("spawn")) as pool:
        counted = sum(pool.map(_worker, [path] * 8, range(8), [125] * 8))
    with sqlite3.connect(path) as db:
        days = dict(
            db.execute(
                "SELECT day, SUM(CASE state WHEN 'freed' THEN 0 ELSE COALESCE(actual, reserved) END) FROM spend GROUP BY 1"
            )
        )
        largest = db.execute("SELECT MAX(reserved) FROM spend").fetchone()[0]
        counts = dict(db.execute("SELECT day, n FROM counts"))
    db.close()
    assert (
        len(days) >= 3
        and max(days.values()) <= limits["day"]
        and sum(days.values()) <= limits["month"]
        and largest <= limits["job"]
    )
    assert max(days.values()) > 0.8 * limits["day"] or sum(days.values()) > 0.8 * limits["month"]  # it was asked for more
    assert max(counts.values()) <= limits["backtests"] and sum(counts.values()) == counted


KILLED = """
import sys
from pathlib import Path
from hidden_regime.cloud import Budget
budget = Budget("host/7", Path(sys.argv[1]), clock=lambda: 1_767_268_800.0)
print("ready", flush=True)
for n in range(100_000):
    entry = budget.reserve("optimization", 1, f"job {n}")
    budget.submitting(entry)
    print(n, flush=True)
"""


def test_a_kill_loses_nothing_that_was_about_to_be_sent(tmp_path):
    path = tmp_path / "budget.sqlite"
    budget = Budget("host/7", path, clock=Clock())
    for name in ("job", "day", "month"):
        budget.set(name, 1_000_000, source="the test")
    with subprocess.Popen([sys.executable, "-c", KILLED, str(path)], stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout.readline() == "ready\n"
        time.sleep(0.3)
        child.send_signal(signal.SIGKILL)
        told = [int(line) for line in child.stdout.read().split("\n")[:-1] if line]
    kept = {one.name: one.state for one in budget.entries()}
    assert told and all(kept[f"job {n}"] == "submitting" for n in told)
    assert len(kept) - len(told) <= 1
    assert budget.spent("day") == len(kept)
