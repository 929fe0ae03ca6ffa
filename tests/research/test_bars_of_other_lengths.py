"""What followed each regime of hours and weeks: by the prices at their ends, and by so many bars a year as there are."""

from __future__ import annotations

import pandas as pd
import pytest

from hidden_regime.data import LeanFolder, open_market
from hidden_regime.regimes.statistics import regime_table
from hidden_regime.research.backtest import collect
from hidden_regime.research.report import render
from hidden_regime.simulator import run_file
from tests.conftest import CASES

STRATEGY = """from datetime import timedelta
from AlgorithmImports import *
from hidden_regime.quantconnect import HiddenRegimeAlgorithm

class S(HiddenRegimeAlgorithm):
    def initialize(self):
        self.set_start_date({start})
        self.set_end_date({end})
        self.seen = {{}}
        self.add_equity("{ticker}", Resolution.{resolution})
        self.initialize_regime_detection("{ticker}", 2, {lookback}, 4, bars={bars})

    def on_data(self, data):
        for bar in data.bars.values():
            if not bar.is_fill_forward:
                self.seen[bar.end_time] = bar.close
"""
HOURS = {"start": "2015, 1, 5", "end": "2015, 4, 30", "ticker": "SPY", "resolution": "HOUR", "lookback": 150}
WEEKS = {"start": "2004, 1, 5", "end": "2006, 12, 29", "ticker": "MSFT", "resolution": "DAILY", "lookback": 104}


@pytest.mark.parametrize(
    ("given", "bars", "a_year", "unit"),
    [
        (HOURS, "Resolution.HOUR", 7 * 252, " bars"),
        (HOURS, "timedelta(hours=2)", 4 * 252, " bars"),
        (WEEKS, '"weekly"', 52, " w"),
    ],
    ids=["hours", "two hours", "weeks"],
)
def test_the_table_is_of_these_bars(tmp_path, given, bars, a_year, unit):
    path = tmp_path / "strategy.py"
    path.write_text(STRATEGY.format(**given, bars=bars))
    market = LeanFolder(CASES / "data", synthetic=True) if given is HOURS else open_market("us_stocks")
    run = run_file(path, market)
    assert run.error is None
    done = collect(run, "strategy")
    (asset,) = done.assets
    seen = pd.Series(run.algorithm.seen)
    at_their_ends = [seen[seen.index <= time].iloc[-1] for time in asset.states.index if (seen.index <= time).any()]
    known = asset.states.iloc[-len(at_their_ends) :]
    pd.testing.assert_series_equal(
        asset.close.iloc[-len(known) :], pd.Series(at_their_ends, known.index), check_names=False, check_freq=False
    )
    pd.testing.assert_frame_equal(asset.table, regime_table(asset.states, asset.close))
    assert asset.table["bars_per_year"].iloc[0] == pytest.approx(a_year, rel=0.02)
    assert f"{unit}</td>" in render(done)
