"""Optimisations, against a loop of runs without a cloud."""

from __future__ import annotations

import itertools
import time

import pytest

from hidden_regime.cloud.fake import Settings
from tests.cloud.fake.asking import FAILING, FOREVER, GRID, SHARPE, STRATEGY, Asker
from tests.cloud.fake.oracle import direct

DAYS = [{"key": "days", "min": 5, "max": 15, "step": 5}]
DRAWDOWN = "TotalPerformance.PortfolioStatistics.Drawdown"


def asked(number, build, **more):
    return {
        "projectId": number, "compileId": build, "name": "search", "target": SHARPE, "targetTo": "max", "targetValue": None,
        "strategy": GRID, "parameters": DAYS, "constraints": [], **more,
    }  # fmt: skip


ORDER = {"estimatedCost": 0.02, "nodeType": "O2-8", "parallelNodes": 2}


def ready(ask, text=STRATEGY):
    """A project with a build and a finished backtest, as an estimate needs it."""
    number = ask.project("Search", text)
    build = ask.build(number)["compileId"]
    return number, build, ask.end(number, ask.begin(number, "first", build))


@pytest.fixture(scope="session")
def project(shared):
    return ready(Asker(shared))[:2]


def finish(ask, identity):
    told = ask.until(
        "optimizations/read", lambda told: told["optimization"]["status"] not in ("new", "running"), optimizationId=identity
    )
    return told["optimization"]


def begin(ask, **fields):
    return ask.good("optimizations/create", **fields)["optimizations"][0]["optimizationId"]


def test_a_grid_gives_what_a_loop_of_runs_gives(ask, project, tmp_path):
    both = [*DAYS, {"name": "share", "min": "0.3", "max": 0.9, "step": 0.6}]
    done = finish(ask, begin(ask, **asked(*project, parameters=both, **ORDER)))
    told = {tuple(sorted(one["parameterSet"].items())): one for one in done["backtests"].values()}
    expected = {}
    for place, (days, share) in enumerate(itertools.product(("5", "10", "15"), ("0.3", "0.9"))):
        chosen = {"days": days, "share": share}
        expected[tuple(sorted(chosen.items()))] = direct(tmp_path / str(place), STRATEGY, chosen)
    assert told.keys() == expected.keys()
    for key, right in expected.items():
        figures, portfolio = told[key]["statistics"], right["totalPerformance"]["portfolioStatistics"]
        assert figures[15] == float(portfolio["sharpeRatio"])
        assert figures[7] == pytest.approx(float(portfolio["drawdown"]) * 100, abs=1e-9)
        assert figures[6] == pytest.approx(float(portfolio["compoundingAnnualReturn"]) * 100, abs=1e-9)
        assert figures[1] == float(portfolio["annualStandardDeviation"])
        assert (figures[17], figures[16]) == (
            float(right["statistics"]["Total Orders"]), float(right["statistics"]["Total Fees"].strip("$")))  # fmt: skip
        assert len(figures) == 21
        equity = right["charts"]["Strategy Equity"]["series"]["Equity"]["values"]
        assert told[key]["equity"][-1] == [equity[-1][0], equity[-1][-1]]
        assert (told[key]["exitCode"], told[key]["progress"]) == (0, 1.0)
    best = max(float(one["totalPerformance"]["portfolioStatistics"]["sharpeRatio"]) for one in expected.values())
    assert float(done["sharpeRatio"]) == best
    statistics = done["runtimeStatistics"]
    assert {statistics[name] for name in ("Completed", "Total")} == {"6"}
    assert {statistics[name] for name in ("Failed", "Running", "In Queue")} == {"0"}


def test_a_form_is_as_good_as_json(ask, project):
    fields = {key: value for key, value in asked(*project, **ORDER).items() if key not in ("parameters", "constraints")}
    fields |= {
        "targetValue": "", "parameters[0][key]": "days", "parameters[0][min]": "5.0", "parameters[0][max]": "10.0",
        "parameters[0][step]": "5.0", "constraints[0][target]": DRAWDOWN, "constraints[0][operator]": "lessOrEqual",
        "constraints[0][target-value]": "0.25",
    }  # fmt: skip
    told = ask.form("optimizations/create", **fields)
    assert told["success"] is True, told
    done = finish(ask, told["optimizations"][0]["optimizationId"])
    assert sorted(one["parameterSet"]["days"] for one in done["backtests"].values()) == ["10", "5"]
    path = "['TotalPerformance'].['PortfolioStatistics'].['Drawdown']"
    assert done["constraints"] == [{"target": path, "operator": "lessOrEqual", "targetValue": 0.25}]
    assert done["criterion"]["target"] == done["optimizationTarget"] == path.replace("Drawdown", "SharpeRatio")


