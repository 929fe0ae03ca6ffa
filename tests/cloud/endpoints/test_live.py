"""Live deployments: begun once and only where a budget allows it, and never called flat while nobody knows."""

from __future__ import annotations

import pytest

from hidden_regime.cloud import Budget, BudgetExceeded, NotFound, RequestRefused, ServerError, Unclear, Waiting
from tests.cloud.endpoints.test_backtests import order, pager
from tests.cloud.scripted import EMPTY_500, HTML, LOST, UNREACHED, Scripted

NEVER = {"success": False, "errors": ["No live deployment found for this project."]}
NONE = {"success": True, "live": []}


@pytest.fixture
def budget(tmp_path):
    made = Budget("host/42", tmp_path / "budget.sqlite", clock=lambda: 1_700_000_000.0)
    made.set("live", 1, source="the test")
    return made


class Lives:
    """Deploys at each call, and loses as many replies as it is told, after or before the work."""

    def __init__(self, lost=(), *, worked=True, status="Running", before=NEVER, others=()):
        self.begun, self.lost, self.worked, self.status, self.before, self.others = 0, list(lost), worked, status, before, others

    def create(self, _):
        failure = self.lost.pop(0) if self.lost else None
        self.begun += failure is None or self.worked
        return failure or self.read(None)

    def read(self, _):
        return (
            {"success": True, "deployId": f"L-{self.begun}", "projectId": 7, "status": self.status} if self.begun else self.before
        )

    def server(self):
        return Scripted(
            {"live/create": self.create, "live/read": self.read, "live/list": {"success": True, "live": list(self.others)}}
        )


def test_what_is_sent(budget):
    server = Lives().server()
    assert server.client().live.create(7, "c-1", "n-1", budget).deploy_id == "L-1"
    paper = {"id": "QuantConnectBrokerage"}
    assert server.asked == [
        ("live/list", {}), ("live/read", {"projectId": 7}),
        ("live/create", {"versionId": "-1", "projectId": 7, "compileId": "c-1", "nodeId": "n-1", "brokerage": paper,
                         "dataProviders": {"QuantConnectBrokerage": paper}, "automaticRedeploy": True}),
    ]  # fmt: skip


def test_what_is_given_is_sent_as_it_is(budget):
    server = Lives().server()
    broker = {
        "id": "InteractiveBrokersBrokerage",
        "ib-user-name": "u",
        "ib-account": "DU1",
        "ib-password": "p",
        "ib-weekly-restart-utc-time": "22:00:00",
    }
    feed = {"InteractiveBrokersBrokerage": {"id": "InteractiveBrokersBrokerage"}}
    note = {"events": ["order"], "targets": []}
    server.client().live.create(7, "c", "n", budget, brokerage=broker, data_providers=feed, version_id="16000", automatic_redeploy=False,
                                parameters={"fast": "10"}, notification=note)  # fmt: skip
    assert server.asked[-1][1] == {"versionId": "16000", "projectId": 7, "compileId": "c", "nodeId": "n", "brokerage": broker, "dataProviders": feed,
                                   "automaticRedeploy": False, "parameters": {"fast": "10"}, "notification": note}  # fmt: skip


@pytest.mark.parametrize("limit", [None, 0])
def test_where_live_is_denied_nothing_at_all_is_sent(tmp_path, limit):
    denied = Budget("host/42", tmp_path / "budget.sqlite", clock=lambda: 1_700_000_000.0)
    if limit is not None:
        denied.set("live", limit, source="the test")
    server = Lives().server()
    with pytest.raises(BudgetExceeded, match=r"live deployments with this one: 1, and the limit .* is 0. Nothing was sent"):
        server.client().live.create(7, "c", "n", denied)
    assert server.asked == []


