"""Backtests: what exactly is sent, when one is believed to be over, and that nothing of it is left out."""

from __future__ import annotations

import re

import pytest

from hidden_regime.cloud import (
    AuthenticationFailed,
    Budget,
    BudgetExceeded,
    CapacityBusy,
    NotFound,
    RequestRefused,
    RunFailed,
    ServerError,
    Unclear,
    Waiting,
)
from tests.cloud.scripted import HTML, LOST, UNREACHED, Scripted

B = {"projectId": 7, "backtestId": "b"}
FIGURES = {
    "completed": True,
    "statistics": {"Sharpe Ratio": "1"},
    "totalPerformance": {"portfolioStatistics": {"sharpeRatio": "1"}},
}
GONE = {"success": False, "errors": ["Backtest not found or permission denied."]}


def told(**fields):
    return {"success": True, "backtest": {"backtestId": "b", **fields}}


CALLS = {
    "backtests/read": (lambda g: g.read(7, "b"), B),
    "backtests/list": (lambda g: g.list(7), {"projectId": 7, "includeStatistics": False}),
    "backtests/update": (lambda g: g.update(7, "b", name="n"), B | {"name": "n"}),
    "backtests/delete": (lambda g: g.delete(7, "b"), B),
    "backtests/orders/read": (lambda g: list(g.orders(7, "b")), B | {"start": 0, "end": 99}),
    "backtests/read/insights": (lambda g: list(g.insights(7, "b")), B | {"start": 0, "end": 99}),
    "backtests/trades/read": (lambda g: g.trades(7, "b"), B),
    "backtests/chart/read": (lambda g: g.chart(7, "b", "Strategy Equity", count=100, start=1.9, end=2e9),
                             B | {"name": "Strategy Equity", "count": 100, "start": 1, "end": 2_000_000_000}),
    "backtests/read/log": (lambda g: list(g.log(7, "b", "error")), B | {"query": "error", "start": 0, "end": 200}),
    "backtests/read/report": (lambda g: g.report(7, "b"), B),
}  # fmt: skip


@pytest.mark.parametrize("endpoint", CALLS)
def test_what_is_sent(endpoint):
    call, fields = CALLS[endpoint]
    server = Scripted({endpoint: {"success": True, "report": "<html>"}})
    call(server.client().backtests)
    assert server.asked == [(endpoint, fields)]


@pytest.mark.parametrize(
    ("parameters", "sent"), [(None, {}), ({}, {}), ({"fast": 10, "asset": "SPY"}, {"parameters": {"fast": "10", "asset": "SPY"}})]
)
def test_what_begins_one(parameters, sent):
    server = Scripted({"backtests/create": told(name="mine #0a1b2c3d"), "backtests/list": {"backtests": []}})
    server.client().backtests.create(7, "c-1", " mine ", parameters, key="0a1b2c3d")
    assert server.asked == [
        ("backtests/list", {"projectId": 7, "includeStatistics": False}),
        ("backtests/create", {"projectId": 7, "compileId": "c-1", "backtestName": "mine #0a1b2c3d"} | sent),
    ]


def test_a_run_compiles_begins_and_waits():
    server = Scripted({
        "compile/create": {"compileId": "c-1", "state": "InQueue"}, "compile/read": [{"state": "InQueue"}, {"state": "BuildSuccess", "compileId": "c-1"}],
        "backtests/create": told(), "backtests/read": [told(status="In Queue..."), told(status="Running: 37%", progress=0.37), told(**FIGURES)],
    })  # fmt: skip
    seen = []
    found = server.client().backtests.run(7, "mine", timeout=600, progress=lambda one: seen.append((one.status, one.progress)))
    assert (
        found.done
        and [name for name, _ in server.asked]
        == ["compile/create", "compile/read", "compile/read", "backtests/create"] + ["backtests/read"] * 3
    )
    assert seen == [("In Queue...", 0.0), ("Running: 37%", 0.37), ("", 0.0)]
    assert re.fullmatch(r"mine #[0-9a-f]{8}", server.asked[3][1]["backtestName"]) and server.asked[3][1]["compileId"] == "c-1"