def test_constraints_choose_among_the_backtests_and_all_run(ask, project):
    whole = finish(ask, begin(ask, **asked(*project, **ORDER)))
    drawdowns = sorted(one["statistics"][7] / 100 for one in whole["backtests"].values())
    limit = [{"target": DRAWDOWN, "operator": "Less", "targetValue": (drawdowns[0] + drawdowns[1]) / 2}]
    done = finish(ask, begin(ask, **asked(*project, constraints=limit, **ORDER)))
    assert len(done["backtests"]) == 3
    met = [one["statistics"][15] for one in done["backtests"].values() if one["statistics"][7] / 100 < limit[0]["targetValue"]]
    assert len(met) < 3
    assert float(done["sharpeRatio"]) == max(met)
    none = [{"target": DRAWDOWN, "operator": "Less", "targetValue": 0}]
    assert finish(ask, begin(ask, **asked(*project, constraints=none, **ORDER)))["sharpeRatio"] is None


def test_a_target_that_is_reached_ends_the_search(ask, project):
    fields = asked(*project, targetValue=-1e6, parameters=[{"key": "days", "min": 1, "max": 40, "step": 1}], **ORDER)
    done = finish(ask, begin(ask, **fields | {"parallelNodes": 1}))
    assert done["status"] == "completed"
    assert len(done["backtests"]) < 5


def test_an_estimate_is_priced_and_what_was_used_is_booked(serve):
    clock_now = [time.time()]
    ask = serve(seconds_per_backtest=26, clock=lambda: clock_now[0])
    number = ask.project("Priced")
    build = ask.build(number)["compileId"]
    refused = ask("optimizations/estimate", **asked(number, build))
    assert "run a backtest" in refused["errors"][0]
    first = ask.begin(number, "first", build)

    def run(until, **fields):
        """Let the clock go on until it is so."""

        def step(told):
            clock_now[0] += 1
            return until(told)

        return ask.until(**fields, is_done=step)

    run(lambda told: told["backtest"]["totalPerformance"], endpoint="backtests/read", projectId=number, backtestId=first)
    two = [{"key": "days", "min": 5, "max": 10, "step": 5}]
    estimate = ask.good("optimizations/estimate", **asked(number, build, parameters=two))["estimate"]
    assert (estimate["time"] in (26, 27, 28), estimate["balance"]) == (True, 10_000)
    identity = begin(ask, **asked(number, build, parameters=two, **ORDER))
    done = run(lambda told: told["optimization"]["status"] == "completed", endpoint="optimizations/read", optimizationId=identity)
    told = ask.good("organizations/read")["organization"]["credit"]
    assert [float(one["amount"]) for one in told["movements"]] == [-2.0, 10_000.0]  # two of 26 seconds on O2-8 are $0.02
    assert float(told["balance"]) == told["movements"][0]["balance"] == 9_998.0
    assert done["optimization"]["runtimeStatistics"]["Consumed"] == "$0.02"
    assert done["optimization"]["runtimeStatistics"]["Average Length"][:7] in ("00:00:2", "00:00:3")


def test_a_balance_that_is_too_low_is_refused(serve):
    from hidden_regime.cloud.fake import Account

    ask = serve(account=Account(balance=1.5))
    number, build, _ = ready(ask)
    told = ask("optimizations/create", **asked(number, build, **ORDER))
    assert "Insufficient balance" in told["errors"][0]
    assert ask.good("optimizations/list", projectId=number) == {"success": True, "errors": [], "optimizations": [], "count": 0}


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"strategy": "QuantConnect.Optimizer.Strategies.EulerSearchOptimizationStrategy"}, "strategy must be"),
        ({"parameters": [{"key": name, "min": 1, "max": 2, "step": 1} for name in "abcd"]}, "from 1 to 3 parameters"),
        ({"parameters": []}, "from 1 to 3 parameters"),
        ({"parameters": [{"key": "days", "min": 2, "max": 1, "step": 1}]}, "The range is empty"),
        ({"parameters": [{"key": "days", "min": 1, "max": 2, "step": "x"}]}, "must be a number"),
        ({"targetTo": "maximum"}, "targetTo"),
        ({"target": "Sharpe Ratio"}, "target must be a path"),
        ({"nodeType": "O1-1"}, "nodeType"),
        ({"parallelNodes": 25}, "parallelNodes of O2-8 must be from 1 to 24"),
        ({"constraints": [{"target": DRAWDOWN, "operator": "below", "targetValue": 1}]}, "operator"),
        ({"compileId": "none"}, "not found"),
        ({"parameters": ["days"]}, "parameters[0] must be an object"),
        ({"parameters": [{"min": 1, "max": 2, "step": 1}]}, "parameters[0] has no name"),
        ({"parameters": [{"key": "days", "minimum": 1}]}, "unknown field 'parameters[0].minimum'"),
        ({"constraints": ["Drawdown"]}, "constraints[0] must be an object"),
        ({"constraints": [{"target": DRAWDOWN, "operator": "Less", "value": 1}]}, "unknown field 'constraints[0].value'"),
        ({"constraints": [{"target": "Drawdown", "operator": "Less", "targetValue": 1}]}, "target must be a path"),
    ],
)
def test_what_cannot_be_searched_is_refused(ask, project, fields, error):
    told = ask("optimizations/create", **asked(*project, **ORDER | fields))
    assert error in told["errors"][0]


