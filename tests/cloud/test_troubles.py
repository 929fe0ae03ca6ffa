"""A day on the practice cloud on which things go wrong: each ends in the right result or in words, nothing lost and nothing paid twice."""

from __future__ import annotations

import os

import pytest

from hidden_regime.cloud import (
    AuthenticationFailed,
    BudgetExceeded,
    NotFound,
    OptimizationSpec,
    QCError,
    RequestRefused,
    RunFailed,
    Waiting,
)
from hidden_regime.cloud.fake import FakeCloud, Settings
from hidden_regime.experiments.objective import Objective
from hidden_regime.experiments.space import Space
from tests.cloud.fake.asking import FOREVER, STRATEGY
from tests.cloud.working import LONG, Clock, Work, connect

DAY = 86_400.0
NEW = "aFieldOfTomorrow"
"""What the fault of extra fields adds, to what is kept by name or id, too."""


def backtests_of(work, name):
    return [one for one in work.plain.backtests.list(work.project) if one.name == f"{name} #{work.key}"]


@pytest.mark.parametrize("refuse_with", ["reply", "status"])
def test_a_wrong_token_begins_nothing_and_keeps_nothing_set_aside(work, worker, tmp_path, refuse_with):
    with FakeCloud(tmp_path / "own", pool=worker, settings=Settings(refuse_with=refuse_with)) as cloud:
        wrong, right = connect(cloud, token="another"), connect(cloud)
        with wrong, right:
            for call in (
                wrong.account.authenticate,
                lambda: wrong.projects.create("mine"),
                lambda: wrong.backtests.create(work.project, work.compile_id, "mine", budget=work.budget),
                lambda: wrong.optimizations.create(work.spec(), work.budget),
            ):
                with pytest.raises(AuthenticationFailed, match="Check user id and token"):
                    call()
            assert right.projects.list() == () and cloud.unexpected == []
    assert work.budget.counted("backtests") == 0 and work.budget.entries() == []


def test_a_quota_that_the_server_has_used_up_is_told_and_is_new_tomorrow(worker, tmp_path):
    clock = Clock()
    with FakeCloud(tmp_path / "own", pool=worker, settings=Settings(backtests_a_day=3), clock=clock) as cloud:
        work = Work(cloud, tmp_path)  # which runs the first one
        work.budget.clock = clock
        with connect(cloud, clock=clock) as qc:
            for n in range(2):
                qc.backtests.run(work.project, f"run {n}", timeout=LONG, compile_id=work.compile_id, budget=work.budget)
            for _ in range(3):  # what is refused is never counted, however often it is tried
                with pytest.raises(RequestRefused, match=r"daily limit of 3 backtests.*try again tomorrow"):
                    qc.backtests.create(work.project, work.compile_id, "mine", key=work.key, budget=work.budget)
            assert work.budget.counted("backtests") == 2 and backtests_of(work, "mine") == []
            clock.slept += DAY
            qc.backtests.create(work.project, work.compile_id, "mine", key=work.key, budget=work.budget)
            assert work.budget.counted("backtests") == 1 == len(backtests_of(work, "mine"))
        work.close()


def test_a_quota_of_the_budget_stops_before_anything_is_sent(work):
    work.budget.set("backtests", 1, source="the test")
    work.qc.backtests.run(work.project, "mine", timeout=LONG, compile_id=work.compile_id, budget=work.budget, key=work.key)
    calls = len(work.cloud.calls)
    with pytest.raises(BudgetExceeded, match=r"Nothing was sent\. Wait for tomorrow"):
        work.qc.backtests.run(work.project, "more", timeout=LONG, compile_id=work.compile_id, budget=work.budget)
    assert len(work.cloud.calls) == calls
    again = work.qc.backtests.run(
        work.project, "mine", timeout=LONG, compile_id=work.compile_id, budget=work.budget, key=work.key
    )
    assert again.done and work.budget.counted("backtests") == 1 == len(backtests_of(work, "mine"))