def test_questions_become_rarer():
    server = Scripted({"backtests/read": told(status="Running: 1%")})
    with pytest.raises(Waiting, match=r"goes on in the cloud: Running: 1%"):
        server.client().backtests.wait(7, "b", timeout=300)
    assert server.slept == [1.0] * 10 + [5.0] * 22 + [15.0] * 12


@pytest.mark.parametrize(
    "early",
    [
        {"completed": True}, {"completed": True, "statistics": []}, {"completed": "true", "statistics": {"a": "1"}},
        {"completed": True, "statistics": {"a": "1"}, "totalPerformance": None}, {"completed": True, "statistics": {"a": "1"}, "totalPerformance": []},
        {"completed": True, "statistics": {"a": "1"}, "totalPerformance": {"portfolioStatistics": []}},
        {"completed": True, "statistics": [], "totalPerformance": FIGURES["totalPerformance"]}, {"progress": 1, "status": "Completed."},
    ],
)  # fmt: skip
def test_one_that_is_completed_before_it_has_its_figures_is_not_over(early):
    server = Scripted({"backtests/read": [told(**early)] * 6 + [told(**FIGURES)]})
    assert server.client().backtests.wait(7, "b", timeout=600).statistics == {"Sharpe Ratio": "1"}
    assert server.times("backtests/read") == 7


def test_one_that_never_has_its_figures_is_an_error_and_no_result():
    server = Scripted({"backtests/read": told(completed=True, statistics=[])})
    with pytest.raises(RunFailed, match="says completed, without figures in 9 reads"):
        server.client().backtests.wait(7, "b", timeout=86_400)
    assert sum(server.slept) == 58.0


@pytest.mark.parametrize("why", [{"error": "Runtime Error: x"}, {"stacktrace": "at main.py line 3"}])
def test_an_error_of_the_strategy_ends_it(why):
    server = Scripted({"backtests/read": [told(status="Running: 5%"), told(**why)]})
    found = server.client().backtests.wait(7, "b", timeout=600)
    assert found.failed and found.done and not found.statistics


@pytest.mark.parametrize("after", [0, 3])
def test_one_that_is_deleted_as_it_runs_is_told(after):
    server = Scripted({"backtests/read": [told(status="Running: 5%")] * after + [GONE]})
    with pytest.raises(NotFound, match="Backtest not found"):
        server.client().backtests.wait(7, "b", timeout=600)


def test_a_glitch_while_one_waits_is_outlived():
    server = Scripted(
        {
            "backtests/read": [
                told(),
                HTML,
                LOST,
                UNREACHED,
                told(),
                {"success": False, "errors": ["please slow down"]},
                told(**FIGURES),
            ]
        }
    )
    assert server.client().backtests.wait(7, "b", timeout=600).done


def order(n):
    return {"id": n, "symbol": {"value": "SPY"}, "quantity": 1, "status": 3, "events": [{"orderId": n, "orderEventId": 1}]}


def pager(n, *, name="orders", make=order, inclusive=False, most=10**9, length=True, deaf=False):
    """A server that has n of something, and its own idea of what a page is."""

    def answer(fields):
        start, end = (0, n) if deaf else (fields["start"], fields["end"] + inclusive)
        page = [make(i) for i in range(n)][start:end][:most]
        total = {True: n, False: None, "page": len(page)}[length]
        return {"success": True, name: page} | ({} if total is None else {"length": total})

    return answer


@pytest.mark.parametrize("n", [0, 1, 98, 99, 100, 198, 250])
@pytest.mark.parametrize("habit", [{}, {"inclusive": True}, {"length": False}, {"length": False, "inclusive": True}, {"length": "page"}, {"most": 40},
                                   {"deaf": True}, {"deaf": True, "length": False}])  # fmt: skip
