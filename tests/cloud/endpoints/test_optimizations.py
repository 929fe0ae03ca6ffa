"""Optimisations: the exact texts that are sent, what they may cost, and that each is begun, paid and booked once."""

from __future__ import annotations

import copy

import pytest

from hidden_regime.cloud import (
    AuthenticationFailed,
    Budget,
    BudgetExceeded,
    CapacityBusy,
    NotFound,
    OptimizationSpec,
    RequestRefused,
    RunFailed,
    ServerError,
    Unclear,
    Waiting,
)
from hidden_regime.cloud.records.optimizations import NodeType, Strategy, TargetStatistic
from hidden_regime.exceptions import ParameterError
from hidden_regime.experiments.constraint import Constraint
from hidden_regime.experiments.objective import Objective
from hidden_regime.experiments.space import Space
from tests.cloud.scripted import EMPTY_500, HTML, LOST, UNREACHED, Scripted

NOW, KEY = 1_700_000_000.0, "0a1b2c3d"
NAME = f"grid #{KEY}"
GRID = "QuantConnect.Optimizer.Strategies.GridSearchOptimizationStrategy"
SHARPE = "TotalPerformance.PortfolioStatistics.SharpeRatio"
ESTIMATE = {"success": True, "estimate": {"estimateId": "e", "time": 26, "balance": 9_000}}
GONE = {"success": False, "errors": ["Optimization not found or permission denied."]}


def spec(objective="Sharpe Ratio", direction="max", *, value=None, space=None, **more):
    return OptimizationSpec(
        7, "c-1", "grid", Space.of(space or {"fast": "10:20:10"}), Objective(objective, direction, value), **more
    )


def told(id="O-1", status="running", name=NAME, consumed=None, **fields):
    runtime = [] if consumed is None else {"Consumed": consumed}
    return {"optimizationId": id, "name": name, "status": status, "projectId": 7, "runtimeStatistics": runtime, **fields}


@pytest.fixture
def budget(tmp_path):
    made = Budget("host/42", tmp_path / "budget.sqlite", clock=lambda: NOW)
    for name, credits in (("job", 30), ("day", 50), ("month", 80)):
        made.set(name, credits, source="the test")
    return made


class Optimizations:
    """Begins an optimisation at each call and loses as many replies as it is told, after or before the work."""

    def __init__(self, lost=(), *, worked=True, late=0, status="running", consumed=None, estimate=ESTIMATE):
        self.begun, self.lost, self.worked, self.late = [], list(lost), worked, late
        self.status, self.consumed, self.estimate = status, consumed, estimate

    def create(self, fields):
        failure = self.lost.pop(0) if self.lost else None
        if failure is None or self.worked:
            self.begun.append(fields["name"])
        if isinstance(failure, BaseException):
            raise failure
        return failure or {"success": True, "optimizations": [self.one(len(self.begun))]}

    def one(self, number):
        return told(f"O-{number}", self.status, self.begun[number - 1], self.consumed)

    def list(self, _):
        if self.late:
            self.late -= 1
            return {"success": True, "optimizations": []}
        return {"success": True, "optimizations": [self.one(n) for n in range(1, len(self.begun) + 1)]}

    def read(self, fields):
        number = int(fields["optimizationId"].removeprefix("O-"))
        return {"success": True, "optimization": self.one(number)} if number <= len(self.begun) else GONE

    def abort(self, _):
        self.status = "aborted"
        return {"success": True}

    def server(self):
        return Scripted({
            "optimizations/estimate": self.estimate, "optimizations/create": self.create, "optimizations/list": self.list,
            "optimizations/read": self.read, "optimizations/abort": self.abort,
        })  # fmt: skip


ASKED = {
    "projectId": 7, "name": "grid", "target": SHARPE, "targetTo": "max", "targetValue": None, "strategy": GRID, "compileId": "c-1",
    "parameters": [{"name": "fast", "min": 10.0, "max": 20.0, "step": 10.0}], "constraints": [],
}  # fmt: skip


def test_what_an_estimate_asks():
    server = Scripted({"optimizations/estimate": ESTIMATE})
    quote = server.client().optimizations.estimate(spec())
    assert server.asked == [("optimizations/estimate", ASKED)]
    assert (quote.n_backtests, quote.dollars, quote.credits, quote.estimate.balance) == (2, 0.02, 2, 9000.0)