@pytest.mark.parametrize("status", ["Running", "Initializing", "LoggingIn", "InQueue", "History", "Something of tomorrow"])
def test_whatever_trades_or_is_about_to_counts(budget, status):
    server = Lives(
        others=[{"projectId": 8, "deployId": "L-9", "status": status}, {"projectId": 9, "deployId": "L-8", "status": "Stopped"}]
    ).server()
    with pytest.raises(BudgetExceeded, match="2, and the limit"):
        server.client().live.create(7, "c", "n", budget)
    assert server.times("live/create") == 0


@pytest.mark.parametrize(
    "status", ["Stopped", "Liquidated", "RuntimeError", "DeployError", "Deleted", "Completed", "Invalid", "Undefined", ""]
)
def test_what_trades_no_more_does_not(budget, status):
    server = Lives(
        others=[{"projectId": 8, "deployId": "L-9", "status": status}], before={"deployId": "L-0", "status": status}
    ).server()
    assert server.client().live.create(7, "c", "n", budget).deploy_id == "L-1"


@pytest.mark.parametrize("status", ["Running", "Initializing", "InQueue", "Something of tomorrow"])
def test_a_project_that_trades_is_not_deployed_again(budget, status):
    server = Lives(before={"success": True, "deployId": "L-0", "status": status}).server()
    with pytest.raises(RequestRefused, match=rf"live already \(L-0, {status}\). Stop it first"):
        server.client().live.create(7, "c", "n", budget)
    assert server.times("live/create") == 0


@pytest.mark.parametrize("failure", [LOST, HTML, EMPTY_500, {"success": True}, {"success": True, "live": []}])
@pytest.mark.parametrize("before", [NEVER, {"deployId": "L-0", "status": "Stopped"}])
@pytest.mark.parametrize("status", ["Running", "InQueue", "RuntimeError", "DeployError"])
def test_a_lost_reply_deploys_once_whatever_became_of_it(budget, failure, before, status):
    cloud = Lives([failure], status=status, before=before)
    found = cloud.server().client().live.create(7, "c", "n", budget)
    assert (found.deploy_id, found.status, cloud.begun) == ("L-1", status, 1)


def test_one_that_never_arrived_is_sent_again_and_one_that_nobody_can_tell_of_is_not(budget):
    cloud = Lives([LOST], worked=False)
    assert cloud.server().client().live.create(7, "c", "n", budget).deploy_id == "L-1" and cloud.begun == 1
    server = Scripted({"live/create": LOST, "live/list": NONE, "live/read": [NEVER, EMPTY_500]})
    with pytest.raises(Unclear, match="Whether 'deployment of project 7' exists can't be told"):
        server.client().live.create(7, "c", "n", budget)
    assert server.times("live/create") == 1


def portfolio(**quantities):
    return {
        "success": True,
        "portfolio": {"holdings": {name: {"a": 1, "q": n, "p": 1} for name, n in quantities.items()} or [], "cash": []},
    }


def test_a_liquidation_is_over_when_everything_is_at_zero():
    server = Scripted({"live/update/liquidate": {"success": True}, "live/portfolio/read": [portfolio(SPY=5, AAPL=-2), portfolio(SPY="5", AAPL=0),
                                                                                            portfolio(SPY="0.0", AAPL=0)]})  # fmt: skip
    assert server.client().live.liquidate(7).flat
    assert server.asked[0] == ("live/update/liquidate", {"projectId": 7}) and server.times("live/update/liquidate") == 1
    assert server.slept == [10.0, 10.0]


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (portfolio(SPY=5, AAPL=0), "it holds 5 SPY"), (portfolio(SPY=None), "it holds SPY (nobody knows how many)"),
        (portfolio(SPY="odd"), "it holds SPY (nobody knows how many)"), (portfolio(SPY=[]), "nobody knows"), ({"success": True}, "can't be read"),
        ({"success": True, "portfolio": []}, "can't be read"), ({"success": True, "portfolio": {"holdings": None}}, "can't be read"),
        ({"success": True, "portfolio": {"holdings": "odd"}}, "can't be read"), ({"success": True, "portfolio": {"holdings": [{"q": 0}]}}, "can't be read"),
        ({"success": True, "portfolio": {"holdings": {"SPY": "odd"}}}, "nobody knows"), ({"success": True, "portfolio": "odd"}, "can't be read"),
        (portfolio(SPY=1e-9), "it holds 1e-09 SPY"),
    ],
)  # fmt: skip
def test_what_is_held_or_can_not_be_read_is_never_flat(reply, said):
    server = Scripted({"live/update/liquidate": {"success": True}, "live/portfolio/read": reply})
    with pytest.raises(Waiting, match="project 7 isn't flat after 600 s") as told:
        server.client().live.liquidate(7)
    assert said in str(told.value) and "look at the broker itself" in str(told.value)