def test_every_order_comes_once_whatever_a_page_is(n, habit):
    server = Scripted({"backtests/orders/read": pager(n, **habit)})
    found = list(server.client().backtests.orders(7, "b"))
    assert [one.id for one in found] == list(range(n))
    assert all(fields["end"] - fields["start"] < 100 for _, fields in server.asked) and len(server.asked) <= n / 40 + 2
    assert not found or found[0].events[0].order_event_id == 1


def test_orders_that_the_server_keeps_to_itself_are_told():
    server = Scripted({"backtests/orders/read": lambda fields: {"orders": [order(i) for i in range(99)], "length": 250}})
    with pytest.raises(ServerError, match="has 250 and gave 99 of them"):
        list(server.client().backtests.orders(7, "b"))


def test_orders_without_a_number_are_all_kept():
    server = Scripted({"backtests/orders/read": {"orders": [order(None), order("odd"), order(3), order(3)]}})
    assert [one.id for one in server.client().backtests.orders(7, "b")] == [None, None, 3]


def test_a_server_that_gives_the_same_orders_without_a_number_for_ever_is_left():
    server = Scripted({"backtests/orders/read": {"orders": [order(None)] * 99}})
    assert len(list(server.client().backtests.orders(7, "b"))) == 99 and len(server.asked) == 2


LOADING = {"success": True, "status": "loading", "progress": 0.5}
LOADED = {
    "backtests/orders/read": (lambda g: [one.id for one in g.orders(7, "b")], {"orders": [order(1)], "length": 1}, [1]),
    "backtests/read/insights": (lambda g: [one.id for one in g.insights(7, "b")], {"insights": [{"id": "i"}]}, ["i"]),
    "backtests/read/log": (lambda g: list(g.log(7, "b")), {"logs": ["line"], "length": 1}, ["line"]),
    "backtests/chart/read": (lambda g: g.chart(7, "b", "a").name, {"chart": {"Name": "a", "Series": []}}, "a"),
}


@pytest.mark.parametrize("endpoint", LOADED)
def test_what_is_still_loaded_is_waited_for(endpoint):
    call, reply, meant = LOADED[endpoint]
    server = Scripted({endpoint: [LOADING, LOADING, reply]})
    assert call(server.client().backtests) == meant and server.slept == [5.0, 5.0]
    with pytest.raises(Waiting, match=r"isn't over after 60 s.*Read it later"):
        call(Scripted({endpoint: LOADING}).client().backtests)


def test_a_chart_of_any_case_has_its_points():
    chart = {
        "Name": "E",
        "Series": {
            "Equity": {"Name": "Equity", "Unit": "$", "Values": [[1, 2.0], {"x": 2, "y": "3"}, [3, None], [4, 1, 2, 0, 1]]}
        },
    }
    server = Scripted({"backtests/chart/read": {"chart": chart}})
    found = server.client().backtests.chart(7, "b", "E").series["Equity"]
    assert found.values == ((1.0, 2.0), (2.0, 3.0), (4.0, 1.0, 2.0, 0.0, 1.0)) and found.unread == {}


def test_a_report_is_waited_for():
    making = {"success": True, "status": "generating", "progress": 0.5, "report": ""}
    server = Scripted({"backtests/read/report": [making, making | {"report": []}, {"report": "<!DOCTYPE html>"}]})
    assert server.client().backtests.report(7, "b") == "<!DOCTYPE html>" and server.slept == [10.0, 10.0]
    with pytest.raises(Waiting, match="the report isn't over"):
        Scripted({"backtests/read/report": making}).client().backtests.report(7, "b")


