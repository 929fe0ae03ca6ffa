"""Tables, figures and the page of a report."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from hidden_regime import RegimeDetector, load_dataset
from hidden_regime.data import make_market
from hidden_regime.research import backtest, figures, report
from hidden_regime.simulator import run_file


@pytest.fixture(scope="module")
def run():
    market = make_market(n_days=700, seed=1).market
    parameters = {"assets": "SYN_MARKET", "defensive": "SYN_BONDS", "start": "2011-03-01", "end": "2012-06-29"}
    return run_file(Path("quantconnect_templates") / "optimized_multi_asset.py", market, parameters=parameters)


@pytest.fixture(scope="module")
def done(run):
    return backtest.collect(run, "optimized_multi_asset")


def test_equity_has_a_row_a_session_and_ends_where_the_account_does(done, run):
    sessions = run.algorithm._sim.calendar.between(pd.Timestamp("2011-03-01").date(), pd.Timestamp("2012-06-29").date())
    assert [d.date() for d in done.equity.index] == [s.date for s in sessions]
    assert done.equity["equity"].iloc[-1] == pytest.approx(run.algorithm.portfolio.total_portfolio_value, abs=0.01)
    marks = run.market.load("SYN_MARKET").frame()["close"].reindex(done.equity.index)
    np.testing.assert_allclose(done.equity["benchmark"], marks, rtol=1e-6)


def test_the_sharpe_ratio_by_trading_days(done):
    returns = done.equity["equity"].pct_change().dropna()
    assert done.trading_day_sharpe == pytest.approx((returns.mean() - 0.01 / 252) / returns.std() * 252**0.5)


def test_cash_and_fills_add_up_to_the_equity(done, run):
    filled = done.orders[done.orders["status"] == "FILLED"]
    cash = 100_000 - (filled["quantity"] * filled["price"]).sum() - filled["fee"].sum()
    held = filled.groupby("symbol")["quantity"].sum()
    value = sum(q * run.algorithm.securities[symbol].price for symbol, q in held.items())
    assert cash + value == pytest.approx(done.equity["equity"].iloc[-1], abs=0.01)


def test_monthly_returns_compound_to_the_whole(done):
    figure = figures.monthly_returns(done.equity["equity"])
    table = np.array(figure.data[0].z, dtype=float)
    growth = np.nanprod(1 + table[:, :12] / 100)
    assert growth == pytest.approx(done.equity["equity"].iloc[-1] / done.equity["equity"].iloc[0], rel=1e-9)
    np.testing.assert_allclose(np.prod(1 + table[:, 12] / 100), growth, rtol=1e-9)


def test_the_picture_of_regimes_shows_what_was_known():
    frame = load_dataset("ibm").iloc[:500]
    states = RegimeDetector(lookback=150).run(frame)
    known = states[states["regime"].notna()]
    figure = figures.price_and_probabilities("IBM", frame["close"].loc[known.index], known)
    shading, _, *areas = figure.data
    names = [area.name for area in areas]
    assert [names[int(code)] for code in shading.z[0]] == known["regime"].tolist()
    np.testing.assert_allclose(sum(np.array(area.y, dtype=float) for area in areas), 1.0, atol=1e-3)


def test_own_names_get_colours():
    shades = figures.colours(["Bull", "Calm", "Wild"])
    assert len(set(shades.values())) == 3


def test_the_page_is_whole_and_needs_no_network(done):
    page = report.render(done)
    body = page.split("</script>", 1)[1]
    assert "SYNTHETIC DATA" in page
    for words in ("Equity and drawdown", "SYN_MARKET: regimes", "Monthly returns", "Probabilistic Sharpe Ratio"):
        assert words in body
    assert body.count("plotly-graph-div") == 4
    assert "<script src=" not in page


@pytest.mark.parametrize("top", [101.0, 125.0, 250.0, 900.0, 50_000.0])
def test_an_axis_has_a_few_round_numbers_in_sight(top):
    days = pd.date_range("2020-01-01", periods=3, freq="B")
    equity = pd.DataFrame({"equity": [100.0, 100.0, 100.0], "benchmark": [100.0, 100.2, top]}, index=days)
    marks = figures.equity_and_drawdown(equity, "SPY").layout.yaxis.tickvals
    assert 3 <= sum(100.0 <= mark <= top for mark in marks) <= 10


def test_regimes_of_framework_models_are_in_the_report(tmp_path):
    made = make_market(n_days=900, seed=2)
    from hidden_regime.research.strategies import find_strategy, market_parameters

    run = run_file(find_strategy("framework_regimes"), made.market, parameters=market_parameters(made.market, None, None))
    done = backtest.collect(run, "framework_regimes")
    assert sorted(asset.ticker for asset in done.assets) == ["SYN_GROWTH", "SYN_MARKET"]
    assert done.trainings > 20