def test_aborting_ends_what_runs_and_books_what_was_done(serve):
    ask = serve()
    number, *_ = ready(ask)
    text = FOREVER.replace("while True: ", "while self.days > 5: ")
    ask.good("files/update", projectId=number, name="main.py", content=text)
    identity = begin(ask, **asked(number, ask.build(number)["compileId"], **ORDER | {"parallelNodes": 1}))
    ask.until("optimizations/read", lambda told: dict(told["optimization"]["runtimeStatistics"] or {}).get("Completed") == "1",
              optimizationId=identity)  # fmt: skip
    ask.good("optimizations/update", optimizationId=identity, name="renamed")
    ask.good("optimizations/abort", optimizationId=identity)
    done = ask.good("optimizations/read", optimizationId=identity)["optimization"]
    assert (done["status"], done["name"], len(done["backtests"])) == ("aborted", "renamed", 1)
    assert done["runtimeStatistics"]["Total"] == "1"
    assert "is aborted" in ask("optimizations/abort", optimizationId=identity)["errors"][0]
    assert len(ask.good("organizations/read")["organization"]["credit"]["movements"]) == 2
    assert [one["optimizationId"] for one in ask.good("optimizations/list", projectId=number)["optimizations"]] == [identity]
    ask.good("optimizations/delete", optimizationId=identity)
    assert "not found" in ask("optimizations/read", optimizationId=identity)["errors"][0]


def test_backtests_that_fail_are_counted(ask):
    number, *_ = ready(ask)
    text = FAILING.replace("raise ValueError", "if self.days > 5: raise ValueError")
    ask.good("files/update", projectId=number, name="main.py", content=text)
    done = finish(ask, begin(ask, **asked(number, ask.build(number)["compileId"], **ORDER)))
    codes = {one["parameterSet"]["days"]: one["exitCode"] for one in done["backtests"].values()}
    assert codes == {"5": 0, "10": 1, "15": 1}
    assert (done["runtimeStatistics"]["Completed"], done["runtimeStatistics"]["Failed"]) == ("1", "2")


def test_a_backtest_of_a_search_can_be_read_and_stands_in_no_list(ask, project):
    done = finish(ask, begin(ask, **asked(*project, **ORDER)))
    one = next(iter(done["backtests"].values()))
    whole = ask.end(project[0], one["id"])
    assert whole["optimizationId"] == done["optimizationId"]
    assert one["id"] not in [each["backtestId"] for each in ask.good("backtests/list", projectId=project[0])["backtests"]]


def test_figures_come_as_an_object_where_that_is_wanted(serve):
    ask = serve(settings=Settings(statistics_as="object"))
    text = STRATEGY.replace("        above =", "        self.set_summary_statistic('My Figure', 4.5)\n        above =")
    number, build, first = ready(ask, text)
    done = finish(
        ask, begin(ask, **asked(number, build, parameters=[{"name": "days", "min": 10, "max": 10, "step": 1}], **ORDER))
    )
    figures = next(iter(done["backtests"].values()))["statistics"]
    portfolio = first["totalPerformance"]["portfolioStatistics"]
    assert {name for name in figures if name.isdigit()} == {str(place) for place in range(25)}
    for place, name in (
        (15, "sharpeRatio"),
        (21, "sortinoRatio"),
        (22, "startEquity"),
        (23, "endEquity"),
        (24, "drawdownRecovery"),
    ):
        assert figures[str(place)] == float(portfolio[name])
    assert figures["20"] == pytest.approx(100 * float(portfolio["winRate"]))
    assert {name for name in figures if not name.isdigit()} == {"My Figure"}
