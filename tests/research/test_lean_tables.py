"""Tables of LEAN's result format: those of the run itself, and of what real LEAN wrote."""

from __future__ import annotations

import json
import math
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from hidden_regime.data import LeanFolder, open_market
from hidden_regime.exceptions import DataError
from hidden_regime.research import backtest, report, tables
from hidden_regime.research.lean_tables import backtest_of_lean
from hidden_regime.research.strategies import market_parameters
from hidden_regime.simulator import result, run_file

TEMPLATES = Path("quantconnect_templates")


@pytest.fixture(scope="module")
def run():
    market = open_market("us_stocks")
    parameters = market_parameters(market, date(2004, 1, 2), date(2004, 6, 30))
    return run_file(TEMPLATES / "basic_regime_switching.py", market, parameters=parameters)


@pytest.fixture(scope="module")
def of_run(run):
    return backtest.collect(run, "strategy")


@pytest.fixture(scope="module")
def of_files(of_run):
    """Read from the files that the run wrote, as another program would."""
    files = of_run.files
    events, log = json.loads(files["strategy-order-events.json"]), files["strategy-log.txt"].splitlines()
    return backtest_of_lean(json.loads(files["strategy.json"]), events, log, name="strategy", market="m", origin="o")


def test_orders_and_equity_are_those_of_the_run(of_run, of_files):
    assert len(of_run.orders) > 1 and of_run.orders["fee"].sum() > 0
    pd.testing.assert_frame_equal(of_files.orders, of_run.orders, check_dtype=False)
    pd.testing.assert_frame_equal(of_files.equity, of_run.equity, rtol=1e-4)
    assert of_files.statistics == of_run.statistics


def test_the_files_are_those_of_the_run_again(of_run, of_files, tmp_path):
    tables.write(of_run, tmp_path / "run")
    tables.write(of_files, tmp_path / "files")
    for name in ("orders.csv", "strategy.json", "strategy-order-events.json", "strategy-log.txt"):
        assert (tmp_path / "files" / name).read_bytes() == (tmp_path / "run" / name).read_bytes(), name


def test_the_page_is_made_of_them(of_files):
    page = report.render(of_files)
    assert "strategy: backtest" in page and of_files.statistics["Sharpe Ratio"] in page


def test_a_page_names_no_benchmark_that_nobody_told(of_files):
    assert "Benchmark: ." not in report.render(of_files)


def test_an_empty_result_has_empty_tables():
    found = backtest_of_lean({}, name="s", market="m", origin="o")
    assert len(found.equity) == len(found.orders) == 0 and found.statistics == {} and math.isnan(found.trading_day_sharpe)


@pytest.mark.parametrize(
    "lean",
    [
        {"orders": {"1": {}}},
        {"charts": []},
        {"statistics": 3},
        {"orders": 5},
        {"charts": {"Benchmark": {"series": {"Benchmark": {"values": [["x", "y"]]}}}}},
    ],
)
def test_what_is_no_result_is_told(lean):
    if lean == {"charts": []}:  # an empty mapping comes as a list
        assert len(backtest_of_lean(lean, name="s", market="m", origin="o").equity) == 0
        return
    with pytest.raises(DataError, match="s: expected a backtest's result in LEAN's format"):
        backtest_of_lean(lean, name="s", market="m", origin="o")


def test_an_order_may_come_with_words_and_its_own_events():
    order = {"id": 1, "symbol": {"value": "SPY", "id": "SPY R735QTJ8XC9X"}, "type": 4, "status": "partiallyFilled", "quantity": 3, "price": 10.5,
             "time": "2020-01-03T14:31:00Z", "createdTime": "2020-01-03T14:30:00.5Z", "tag": None,
             "events": [{"orderId": 1, "orderFeeAmount": 1.0}, {"orderId": 1, "orderFeeAmount": 0.5}]}  # fmt: skip
    found = backtest_of_lean({"orders": [order]}, name="s", market="m", origin="o").orders.iloc[0]
    assert (found["type"], found["status"], found["fee"], found["tag"]) == ("MARKET_ON_OPEN", "PARTIALLY_FILLED", 1.5, "")
    assert str(found["time"]) == "2020-01-03 14:30:00.500000"


def test_real_leans_equity_of_the_same_days():
    """LEAN's answer to a strategy: its last equity is that of its own statistics."""
    folder = Path("../shared/lean_reference")
    if not folder.is_dir():
        pytest.skip("needs real LEAN's answers, which are no part of a clone")
    told = json.loads((folder / "expected" / "r02_momentum_rotation.json").read_text())
    run = run_file(folder / "algorithms" / "r02_momentum_rotation.py", LeanFolder(folder / "data"))
    lean = json.loads(json.dumps(result.build(run, "r02")))
    found = backtest_of_lean(lean, name="r02", market="m", origin="o")
    assert found.equity["equity"].iloc[-1] == pytest.approx(told["equity"][-1][1], abs=0.01)
    assert len(found.orders) == len(told["orders"])