@pytest.mark.parametrize("n", [0, 1, 199, 200, 201, 450])
@pytest.mark.parametrize("habit", [{}, {"length": False}, {"inclusive": True}, {"most": 150}])
def test_every_line_of_a_log_comes_once_whatever_a_page_is(n, habit):
    server = Scripted({"backtests/read/log": pager(n, name="logs", make=lambda i: f"line {i}", **habit)})
    assert list(server.client().backtests.log(7, "b")) == [f"line {i}" for i in range(n)]
    assert all(fields["end"] - fields["start"] <= 200 for _, fields in server.asked)


@pytest.mark.parametrize("reply", [{"logs": "odd"}, {"logs": [], "length": 5}, {"length": 5}, {"logs": [[1]]}])
def test_a_log_that_can_not_be_read_is_no_empty_one(reply):
    with pytest.raises(ServerError, match="lines and then none that can be read"):
        list(Scripted({"backtests/read/log": reply}).client().backtests.log(7, "b"))


def test_a_server_that_gives_the_same_lines_for_ever_is_left():
    server = Scripted({"backtests/read/log": {"logs": [f"line {i}" for i in range(200)]}})
    with pytest.raises(ServerError, match="the same 200 lines whatever is asked for"):
        list(server.client().backtests.log(7, "b"))


@pytest.fixture
def budget(tmp_path):
    made = Budget("host/42", tmp_path / "budget.sqlite", clock=lambda: 1_700_000_000.0)
    made.set("backtests", 2, source="the test")
    return made


def test_a_quota_that_is_used_up_sends_nothing(budget):
    server = Scripted({"backtests/create": told(), "backtests/list": {"backtests": []}})
    backtests = server.client().backtests
    for _ in range(2):
        backtests.create(7, "c", "mine", budget=budget)
    with pytest.raises(BudgetExceeded, match=r"2 of 2 backtests a day are used.*Nothing was sent. Wait for tomorrow"):
        backtests.create(7, "c", "mine", budget=budget)
    assert server.times("backtests/create") == 2


@pytest.mark.parametrize(
    ("answer", "kind", "counted"),
    [
        ({"success": False, "errors": ["Invalid argument"]}, RequestRefused, 0), (UNREACHED, ServerError, 0), (LOST, ServerError, 0),
        ({"success": False, "errors": ["please slow down"]}, CapacityBusy, 0), ({"success": True}, Unclear, 1),
        ({"success": False, "errors": ["Hash doesn't match"]}, AuthenticationFailed, 0),
    ],
    ids=["refused", "not reached", "looked for and not there", "busy", "said yes and not there", "not let in"],
)  # fmt: skip
def test_what_was_not_begun_does_not_count(budget, answer, kind, counted):
    server = Scripted({"backtests/create": answer, "backtests/list": {"backtests": []}})
    with pytest.raises(kind):
        server.client().backtests.create(7, "c", "mine", budget=budget)
    assert budget.counted("backtests") == counted


def test_one_that_is_looked_up_again_after_a_kill_counts_once(budget):
    names = []

    def create(fields):
        names.append(fields["backtestName"])
        raise KeyboardInterrupt  # as a kill between sending and noting

    server = Scripted(
        {"backtests/create": create, "backtests/list": lambda _: {"backtests": [{"backtestId": "b", "name": n} for n in names]}}
    )
    for _ in range(3):
        try:
            found = server.client().backtests.create(7, "c", "mine", key="0a1b2c3d", budget=budget)
        except KeyboardInterrupt:
            continue
    assert found.backtest_id == "b" and names == ["mine #0a1b2c3d"] and budget.counted("backtests") == 1


@pytest.mark.parametrize("failure", [UNREACHED, LOST, HTML])
def test_a_server_that_dies_while_it_is_waited_for_leaves_the_backtest_going_on(failure):
    server = Scripted({"backtests/read": [told(status="Running: 3%"), failure]})
    with pytest.raises(
        Waiting, match=r"backtest b was begun, and the server can't be asked about it now.*Read it later by its id"
    ):
        server.client().backtests.wait(7, "b", timeout=600)
