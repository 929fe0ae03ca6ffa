"""Lots are of shares alone: coins and currencies have rules of their own."""

from __future__ import annotations

import pytest

from hidden_regime.exceptions import DataError
from hidden_regime.operation.tax import tax_lots
from hidden_regime.operation.tax.sources import events_of_run
from hidden_regime.simulator import run_file
from hidden_regime.simulator.result import write
from tests.experiments.small import write_strategy

STRATEGY = """from AlgorithmImports import *

class Once(QCAlgorithm):
    def initialize(self):
        self.set_start_date(2017, 3, 6)
        self.set_end_date(2017, 3, 10)
        self.set_benchmark(lambda time: 1.0)
        self.held = self.add_ASSET, Resolution.DAILY).symbol

    def on_data(self, data):
        if not self.portfolio.invested:
            self.market_order(self.held, 10)
"""


@pytest.mark.parametrize("asset", ['crypto("BTCUSD"', 'forex("EURUSD"', 'equity("SPY"'])
def test_fills_of_a_run_are_shares_or_refused(tmp_path, reference_market, asset):
    run = run_file(write_strategy(tmp_path, STRATEGY.replace("ASSET", asset), "once.py"), reference_market)
    assert run.error is None
    write(run, tmp_path / "folder", "once")
    if "equity" in asset:
        assert [event.quantity for event in events_of_run(run)] == [10]
        assert tax_lots(tmp_path / "folder").positions == {"SPY": 10}
        return
    for asked in (lambda: events_of_run(run), lambda: tax_lots(tmp_path / "folder")):
        with pytest.raises(DataError, match=r"has fills of (BTC|EUR)USD: expected shares alone"):
            asked()