def test_a_compilation_that_is_half_finished_begins_nothing(work):
    """The only worker is kept busy, so that a compilation stays in the queue for as long as it takes."""
    other = work.plain.projects.create(f"Busy {work.key}").project_id
    work.plain.files.update(other, "main.py", FOREVER)
    busy = work.plain.backtests.create(other, work.plain.compiles.run(other, timeout=LONG).compile_id, "for ever").backtest_id
    while not work.plain.backtests.read(other, busy).status.startswith("Running"):
        work.plain.transport.sleep(1.0)
    half = work.qc.compiles.create(work.project)
    with pytest.raises(RequestRefused, match=f"compile {half.compile_id} is InQueue"):
        work.qc.backtests.create(work.project, half.compile_id, "mine", key=work.key, budget=work.budget)
    with pytest.raises(Waiting, match="isn't over after 60 s and goes on in the cloud"):
        work.qc.compiles.run(work.project, timeout=60)
    assert work.budget.counted("backtests") == 0 and backtests_of(work, "mine") == []
    work.plain.backtests.delete(other, busy)
    with pytest.raises(NotFound, match="Backtest not found"):  # a job that is cancelled as one waits for it
        work.qc.backtests.wait(other, busy, timeout=LONG)
    assert work.qc.compiles.run(work.project, timeout=LONG).state == "BuildSuccess"
    work.plain.projects.delete(other)


def test_an_optimisation_that_is_aborted_in_the_middle_costs_what_it_consumed(work):
    begun = work.qc.optimizations.create(work.spec("5:44:1", node_type="O8-16"), work.budget, key=work.key)
    (entry,) = work.budget.entries()

    def abort(found):
        if found.runtime_statistics.completed >= 15 and not found.done:
            work.plain.optimizations.abort(found.optimization_id)

    found = work.qc.optimizations.wait(begun.optimization_id, timeout=LONG, budget=work.budget, progress=abort)
    (booked,) = work.budget.entries()
    done = found.runtime_statistics.completed
    assert found.status == "aborted" and 15 <= done < 40 and len(found.backtests) == done
    assert booked.state == "booked" and booked.counted == work.charged() == work.budget.spent("day")
    assert 0 < booked.counted < entry.reserved
    assert work.qc.optimizations.settle(work.budget, older=0) == [] and work.budget.entries() == [booked]


def whole_day(work, qc, name):
    """Everything that one does in the cloud, and what came of it."""
    project = qc.projects.create(f"{name} {work.key}").project_id
    qc.files.create(project, "notes.py", "x = 1\n")
    qc.files.update(project, "main.py", STRATEGY)
    qc.files.rename(project, "notes.py", "remarks.py")
    compiled = qc.compiles.run(project, timeout=LONG).compile_id
    run = qc.backtests.run(project, "run", {"days": 7}, timeout=LONG, compile_id=compiled, key=work.key, budget=work.budget)
    spec = OptimizationSpec(project, compiled, "grid", Space.of({"days": "5:10:5"}), Objective("Sharpe Ratio", "max"))
    begun = qc.optimizations.create(spec, work.budget, key=work.key)
    done = qc.optimizations.wait(begun.optimization_id, timeout=LONG, budget=work.budget)
    told = {
        "statistics": run.statistics, "parameters": run.parameter_set,
        "performance": {one: value for one, value in run.total_performance.portfolio_statistics.items() if one != NEW},
        "orders": [(one.id, one.symbol, one.quantity, one.price) for one in qc.backtests.orders(project, run.backtest_id)],
        "log": list(qc.backtests.log(project, run.backtest_id)), "report": "Sharpe Ratio" in qc.backtests.report(project, run.backtest_id),
        "equity": qc.backtests.chart(project, run.backtest_id, "Strategy Equity").series["Equity"].values,
        "grid": {one.parameter_set["days"]: one.statistics for id, one in done.backtests.items() if id != NEW}, "status": done.status,
    }  # fmt: skip
    qc.files.delete(project, "remarks.py")
    return project, told