def test_what_begins_one(budget):
    server = Optimizations().server()
    found = server.client().optimizations.create(spec(), budget, key=KEY)
    assert found.optimization_id == "O-1"
    assert server.asked == [
        ("optimizations/list", {"projectId": 7}), ("optimizations/estimate", ASKED),
        ("optimizations/create", ASKED | {"name": NAME, "estimatedCost": 0.02, "nodeType": "O2-8", "parallelNodes": 1}),
    ]  # fmt: skip
    assert [(one.name, one.state, one.reserved, one.remote, one.project) for one in budget.entries()] == [
        (NAME, "submitted", 2, "O-1", 7)
    ]


def test_the_exact_texts_of_everything_that_can_be_asked_for(budget):
    asked = spec(
        "Drawdown", "min", value=0.05, space={"fast": "10:30:10", "slow": "0.1:0.3:0.1"}, node_type=NodeType.O8_16, parallel_nodes=6,
        constraints=tuple(map(Constraint.parse, ("Compounding Annual Return > 10%", "Drawdown <= 25%", "Probabilistic Sharpe Ratio >= 0.5", "Sharpe Ratio != 0",
                                                 "Beta < 1", "Win Rate == 0.5"))),
        held=(("asset", "SPY"),),
    )  # fmt: skip
    server = Optimizations().server()
    server.client().optimizations.create(asked, budget, key=KEY)
    path = "TotalPerformance.PortfolioStatistics."
    assert server.asked[-1][1] == {
        "projectId": 7, "name": NAME, "target": f"{path}Drawdown", "targetTo": "min", "targetValue": 0.05, "strategy": GRID, "compileId": "c-1",
        "parameters": [{"name": "fast", "min": 10.0, "max": 30.0, "step": 10.0}, {"name": "slow", "min": 0.1, "max": 0.3, "step": 0.1}, {"name": "asset", "value": "SPY"}],
        "constraints": [
            {"target": f"{path}CompoundingAnnualReturn", "operator": "Greater", "targetValue": 0.1},
            {"target": f"{path}Drawdown", "operator": "LessOrEqual", "targetValue": 0.25},
            {"target": f"{path}ProbabilisticSharpeRatio", "operator": "GreaterOrEqual", "targetValue": 0.5},
            {"target": f"{path}SharpeRatio", "operator": "NotEqual", "targetValue": 0.0},
            {"target": f"{path}Beta", "operator": "Less", "targetValue": 1.0},
            {"target": f"{path}WinRate", "operator": "Equals", "targetValue": 0.5},
        ],
        "estimatedCost": 0.11, "nodeType": "O8-16", "parallelNodes": 6,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("objective", "text"),
    [
        ("Sharpe Ratio", TargetStatistic.SHARPE_RATIO), ("Compounding Annual Return", TargetStatistic.COMPOUNDING_ANNUAL_RETURN),
        ("Probabilistic Sharpe Ratio", TargetStatistic.PROBABILISTIC_SHARPE_RATIO), ("Drawdown", TargetStatistic.DRAWDOWN),
        (SHARPE, SHARPE), ("TotalPerformance.Of.Tomorrow", "TotalPerformance.Of.Tomorrow"),
    ],
)  # fmt: skip
def test_targets_are_named_as_the_api_names_them(objective, text):
    assert spec(objective).fields()["target"] == text


def test_what_nobody_knows_here_passes_through(budget):
    server = Optimizations().server()
    server.client().optimizations.create(spec(strategy="Of.Tomorrow", node_type="O64-256"), budget, price=0.15)
    assert {name: server.asked[-1][1][name] for name in ("strategy", "nodeType")} == {
        "strategy": "Of.Tomorrow",
        "nodeType": "O64-256",
    }
    with pytest.raises(ParameterError, match="Known: O2-8, O4-12, O8-16"):
        server.client().optimizations.estimate(spec(node_type="O64-256"))
    assert str(Strategy.GRID_SEARCH) == GRID


