"""Backtests, against runs without a cloud."""

from __future__ import annotations

import time

import pytest

from hidden_regime.cloud.fake import Settings
from tests.cloud.fake.asking import FAILING, FOREVER, STRATEGY
from tests.cloud.fake.oracle import direct, fills


@pytest.fixture(scope="session")
def known(shared, tmp_path_factory):
    """A project, its build, a finished backtest of it, and the run that it must equal."""
    from tests.cloud.fake.asking import Asker

    ask = Asker(shared)
    number = ask.project("Known")
    build = ask.build(number)["compileId"]
    backtest = ask.begin(number, "known", build, parameters={"days": 12})
    return number, build, ask.end(number, backtest), direct(tmp_path_factory.mktemp("direct"), STRATEGY, {"days": "12"})


def test_orders_and_figures_are_those_of_a_direct_run(ask, known):
    number, _, done, right = known
    told = ask.good("backtests/orders/read", projectId=number, backtestId=done["backtestId"], start=0, end=99)
    assert fills(told["orders"]) == fills(right["orders"].values())
    assert told["length"] == len(right["orders"]) > 5
    assert done["statistics"] == right["statistics"]
    assert done["runtimeStatistics"] == right["runtimeStatistics"]
    assert done["totalPerformance"] == right["totalPerformance"]
    assert (done["status"], done["progress"], done["error"], done["parameterSet"]) == ("Completed.", 1.0, None, {"days": "12"})


def test_events_come_with_their_order(ask, known):
    number, _, done, _ = known
    told = ask.good("backtests/orders/read", projectId=number, backtestId=done["backtestId"], start=1, end=2)
    assert [one["id"] for one in told["orders"]] == [2]
    assert [event["status"] for event in told["orders"][0]["events"]] == ["submitted", "filled"]


def test_a_page_of_orders_has_fewer_than_100(ask, known):
    number, _, done, _ = known
    told = ask("backtests/orders/read", projectId=number, backtestId=done["backtestId"], start=0, end=100)
    assert "less than 100" in told["errors"][0]


