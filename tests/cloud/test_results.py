"""What the cloud ran, as tables and studies: held to runs of the same file without a cloud."""

from __future__ import annotations

import dataclasses
import itertools
import math
from functools import cache

import numpy as np
import pandas as pd
import pytest

from hidden_regime.cloud.errors import NotFound, Waiting
from hidden_regime.cloud.fake import FakeCloud, Settings
from hidden_regime.cloud.optimization_spec import OptimizationSpec
from hidden_regime.cloud.records.optimizations import Optimization
from hidden_regime.cloud.results import backtest_tables, optimization_study, safe_name
from hidden_regime.cloud.sync.syncing import compiled, push
from hidden_regime.data import open_market
from hidden_regime.experiments.constraint import Constraint
from hidden_regime.experiments.objective import Objective, fractions
from hidden_regime.experiments.space import Space
from hidden_regime.research import tables
from hidden_regime.research.backtest import collect
from hidden_regime.research.report import render
from hidden_regime.simulator import result as lean_result
from hidden_regime.simulator import run_file
from tests.cloud.practice import CROSSING, client, write_project

SPACE = {"fast": "2:4:2", "slow": "8:12:4"}
FIGURES = {
    "Alpha": "alpha", "Annual Standard Deviation": "annualStandardDeviation", "Annual Variance": "annualVariance",
    "Average Loss": "averageLossRate", "Average Win": "averageWinRate", "Beta": "beta", "Drawdown": "drawdown",
    "Compounding Annual Return": "compoundingAnnualReturn", "Expectancy": "expectancy", "Information Ratio": "informationRatio",
    "Loss Rate": "lossRate", "Net Profit": "totalNetProfit", "Probabilistic Sharpe Ratio": "probabilisticSharpeRatio",
    "Profit-Loss Ratio": "profitLossRatio", "Sharpe Ratio": "sharpeRatio", "Total Orders": "orders",
    "Tracking Error": "trackingError", "Treynor Ratio": "treynorRatio", "Win Rate": "winRate",
}  # fmt: skip
"""LEAN's names, and what its result calls them."""
HELD = {"unread": "held"}
TITLE = "<b>x</b>/../../etc"


@pytest.fixture(scope="module")
def cloud(tmp_path_factory):
    with FakeCloud(tmp_path_factory.mktemp("cloud"), settings=Settings(workers=1)) as cloud:
        yield cloud
        assert cloud.unexpected == []


@pytest.fixture(scope="module")
def qc(cloud):
    with client(cloud) as qc:
        yield qc


@pytest.fixture(scope="module")
def project(qc, tmp_path_factory):
    """Folder of the project, its number, and a build of it."""
    folder = write_project(tmp_path_factory.mktemp("projects") / "crossing", parameters={"slow": "9"})
    push(qc, folder)
    return folder, *compiled(qc, folder)


def run(qc, project, name="one", **parameters):
    _, number, build = project
    return qc.backtests.run(number, name, parameters, compile_id=build, timeout=120)


@cache
def direct(path, parameters):
    """The same file, run here."""
    return run_file(path, open_market("us_stocks"), parameters=dict(parameters))


def test_a_backtest_has_the_tables_of_a_run_here(qc, project, tmp_path):
    done = backtest_tables(qc, run(qc, project, fast="2"), "crossing")
    ours = collect(direct(project[0] / "main.py", (("slow", "9"), ("fast", "2"))), "crossing")
    assert len(ours.orders) > 5
    pd.testing.assert_frame_equal(done.orders, ours.orders)
    pd.testing.assert_frame_equal(done.equity, ours.equity)
    assert done.statistics == ours.statistics
    assert done.files["crossing-log.txt"] == ours.files["crossing-log.txt"]
    tables.write(done, tmp_path, {"report.html": render(done)})
    tables.write(ours, tmp_path / "ours", {})
    for name in ("orders.csv", "equity.csv"):
        assert (tmp_path / name).read_bytes() == (tmp_path / "ours" / name).read_bytes()
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "the practice cloud (embedded engine), backtest" in page and "told to" not in page


def test_a_backtest_that_failed_on_the_way_has_what_it_came_to(qc, project):
    done = backtest_tables(qc, run(qc, project, word="fail"), "crossing")
    ours = collect(direct(project[0] / "main.py", (("slow", "9"), ("word", "fail"))), "crossing")
    assert (done.status, "told to fail" in done.message) == ("Runtime Error", True)
    pd.testing.assert_frame_equal(done.orders, ours.orders)
    pd.testing.assert_frame_equal(done.equity, ours.equity)
    assert "told to fail" in render(done)