def end_of_the_day(work, project, name):
    """What there is of it on the server, and in the budget."""
    plain = work.plain
    told = {
        "projects": [one.name for one in plain.projects.list() if one.name.startswith(name)], "files": [one.name for one in plain.files.list(project)],
        "backtests": [one.name for one in plain.backtests.list(project)], "optimizations": [one.name for one in plain.optimizations.list(project)],
        "counted": work.budget.counted("backtests"), "ledger": [(one.name, one.state) for one in work.budget.entries()],
        "booked": work.budget.spent("day") - work.charged(),
    }  # fmt: skip
    plain.projects.delete(project)
    return told


def once(work, name):
    key = work.key
    return {
        "projects": [f"{name} {key}"], "files": ["main.py"], "backtests": [f"run #{key}"], "optimizations": [f"grid #{key}"], "counted": 1,
        "ledger": [(f"grid #{key}", "booked")], "booked": 0,
    }  # fmt: skip


def test_whichever_reply_is_lost_everything_exists_once_and_nothing_differs(work, tmp_path):
    project, right = whole_day(work, work.qc, "Right")
    assert end_of_the_day(work, project, "Right") == once(work, "Right")
    assert right["orders"] and right["log"] and len(right["grid"]) == 2
    for place in range(0, 200, 1 if "HIDDEN_REGIME_KILLS" in os.environ else 3):
        work.renew(tmp_path)
        work.cloud.faults.add("*", "lost reply", after=place)
        project, told = whole_day(work, work.qc, "Lost")
        left = work.cloud.faults.told()
        work.cloud.faults.clear()
        assert told == right and end_of_the_day(work, project, "Lost") == once(work, "Lost"), place
        if left:  # there were fewer requests than that
            break
    assert 20 < place < 100


def test_fields_that_nobody_knows_change_nothing(work):
    project, right = whole_day(work, work.plain, "Right")
    work.plain.projects.delete(project)
    work.renew(work.folder)
    work.cloud.faults.add("*", "extra fields", times=None)
    project, told = whole_day(work, work.qc, "Extra")
    work.cloud.faults.clear()
    assert told == right and end_of_the_day(work, project, "Extra") == once(work, "Extra")


def test_empty_lists_for_every_object_end_in_words(work):
    """So that nothing is believed to be over without its figures."""
    work.cloud.faults.add("*", "empty lists", times=None)
    with pytest.raises(RunFailed, match="says completed, without figures"):
        whole_day(work, work.qc, "Empty")


@pytest.mark.parametrize("kind", ["html 200", "html 502", "empty 500", "closed"])
def test_a_server_that_answers_with_pages_alone_loses_nothing(work, kind):
    before = work.plain.backtests.list(work.project)
    work.cloud.faults.add("*", kind, times=None)
    for call in (
        lambda: work.qc.backtests.create(work.project, work.compile_id, "mine", budget=work.budget),
        lambda: work.qc.backtests.run(work.project, "mine", timeout=60, budget=work.budget),
        lambda: work.qc.optimizations.create(work.spec(), work.budget, key=work.key), lambda: work.qc.projects.create(f"Pages {work.key}"),
        lambda: work.qc.backtests.wait(work.project, work.first.backtest_id, timeout=60), work.qc.account.read,
    ):  # fmt: skip
        with pytest.raises(QCError, match=r"[Tt]ry again later|Look for that name"):
            call()
    work.cloud.faults.clear()
    assert work.budget.counted("backtests") == 1  # of the first one nobody can tell, for the list was a page, too
    assert work.budget.entries() == []
    assert work.plain.backtests.list(work.project) == before and all(
        work.key not in one.name for one in work.plain.projects.list()
    )
