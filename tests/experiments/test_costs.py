"""What trading costs is in the result: fees, slippage, and how much was turned over."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from hidden_regime.cli.main import app
from hidden_regime.experiments import run_strategy
from tests.experiments.small import three_years, write_strategy

COSTLY = '''from AlgorithmImports import *


class Costly(QCAlgorithm):
    """Buys and sells in turn, at a price."""

    def initialize(self):
        self.set_start_date(2010, 6, 1)
        self.set_end_date(2011, 5, 31)
        asset = self.add_equity("SYN_MARKET", Resolution.DAILY)
        asset.set_fee_model(ConstantFeeModel(self.get_parameter("fee", 1.0)))
        asset.set_slippage_model(ConstantSlippageModel(self.get_parameter("slippage", 0.0)))
        self.asset, self.every = asset.symbol, self.get_parameter("every", 5)

    def on_data(self, data):
        if self.time.day % self.every == 0:
            self.set_holdings(self.asset, 0 if self.portfolio.invested else 1)
'''


def run(path, **parameters):
    return run_strategy(path, three_years(), parameters=parameters)


@pytest.mark.parametrize(("cost", "values"), [("fee", (0.0, 20.0, 40.0)), ("slippage", (0.0, 0.001, 0.002))])
def test_doubled_costs_lower_the_result(tmp_path, cost, values):
    path = write_strategy(tmp_path, COSTLY, "costly.py")
    ends = [float(run(path, **{cost: value}).equity["equity"].iloc[-1]) for value in values]
    assert ends[0] > ends[1] > ends[2]


def test_fees_are_paid_to_the_cent(tmp_path):
    path = write_strategy(tmp_path, COSTLY, "costly.py")
    free, dear = run(path, fee=0.0), run(path, fee=20.0)
    n = int(dear.texts["Total Orders"])
    assert dear.orders["fee"].sum() == 20.0 * n
    assert float(dear.texts["Total Fees"].replace("$", "").replace(",", "")) == 20.0 * n
    assert free.orders["fee"].sum() == 0.0


def test_turnover_stands_on_the_page(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = write_strategy(tmp_path, COSTLY, "costly.py")
    often, seldom = run(path, every=2), run(path, every=10)
    assert often.statistics["Portfolio Turnover"] > seldom.statistics["Portfolio Turnover"] > 0.0
    done = CliRunner().invoke(app, ["backtest", str(path), "--data", "synthetic", "--out", "out", "-p", "every=2"])
    assert done.exit_code == 0, done.output
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    for figure in ("Portfolio Turnover", "Compounding Annual Return", "Drawdown", "Sharpe Ratio", "Total Fees"):
        assert figure in page