@pytest.mark.parametrize("time", [None, "", "odd", -1, "NaN", "Infinity", 1e300, 1e9, [], 10**400])
def test_an_estimate_without_a_time_begins_nothing(budget, time):
    server = Optimizations(estimate={"success": True, "estimate": {"estimateId": "e", "time": time}}).server()
    with pytest.raises(RunFailed, match="nobody knows the cost"):
        server.client().optimizations.create(spec(), budget)
    assert server.times("optimizations/create") == 0 and budget.entries() == []


def test_a_budget_that_is_used_up_begins_nothing(budget):
    server = Optimizations(estimate={"estimate": {"time": 6000}}).server()
    with pytest.raises(BudgetExceeded, match=r"of 30 QCC a job, 30 are left\. Nothing was sent"):
        server.client().optimizations.create(spec(), budget)
    assert server.times("optimizations/create") == 0 and budget.spent("day") == 0


@pytest.mark.parametrize(
    ("answer", "kind", "state"),
    [
        ({"success": False, "errors": ["Insufficient balance"]}, RequestRefused, "freed"), (UNREACHED, ServerError, "freed"), (LOST, ServerError, "freed"),
        ({"success": False, "errors": ["no spare nodes available"]}, CapacityBusy, "freed"), (HTML, ServerError, "freed"),
        ({"success": False, "errors": ["Hash doesn't match"]}, AuthenticationFailed, "freed"), ({"success": True}, Unclear, "submitting"),
        ({"success": True, "optimizations": "odd"}, Unclear, "submitting"), ({"optimizations": [{}]}, Unclear, "submitting"),
    ],
)  # fmt: skip
def test_what_was_set_aside_is_given_back_where_nothing_was_begun_and_there_alone(budget, answer, kind, state):
    cloud = Optimizations(worked=False)
    server = cloud.server()
    server.answers["optimizations/create"] = [answer]
    with pytest.raises(kind):
        server.client().optimizations.create(spec(), budget)
    assert [one.state for one in budget.entries()] == [state]
    assert budget.spent("day") == (0 if state == "freed" else 2)


@pytest.mark.parametrize(
    "failure", [LOST, HTML, EMPTY_500, {"success": True}, {"success": True, "optimizations": []}, {"optimizations": "odd"}]
)
@pytest.mark.parametrize("late", [0, 2])
def test_a_lost_reply_is_looked_up_and_paid_once(budget, failure, late):
    cloud = Optimizations([failure], late=late)
    server = cloud.server()
    assert server.client().optimizations.create(spec(), budget).optimization_id == "O-1"
    assert len(cloud.begun) == 1 and [(one.state, one.remote) for one in budget.entries()] == [("submitted", "O-1")]


def test_a_lost_reply_whose_list_is_lost_too_stays_set_aside_until_it_is_settled(budget):
    cloud = Optimizations([LOST])
    server = cloud.server()
    server.answers["optimizations/list"] = [EMPTY_500]
    with pytest.raises(Unclear, match="with a key of its own, the same call does"):
        server.client().optimizations.create(spec(), budget)
    assert [one.state for one in budget.entries()] == ["submitting"]
    server = cloud.server()
    assert [one.remote for one in server.client().optimizations.settle(budget, older=0)] == ["O-1"]