def test_nothing_held_comes_as_a_list():
    server = Scripted({"live/update/liquidate": {"success": True}, "live/portfolio/read": portfolio()})
    assert server.client().live.liquidate(7).flat


def test_a_project_that_never_traded_has_no_deployment():
    server = Scripted({"live/read": NEVER})
    assert server.client().live.latest(7) is None
    with pytest.raises(NotFound):
        server.client().live.read(7)
    assert Scripted({"live/read": {"success": True, "status": "Undefined", "deployId": ""}}).client().live.latest(7) is None


@pytest.mark.parametrize("n", [0, 99, 250])
@pytest.mark.parametrize(
    "habit", [{}, {"inclusive": True}, {"length": False}, {"most": 40}, {"deaf": True}, {"deaf": True, "length": False}]
)
def test_every_order_comes_once_as_soon_as_they_are_loaded(n, habit):
    loading = {"success": True, "status": "loading", "progress": 0.1}
    answer = pager(n, make=order, **habit)
    server = Scripted({"live/orders/read": [loading, loading, answer]})
    assert [one.id for one in server.client().live.orders(7)] == list(range(n)) and server.slept == [10.0, 10.0]
    with pytest.raises(Waiting, match="loading of orders"):
        Scripted({"live/orders/read": loading}).client().live.orders(7)


@pytest.mark.parametrize("n", [0, 250, 600])
@pytest.mark.parametrize("habit", [{}, {"length": False}, {"most": 100}])
def test_every_line_of_a_log_comes_once(n, habit):
    def answer(fields):
        assert fields["format"] == "json" and fields["algorithmId"] == "L-1" and fields["endLine"] - fields["startLine"] <= 250
        return pager(n, name="logs", make=lambda i: f"line {i}", **habit)(
            {"start": fields["startLine"], "end": fields["endLine"]}
        )

    assert list(Scripted({"live/logs/read": answer}).client().live.log(7, "L-1")) == [f"line {i}" for i in range(n)]


CALLS = {
    "live/list": (lambda g: g.list("Running"), {"status": "Running"}),
    "live/update/stop": (lambda g: g.stop(7), {"projectId": 7}),
    "live/portfolio/read": (lambda g: g.portfolio(7), {"projectId": 7}),
    "live/insights/read": (lambda g: g.insights(7), {"projectId": 7, "start": 0, "end": 99}),
    "live/chart/read": (lambda g: g.chart(7, "a", count=5, start=1, end=2), {"projectId": 7, "name": "a", "count": 5, "start": 1, "end": 2}),
}  # fmt: skip


@pytest.mark.parametrize("endpoint", CALLS)
def test_what_is_asked(endpoint):
    call, fields = CALLS[endpoint]
    server = Scripted({endpoint: {"success": True}})
    call(server.client().live)
    assert server.asked == [(endpoint, fields)]


@pytest.mark.parametrize("failure", [UNREACHED, LOST, HTML, EMPTY_500])
def test_stopping_is_tried_until_it_works_or_told(failure):
    server = Scripted({"live/update/stop": [failure] * 4 + [{"success": True}]})
    server.client().live.stop(7)
    assert server.times("live/update/stop") == 5
    with pytest.raises(ServerError, match="5 tries"):
        Scripted({"live/update/stop": failure}).client().live.stop(7)