def test_a_backtest_that_failed_before_its_first_day_has_tables_without_a_row(qc, project, tmp_path):
    found = run(qc, project, word="never")
    done = backtest_tables(qc, found, "crossing")
    assert "NOWHERE is not in" in done.message and len(done.equity) == len(done.orders) == 0
    tables.write(done, tmp_path, {"report.html": render(done)})
    assert "NOWHERE is not in" in (tmp_path / "report.html").read_text(encoding="utf-8")


def test_a_chart_that_is_missing_though_it_is_named_is_an_error(qc, project):
    found = run(qc, project)
    other = dataclasses.replace(found, backtest_id=run(qc, project, word="never").backtest_id)
    with pytest.raises(NotFound, match="chart"):
        backtest_tables(qc, other, "crossing")


def test_a_backtest_that_goes_on_has_no_tables(qc, project):
    _, number, build = project
    begun = qc.backtests.create(number, build, "waits")
    with pytest.raises(Waiting, match="isn't over and goes on in the cloud"):
        backtest_tables(qc, begun, "crossing")
    qc.backtests.wait(number, begun.backtest_id, timeout=120)


def optimized(qc, project, objective="Sharpe Ratio", direction="max", limits=(), space=None, name="grid", **held):
    """A search in the cloud, when it is over. What it costs is another test's matter."""
    _, number, build = project
    spec = OptimizationSpec(
        number, build, name, Space.of(space or SPACE), Objective(objective, direction),
        tuple(Constraint.parse(limit) for limit in limits), held=tuple(held.items()),
    )  # fmt: skip
    fields = spec.fields() | {"estimatedCost": 1.0, "nodeType": "O2-8", "parallelNodes": 2}
    begun = qc.transport.call("optimizations/create", fields)["optimizations"][0]["optimizationId"]
    return qc.optimizations.wait(begun, timeout=120)


@pytest.fixture(scope="module")
def found(qc, project):
    run(qc, project)
    return optimized(qc, project, limits=["Drawdown <= 6.5%"], name=TITLE, **HELD)


def brute_force(project):
    """The portfolio's figures in LEAN's result, and equity, by set, of runs here."""
    out = {}
    for fast, slow in itertools.product(("2", "4"), ("8", "12")):
        run = direct(project[0] / "main.py", (("slow", slow), ("fast", fast)))
        content = lean_result.build(run, "direct")
        figures = {name: float(text) for name, text in content["totalPerformance"]["portfolioStatistics"].items()}
        figures |= {"orders": float(len(content["orders"]))}
        out[fast, slow] = figures, collect(run, "crossing").equity["equity"]
    return out


def test_each_trial_has_the_figures_of_a_run_here_and_the_best_is_the_best_of_all(qc, project, found):
    study, ours = optimization_study(qc, found, "crossing"), brute_force(project)
    assert {(t.parameters["fast"], t.parameters["slow"]) for t in study.trials} == set(ours)
    for trial in study.trials:
        figures, equity = ours[trial.parameters["fast"], trial.parameters["slow"]]
        told = fractions(trial.statistics)
        assert trial.parameters.keys() == SPACE.keys()
        for name, field in FIGURES.items():
            assert told[name] == pytest.approx(figures[field], abs=1e-9), name
        column = study.returns[:, study.columns.index(trial.number)]
        np.testing.assert_allclose(column, equity.pct_change().iloc[1:], rtol=0, atol=1e-7)
        np.testing.assert_array_equal(study.days, equity.index[1:].to_numpy().astype("datetime64[D]"))
    allowed = {one: figures for one, (figures, _) in ours.items() if figures["drawdown"] <= 0.065}
    best = max(allowed, key=lambda one: allowed[one]["sharpeRatio"])
    assert best != max(ours, key=lambda one: ours[one][0]["sharpeRatio"])  # which doesn't keep to the limit
    assert study.best_parameters == dict(zip(("fast", "slow"), best, strict=True))
    assert [trial.is_feasible for trial in study.trials].count(True) == len(allowed)
    assert study.config == {"unread": "held"} and study.luck.psr is not None
    assert (study.spec["first"], study.spec["last"]) == ("2004-01-06", "2004-04-30")