@pytest.mark.parametrize("killed_at", ["optimizations/estimate", "optimizations/create", "noting"])
@pytest.mark.parametrize("arrived", [True, False])
def test_the_same_key_goes_on_after_a_kill_and_pays_once(budget, monkeypatch, killed_at, arrived):
    cloud = Optimizations([KeyboardInterrupt()] if killed_at == "optimizations/create" else [], worked=arrived)
    server = cloud.server()
    if killed_at == "optimizations/estimate":
        server.answers[killed_at] = [lambda _: (_ for _ in ()).throw(KeyboardInterrupt), ESTIMATE]
    if killed_at == "noting":
        cloud.worked = True
        monkeypatch.setattr(budget, "submitted", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        server.client().optimizations.create(spec(), budget, key=KEY)
    monkeypatch.undo()
    client = server.client()
    found = client.optimizations.create(spec(), budget, key=KEY)
    assert found.name == NAME and cloud.begun == [NAME]
    cloud.status, cloud.consumed = "completed", "$0.01"
    client.optimizations.wait("O-1", timeout=60, budget=budget)
    assert [(one.state, one.actual, one.remote) for one in budget.entries()] == [("booked", 1, "O-1")]


def test_one_whose_id_is_known_is_read_by_it_for_the_list_may_be_late(budget):
    cloud = Optimizations()
    server = cloud.server()
    server.client().optimizations.create(spec(), budget, key=KEY)
    cloud.late = 9
    assert server.client().optimizations.create(spec(), budget, key=KEY).optimization_id == "O-1"
    assert cloud.begun == [NAME]


def test_one_that_was_deleted_is_not_begun_again_by_its_key(budget):
    cloud = Optimizations()
    server = cloud.server()
    server.client().optimizations.create(spec(), budget, key=KEY)
    cloud.begun.clear()
    with pytest.raises(NotFound, match="begun with this key as O-1, and deleted since: give another key"):
        server.client().optimizations.create(spec(), budget, key=KEY)
    assert cloud.begun == []


@pytest.mark.parametrize("status", ["completed", "aborted", "Something of tomorrow"])
@pytest.mark.parametrize(
    ("consumed", "booked"),
    [("$0.01", 1), ("0.015", 2), (0, 0), (None, 2), ("odd", 2), ("NaN", 2), (-3, 2), (1e300, 2), ("$0.40", 40)],
)
def test_what_it_consumed_is_booked(budget, status, consumed, booked):
    cloud = Optimizations()
    server = cloud.server()
    client = server.client()
    client.optimizations.create(spec(), budget)
    states = iter(["new", "active", "running", status])

    def read(fields):
        cloud.status = next(states)
        cloud.consumed = consumed if cloud.status == status else None
        return cloud.read(fields)

    server.answers["optimizations/read"] = [read]
    seen = []
    found = client.optimizations.wait("O-1", timeout=600, budget=budget, progress=lambda one: seen.append(str(one.status)))
    assert found.status == status and seen == ["new", "active", "running", status]
    assert [(one.state, one.actual) for one in budget.entries()] == [("booked", booked)] and budget.spent("day") == booked


@pytest.mark.parametrize(
    ("consumed", "aborts"),
    [("$0.03", False), ("$0.031", True), ("NaN", False), ("Infinity", False), ("odd", False), (None, False)],
)
def test_one_that_runs_over_its_estimate_by_half_is_aborted_and_booked(budget, consumed, aborts):
    cloud = Optimizations(consumed=consumed)
    client = cloud.server().client()
    client.optimizations.create(spec(), budget)
    with pytest.raises(BudgetExceeded if aborts else Waiting) as failed:
        client.optimizations.wait("O-1", timeout=60, budget=budget)
    assert cloud.status == ("aborted" if aborts else "running")
    if aborts:
        assert "consumed 3 QCC where 2 were estimated: it was aborted, and what it consumed is booked" in str(failed.value)
        assert [(one.state, one.actual) for one in budget.entries()] == [("booked", 4)]


def test_one_that_goes_on_after_its_abort_is_booked_when_it_is_over(budget):
    cloud = Optimizations(consumed="$0.05")
    server = cloud.server()
    server.answers["optimizations/abort"] = [{"success": True}]
    client = server.client()
    client.optimizations.create(spec(), budget)
    with pytest.raises(BudgetExceeded, match="it isn't over yet: settle books what it consumed"):
        client.optimizations.wait("O-1", timeout=60, budget=budget)
    assert [one.state for one in budget.entries()] == ["submitted"]
    cloud.status, cloud.consumed = "aborted", "$0.07"
    assert client.optimizations.settle(budget) == []
    assert [(one.state, one.actual) for one in budget.entries()] == [("booked", 7)]


def test_one_that_is_deleted_as_it_runs_is_told_and_its_reservation_is_settled(budget):
    cloud = Optimizations()
    client = cloud.server().client()
    client.optimizations.create(spec(), budget)
    cloud.begun.clear()
    with pytest.raises(NotFound):
        client.optimizations.wait("O-1", timeout=60, budget=budget)
    assert client.optimizations.settle(budget) == []
    assert [(one.state, one.actual) for one in budget.entries()] == [("booked", 2)]  # nobody knows better


@pytest.mark.parametrize(
    "reply", [{"success": True}, {"optimization": []}, {"optimization": None}, {"optimization": "odd"}, {"optimizations": 3}]
)
def test_a_reply_without_it_is_not_taken_for_a_deletion(budget, reply):
    cloud = Optimizations()
    server = cloud.server()
    client = server.client()
    client.optimizations.create(spec(), budget)
    server.answers["optimizations/read"] = [reply]
    with pytest.raises(Waiting, match=r"optimization O-1 was begun.*Ask again later"):
        client.optimizations.wait("O-1", timeout=60, budget=budget)
    with pytest.raises(ServerError, match="Ask again later"):
        client.optimizations.settle(budget)
    assert [one.state for one in budget.entries()] == ["submitted"]


STATES = ["reserved", "submitting", "submitted", "booked", "freed"]


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("there", ["running", "completed", "deleted", "never", "project deleted"])
def test_what_a_kill_left_in_any_state_is_settled(tmp_path, state, there):
    now = [NOW]
    budget = Budget("host/42", tmp_path / "budget.sqlite", clock=lambda: now[0])
    for name in ("job", "day", "month"):
        budget.set(name, 100, source="the test")
    entry = budget.reserve("optimization", 20, NAME, project=7)
    moves = {
        "submitting": [lambda: budget.submitting(entry)], "submitted": [lambda: budget.submitted(entry, "O-1")],
        "booked": [lambda: budget.book(entry, 5)], "freed": [lambda: budget.free(entry)], "reserved": [],
    }  # fmt: skip
    for move in moves[state]:
        move()
    cloud = Optimizations(status="completed" if there == "completed" else "running", consumed="$0.12")
    cloud.begun = [NAME] if there in ("running", "completed") else []
    server = cloud.server()
    if there == "project deleted":
        server.answers["optimizations/list"] = server.answers["optimizations/read"] = [GONE]
    client = server.client()
    before = copy.deepcopy(budget.entries())
    if state != "submitted":
        client.optimizations.settle(budget)
        assert budget.entries() == before  # its process may still be at it
    now[0] += 3601
    left = client.optimizations.settle(budget)
    (after,) = budget.entries()
    is_there = there in ("running", "completed")
    if state in ("booked", "freed"):
        assert after == before[0]
    elif state == "reserved":  # nothing was ever sent
        assert (after.state, after.counted) == ("freed", 0)
    elif is_there:
        assert (after.state, after.counted, after.remote) == (
            ("booked", 12, "O-1") if there == "completed" else ("submitted", 20, "O-1")
        )
    elif state == "submitting" and there != "project deleted":
        assert (after.state, after.counted) == ("freed", 0)
    else:
        assert (after.state, after.counted) == ("booked", 20)
    assert [one.id for one in left] == ([after.id] if after.state == "submitted" else [])
    assert client.optimizations.settle(budget) == left and budget.entries() == [after]  # once is as good as twice


def test_one_job_that_can_not_be_settled_keeps_no_other_from_it(budget):
    for number, name in ((7, NAME), (8, "grid #0a1b2c3e")):
        budget.submitted(budget.reserve("optimization", 20, name, project=number), f"O-{number}")
    server = Scripted(
        {
            "optimizations/read": lambda fields: (
                GONE if fields["optimizationId"] == "O-7" else {"optimization": told("O-8", "completed", consumed=0.1)}
            )
        }
    )
    assert server.client().optimizations.settle(budget) == []
    assert [(one.state, one.actual) for one in budget.entries()] == [("booked", 20), ("booked", 10)]


CALLS = {
    "optimizations/read": (lambda g: g.read("O-1"), {"optimizationId": "O-1"}), "optimizations/list": (lambda g: g.list(7), {"projectId": 7}),
    "optimizations/update": (lambda g: g.update("O-1", "n"), {"optimizationId": "O-1", "name": "n"}),
    "optimizations/abort": (lambda g: g.abort("O-1"), {"optimizationId": "O-1"}), "optimizations/delete": (lambda g: g.delete("O-1"), {"optimizationId": "O-1"}),
}  # fmt: skip


@pytest.mark.parametrize("endpoint", CALLS)
def test_what_is_asked(endpoint):
    call, fields = CALLS[endpoint]
    server = Scripted({endpoint: {"success": True, "optimization": told()}})
    call(server.client().optimizations)
    assert server.asked == [(endpoint, fields)]
