"""A run on a clock does what a backtest of the same bars does, to the last bit."""

from __future__ import annotations

from datetime import date

import pytest

from hidden_regime.data import open_market
from hidden_regime.operation.deploying import deploy
from hidden_regime.operation.journal import journal_of
from hidden_regime.operation.targets.paper import PaperTarget
from tests.conftest import CASES
from tests.operation.strategies import TURNING
from tests.operation.worlds import NOW, WALL, backtest, deployed, journaled, runner, same, strategy_at


def test_orders_equity_and_lines_are_the_backtests(tmp_path):
    journal = deployed(tmp_path, TURNING)
    assert runner(journal).run() == "ended"
    tested = backtest(strategy_at(tmp_path / "mine", TURNING))
    assert len(tested.orders) > 50
    live = journaled(journal)
    same(live, tested)
    own = {line for line in tested.lines if " at " in line}
    assert own and own == {line for line in live.lines if " at " in line}


def test_a_template_gives_the_backtests_regimes_and_orders(tmp_path):
    journal = journal_of(tmp_path)
    first, last = date(2011, 6, 1), date(2011, 12, 30)
    made = deploy(journal, "one", "optimized_multi_asset", data="us_stocks", now=NOW, at=WALL, start=first, end=last, speed=1e12)
    assert runner(journal).run() == "ended"
    tested = backtest(made.spec.origin, start=first, end=last, parameters=made.spec.parameters)
    same(journaled(journal), tested)
    assert len({regime for _, _, regime, _ in tested.regimes}) >= 2


# What each of them is about stands in tests/cases/README.md: splits and dividends, hours, a universe, delisting, warm-up.
@pytest.mark.parametrize(
    ("name", "start"),
    [
        ("r07_splits_dividends", date(2014, 5, 1)),
        ("a11_splits", date(2014, 5, 1)),
        ("r13_hour_to_daily", date(2014, 6, 2)),
        ("r23_universes", date(2013, 1, 2)),
        ("r16_life_of_a_security", date(2012, 2, 1)),
        ("r05_warm_up_history_indicators", date(2014, 1, 2)),
        ("f01_random_trader", date(2016, 1, 4)),
    ],
)
def test_strategies_that_lean_answered_are_equal_too(tmp_path, name, start):
    path, data = str(CASES / "algorithms" / f"{name}.py"), str(CASES / "data")
    end = start.replace(month=start.month + 2)
    journal = journal_of(tmp_path)
    deploy(journal, "one", path, data=data, now=NOW, at=WALL, start=start, end=end, speed=1e12)
    live = runner(journal)
    assert live.run() == "ended"
    tested = backtest(path, open_market(data), start, end)
    assert journaled(journal).orders == tested.orders
    account = PaperTarget(live.folder / "account.sqlite", 0.0).portfolio()
    assert account.cash == pytest.approx(live._books.account().cash, abs=0.005)
    assert account.positions == live._books.account().positions