def test_the_least_is_the_best_where_that_is_asked(qc, project):
    study = optimization_study(qc, optimized(qc, project, "Drawdown", "min"), "crossing")
    ours = brute_force(project)
    least = min(ours, key=lambda one: ours[one][0]["drawdown"])
    assert study.best_parameters == dict(zip(("fast", "slow"), least, strict=True))
    assert study.spec["objectives"] == [{"target": "Drawdown", "direction": "min", "value": None}]


def test_a_search_has_its_page_and_its_files(qc, found, tmp_path):
    study = optimization_study(qc, found, safe_name(TITLE))
    study.save(tmp_path / "study")
    page = (tmp_path / "study" / "report.html").read_text(encoding="utf-8")
    assert found.optimization_id in page and "<b>x</b>" not in page
    assert sorted(path.name for path in tmp_path.iterdir()) == ["study"]


def test_curves_of_some_days_alone_are_no_returns_of_days(qc, project, tmp_path):
    source = CROSSING.replace("2004, 4, 30", "2004, 10, 29")
    folder = write_project(tmp_path / "longer", source)
    push(qc, folder)
    longer = (folder, *compiled(qc, folder))
    run(qc, longer)
    study = optimization_study(qc, optimized(qc, longer, space={"fast": "2:4:2"}), "longer")
    assert study.best is not None and study.returns.size == 0
    assert study.luck.psr is None and study.luck.notes == ("the best trial's equity isn't known day by day",)
    assert any("on some days alone" in note for note in study.notes)
    assert (study.spec["first"], study.spec["last"]) == ("2004-01-06", "2004-10-29")
    assert "6 Jan 2004 to 29 Oct 2004" in study.to_html()


def test_a_search_in_which_all_failed_has_no_best_and_a_page_all_the_same(qc, project, found):
    study = optimization_study(qc, optimized(qc, project, word="never"), "crossing")
    assert study.best is None and study.count("failed") == len(study.trials) == 4
    assert all("exit code 1" in trial.error for trial in study.trials)
    assert "crossing: parameters" in study.to_html()


def changed(found: Optimization, **fields) -> Optimization:
    return dataclasses.replace(found, **fields)


def test_a_search_that_goes_on_has_no_study(qc, found):
    with pytest.raises(Waiting, match="4 of 4 backtests"):
        optimization_study(qc, changed(found, status="running"), "crossing")


def test_a_trial_whose_parameters_nobody_tells_is_never_the_best(qc, found):
    told = {id: dataclasses.replace(one, parameter_set={}) for id, one in found.backtests.items()}
    study = optimization_study(qc, changed(found, backtests=told), "crossing")
    assert study.best is None and {trial.error for trial in study.trials} == {"the server doesn't tell its parameters"}
    assert study.to_html()


@pytest.mark.parametrize(
    "fields", [{"backtests": {}}, {"parameters": ()}, {"constraints": ()}, {"criterion": None}, {"runtime_statistics": None}]
)
def test_what_is_missing_of_a_search_leaves_the_rest(qc, found, fields):
    whole = optimization_study(qc, found, "crossing")
    elsewhere = {"optimization_target": whole.spec["objectives"][0]["target"], "extremum": "max"}  # the same at the top
    study = optimization_study(qc, changed(found, **elsewhere, **fields), "crossing")
    assert len(study.trials) == (0 if "backtests" in fields else 4) and study.to_html()


def test_limits_that_are_no_numbers_are_none(qc, found):
    odd = tuple(dataclasses.replace(one, max=math.nan if one.name == "slow" else one.max) for one in found.parameters)
    assert optimization_study(qc, changed(found, parameters=odd), "crossing").spec["space"][0]["name"] == "fast"


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("crossing", "crossing"), ("a/b/Crossing 2", "Crossing_2"), ("../../etc/passwd", "passwd"), ("..", "project"),
        ("a\\..\\..", "project"), (".hidden", "hidden"), ("<b>x</b>", "b"), ("", "project"), ("a\x00b\nc", "a_b_c"), ("C:x", "C_x"),
        ("/", "project"), ("größe", "größe"),
    ],
)  # fmt: skip
def test_a_name_that_somebody_else_gave_is_one_for_files(name, safe):
    assert safe_name(name) == safe
