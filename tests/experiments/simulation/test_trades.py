"""Trades drawn again: their returns, and where they can't be told apart."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

pytest.importorskip("arch")

from hidden_regime.exceptions import StudyError
from hidden_regime.experiments import monte_carlo, run_strategy
from hidden_regime.experiments.simulation.trades import trade_returns
from tests.experiments.simulation.made import traded
from tests.experiments.small import HOLD, three_years, write_strategy


def test_returns_are_profit_less_fees_over_the_equity_at_entry():
    run, at_entry = traded([50.0, -20.0, 0.0, 30.0])
    found = trade_returns(run)
    np.testing.assert_allclose(found, (np.array([50.0, -20.0, 0.0, 30.0]) - 1.0) / at_entry, rtol=1e-12)
    assert np.prod(1.0 + found) == pytest.approx(run.equity["equity"].iloc[-1] / 1000.0, rel=1e-12)
    shuffled = replace(run, trades=run.trades.iloc[::-1])
    np.testing.assert_array_equal(trade_returns(shuffled), found)


def test_of_a_strategy_that_ran_they_multiply_to_its_account(tmp_path):
    run = run_strategy(write_strategy(tmp_path, HOLD, "hold.py"), three_years())
    found = trade_returns(run)
    assert len(found) == len(run.trades) > 10
    still_open = run.orders["quantity"].sum()
    assert still_open == 0  # the account at the end is what closed trades made of it
    assert np.prod(1.0 + found) == pytest.approx(run.equity["equity"].iloc[-1] / run.equity["equity"].iloc[0], rel=1e-9)


def test_paths_are_of_trades():
    run, _ = traded([50.0, -20.0, 10.0, 30.0] * 5)
    found = monte_carlo(run, kind="trades", n_paths=500, seed=1)
    own = trade_returns(run)
    assert found.drawn["unit"] == "trade" and found.drawn["n_steps"] == 20 and "block" not in found.drawn
    assert found.drawn["per_year"] == pytest.approx(20 * 252 / (len(run.equity) - 1))
    assert found["total_return"].source == pytest.approx(np.prod(1 + own) - 1)
    # Drawn one by one, the mean of what 1 becomes is the mean of one trade to the power of their number.
    ends = 1.0 + found.paths["total_return"].to_numpy()
    assert ends.mean() == pytest.approx((1 + own).mean() ** 20, abs=4.0 * ends.std() / np.sqrt(500))
    assert any("There are 20 trades" in note for note in found.notes)
    longer = monte_carlo(run, kind="trades", n_paths=5, years=1)
    assert longer.drawn["n_steps"] == round(found.drawn["per_year"]) and longer["drawdown"].place is None


def test_trades_that_overlap_are_refused_with_what_to_use_instead():
    run, _ = traded([5.0, 6.0, 7.0])
    trades = run.trades.copy()
    trades.loc[0, "exit_time"] = trades.loc[1, "entry_time"]
    assert len(trade_returns(replace(run, trades=trades))) == 3  # one ends as the next begins
    trades.loc[0, "exit_time"] = trades.loc[2, "entry_time"] + pd.Timedelta(hours=1)
    with pytest.raises(StudyError, match=r"trader: 2 of 3 trades begin before an earlier one has ended.*kind='bootstrap'"):
        monte_carlo(replace(run, trades=trades), kind="trades", n_paths=5)


def test_a_trade_that_loses_more_than_there_is_ruins_the_path():
    run, _ = traded([5.0, 5.0, 5.0])
    trades = run.trades.assign(profit_loss=[5.0, -2000.0, 5.0])
    found = monte_carlo(replace(run, trades=trades), kind="trades", n_paths=200)
    lost = found.paths["lowest"] == 0.0
    assert 0.5 < lost.mean() < 0.9 and (found.paths.loc[lost, "cagr"] == -1.0).all()
    assert found.to_html()