def test_a_chart_is_prepared_when_it_is_first_asked_for(ask, known):
    number, _, done, right = known
    fields = {"projectId": number, "backtestId": done["backtestId"], "name": "Benchmark", "count": 10, "start": 0, "end": 2e9}
    first = ask.good("backtests/chart/read", **fields)
    assert (first["status"], "chart" in first) == ("loading", False)
    values = ask.good("backtests/chart/read", **fields)["chart"]["Series"]["Benchmark"]["Values"]
    whole = [list(point) for point in right["charts"]["Benchmark"]["series"]["Benchmark"]["values"]]
    assert 5 <= len(values) <= 10
    assert values[0] == whole[0]
    assert all(point in whole for point in values)
    middle = whole[len(whole) // 2][0]
    fields |= {"start": middle, "count": 10_000}
    told = ask.good("backtests/chart/read", **fields)["chart"]
    assert told["Series"]["Benchmark"]["Values"] == [point for point in whole if point[0] >= middle]
    assert ask.good("backtests/chart/read", **fields | {"name": "Nothing"})["status"] == "loading"
    assert "not found" in ask("backtests/chart/read", **fields | {"name": "Nothing"})["errors"][0]


def test_trades_log_and_report(ask, known):
    number, _, done, right = known
    which = {"projectId": number, "backtestId": done["backtestId"]}
    assert ask.good("backtests/trades/read", **which, start=0, end=50)["trades"] == right["totalPerformance"]["closedTrades"]
    log = ask.good("backtests/read/log", **which, start=0, end=200, query="BOUGHT")
    assert log["length"] == len(log["logs"]) > 2
    assert all("bought at" in line for line in log["logs"])
    assert "200 after it" not in str(ask("backtests/read/log", **which, start=0, end=200, query=" "))
    assert ask("backtests/read/log", **which, start=0, end=201)["success"] is False
    assert ask.good("backtests/read/report", **which)["status"] == "generating"
    page = ask.good("backtests/read/report", **which)["report"]
    assert right["statistics"]["Sharpe Ratio"] in page
    assert ask.good("backtests/read/insights", **which) == ask.good("backtests/insights/read", **which)


def test_lists_have_the_newest_first(ask, known):
    number, build, done, right = known
    later = ask.begin(number, "later", build)
    ask.end(number, later)
    told = ask.good("backtests/list", projectId=number)
    assert [one["backtestId"] for one in told["backtests"]] == [later, done["backtestId"]]
    portfolio = right["totalPerformance"]["portfolioStatistics"]
    assert told["backtests"][1]["sharpeRatio"] == float(portfolio["sharpeRatio"])
    assert "sharpeRatio" not in ask.good("backtests/list", projectId=number, includeStatistics="false")["backtests"][0]
    ask.good("backtests/update", projectId=number, backtestId=later, name="renamed", note="of mine")
    ask.good("backtests/tags/update", projectId=number, backtestId=later, tags=["a", "b"])
    one = ask.good("backtests/read", projectId=number, backtestId=later)["backtest"]
    assert (one["name"], one["note"], one["tags"]) == ("renamed", "of mine", ["a", "b"])
    ask.good("backtests/delete", projectId=number, backtestId=later)
    assert "not found" in ask("backtests/read", projectId=number, backtestId=later)["errors"][0]


def test_parameters_of_the_project_hold_unless_others_are_given(ask, known, tmp_path):
    number = ask.project("Parameters")
    ask.good("projects/update", projectId=number, parameters=[{"key": "days", "value": "5"}, {"key": "share", "value": "0.5"}])
    done = ask.end(number, ask.begin(number, parameters={"share": 0.3}))
    assert done["parameterSet"] == {"days": "5", "share": "0.3"}
    assert done["statistics"] == direct(tmp_path, STRATEGY, {"days": "5", "share": "0.3"})["statistics"]


def test_a_strategy_that_raises_ends_with_its_lines(ask):
    number = ask.project("Failing", FAILING)
    done = ask.end(number, ask.begin(number))
    assert (done["status"], done["completed"]) == ("Runtime Error", True)
    assert done["error"] == "Runtime Error: no more"
    assert "main.py: line 17" in done["stacktrace"]
    number = ask.project("Early", STRATEGY.replace("set_cash(100000)", "no_such_thing()"))
    done = ask.end(number, ask.begin(number))
    assert done["hasInitializeError"] is True
    assert done["stacktrace"].startswith("During the algorithm initialization, the following exception has occurred: ")
    assert "main.py: line 8" in done["stacktrace"]
    number = ask.project("Dying", STRATEGY.replace("        above =", "        import os\n        os._exit(3)\n        above ="))
    assert "exit code 3" in ask.end(number, ask.begin(number))["error"]


def test_what_a_strategy_prints_disturbs_nothing(ask):
    number = ask.project(
        "Printing", STRATEGY.replace("        above =", "        print('{\"done\": 1}', flush=True)\n        above =")
    )
    assert ask.end(number, ask.begin(number))["error"] is None


def test_several_files_and_the_object_store_are_there(ask, tmp_path):
    text = STRATEGY.replace("import *\n", "import *\nfrom helper import SHARE\n").replace('"share", 0.9', '"share", SHARE')
    text = text.replace("self.set_cash", "self.object_store.save('kept/by_me', 'x')\n        self.set_cash")
    number = ask.project("Several", text, helper="SHARE = 0.4\n")
    done = ask.end(number, ask.begin(number))
    assert done["statistics"] == direct(tmp_path, STRATEGY, {"share": "0.4"})["statistics"]


def test_deleting_ends_what_runs(serve):
    ask = serve()
    number = ask.project("Forever", FOREVER)
    build = ask.build(number)["compileId"]
    first, second = ask.begin(number, "a", build), ask.begin(number, "b", build)

    def is_running(told):
        return told["backtest"]["status"].startswith("Running")

    ask.until("backtests/read", is_running, projectId=number, backtestId=first)
    for one in (second, first):
        ask.good("backtests/delete", projectId=number, backtestId=one)
    ask.until("nodes/read", lambda told: not told["backtest"][0]["busy"], organizationId=ask.cloud.account.organization)
    ask.good("files/update", projectId=number, name="main.py", content=STRATEGY)
    assert ask.end(number, ask.begin(number))["error"] is None


class Clock:
    """A clock that a test moves; it goes on by itself so little that signatures hold."""

    def __init__(self, now: float) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


def test_backtests_hold_their_nodes_and_wait_for_each_other(serve):
    clock = Clock(time.time())
    ask = serve(seconds_per_backtest=100, nodes={"backtest": 1}, clock=clock, settings=Settings(queue_length=1))
    number = ask.project("Waiting")
    build = ask.build(number)["compileId"]
    first = ask.begin(number, "a", build)

    def status(backtest):
        return ask.good("backtests/read", projectId=number, backtestId=backtest)["backtest"]["status"]

    ask.until("backtests/read", lambda told: told["backtest"]["progress"] == 0 and told["backtest"]["status"] != "In Queue...",
              projectId=number, backtestId=first)  # fmt: skip
    second = ask.begin(number, "b", build)
    assert status(second) == "In Queue..."
    told = ask("backtests/create", projectId=number, compileId=build, backtestName="c")
    assert told["errors"] == ["Too many backtest requests; please slow down."]
    clock.now += 50
    ask.until("backtests/read", lambda told: told["backtest"]["progress"] == 0.5, projectId=number, backtestId=first)
    assert status(first) == "Running: 50%"
    clock.now += 50
    assert ask.end(number, first)["completed"] is True
    ask.until(
        "backtests/read", lambda told: told["backtest"]["status"].startswith("Running"), projectId=number, backtestId=second
    )


def test_without_a_free_node_a_backtest_is_refused_where_that_is_wanted(serve):
    clock = Clock(time.time())
    own = Settings(when_full="refuse", nodes={"backtest": 1}, seconds_per_backtest=100)
    ask = serve(clock=clock, settings=own)
    number = ask.project("Refused")
    build = ask.build(number)["compileId"]
    ask.begin(number, "a", build)
    told = ask("backtests/create", projectId=number, compileId=build, backtestName="b")
    assert told["errors"] == ["There are no spare nodes available in your cluster."]


def test_only_so_many_backtests_begin_in_a_day(serve):
    clock = Clock(time.time())
    ask = serve(clock=clock, settings=Settings(backtests_a_day=2))
    number = ask.project("Daily")
    build = ask.build(number)["compileId"]
    for name in ("a", "b"):
        ask.good("backtests/delete", projectId=number, backtestId=ask.begin(number, name, build))
    told = ask("backtests/create", projectId=number, compileId=build, backtestName="c")
    assert told["errors"][0].startswith("You have reached the daily limit of 2 backtests.")
    clock.now += 86_400
    assert ask("backtests/create", projectId=number, compileId=build, backtestName="c")["success"] is True
