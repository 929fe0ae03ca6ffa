"""The synthetic coin: bars round the clock, regimes that are there, and a label wherever it is shown."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from hidden_regime import RegimeDetector
from hidden_regime.cli.main import app
from hidden_regime.data import load_dataset, make_bitcoin, open_market
from hidden_regime.data.bitcoin import REGIMES
from hidden_regime.exceptions import ParameterError
from hidden_regime.simulator import run_file

STRATEGY = """
from AlgorithmImports import *

class Hold(QCAlgorithm):
    def initialize(self):
        self.set_start_date(2023, 1, 1)
        self.set_end_date(2023, 3, 31)
        self.set_cash(100000)
        if self.get_parameter("cash"):
            self.set_brokerage_model(BrokerageName.COINBASE, AccountType.CASH)
        self.btc = self.add_crypto("BTCUSD", Resolution.HOUR if self.get_parameter("hourly") else Resolution.DAILY).symbol
        self.bars = []

    def on_data(self, data):
        if self.btc in data.bars:
            self.bars.append(data.bars[self.btc])
        if not self.portfolio.invested:
            self.set_holdings(self.btc, 0.9)
"""


def test_hours_follow_each_other_round_the_clock_and_make_the_days():
    hours = load_dataset("synthetic_bitcoin", resolution="hour")
    assert len(hours) == 730 * 24
    assert (np.diff(hours.index.to_numpy()) == np.timedelta64(1, "h")).all() and str(hours.index.tz) == "UTC"
    assert (hours["open"].iloc[1:].to_numpy() == hours["close"].iloc[:-1].to_numpy()).all()
    prices = hours[["open", "high", "low", "close"]]
    assert (prices.max(axis=1) == hours["high"]).all() and (prices.min(axis=1) == hours["low"]).all()
    how = {"open": "first", "high": "max", "low": "min", "close": "last", "volume": "sum"}
    days = hours.resample("1D").agg(how).tz_localize(None)
    pd.testing.assert_frame_equal(days, load_dataset("synthetic_bitcoin"), check_freq=False, check_index_type=False, rtol=1e-12)


def test_returns_of_each_regime_have_its_moments():
    made = make_bitcoin(n_days=6000, seed=3)
    returns = np.diff(np.log(made.market.load("BTCUSD").close))
    truth = np.array(made.truth)[1:]
    for regime in REGIMES:
        own = returns[truth == regime.name]
        assert abs(own.mean() - regime.mean) < 4.0 * regime.sd / np.sqrt(len(own))
        assert own.std() == pytest.approx(regime.sd, rel=0.08)


def test_its_regimes_can_be_found_in_the_days_before_each():
    made = make_bitcoin()
    states = RegimeDetector(3).run(load_dataset("synthetic_bitcoin"))
    known = states["regime"].notna().to_numpy()
    right = (states["regime"].to_numpy() == np.array(made.truth))[known]
    assert known.sum() > 400
    assert right.mean() > 0.9
    assert set(np.array(made.truth)[365:]) == {"Bear", "Sideways", "Bull"}


def test_equal_seeds_give_equal_prices_and_others_others():
    one, two, other = (make_bitcoin(n_days=30, seed=seed).market.load("BTCUSD").close for seed in (1, 1, 2))
    assert (one == two).all() and not (one == other).any()


@pytest.mark.parametrize(
    ("options", "words"), [({"n_days": 1}, "n_days"), ({"shocks": 2.0}, "shocks"), ({"price": 0.0}, "price")]
)
def test_what_it_cannot_be_made_of_is_said(options, words):
    with pytest.raises(ParameterError, match=words):
        make_bitcoin(**options)


def test_it_is_labelled_wherever_it_is_shown():
    market = open_market("synthetic_bitcoin")
    assert market.synthetic and market.name.startswith("synthetic") and "SYNTHETIC" in market.origin
    listed, told = (CliRunner().invoke(app, arguments).output for arguments in (["data", "list"], ["data", "info", market.name]))
    assert "synthetic_bitcoin    crypto/coinbase/BTCUSD  SYNTHETIC" in listed
    assert "SYNTHETIC" in told and "2022-01-01" in told and "daily, hour  trades" in told
    with pytest.raises(ParameterError, match="resolution"):
        load_dataset("synthetic_bitcoin", resolution="minute")
    with pytest.raises(ParameterError, match="resolution"):
        load_dataset("sp500", resolution="hour")


@pytest.mark.parametrize(("given", "bars"), [({}, 91), ({"hourly": "1"}, 90 * 24), ({"cash": "1"}, 91)])
def test_a_strategy_trades_it(given, bars, tmp_path):
    path = tmp_path / "hold.py"
    path.write_text(STRATEGY)
    market = open_market("synthetic_bitcoin")
    run = run_file(path, market, parameters=given)
    assert run.status == "Completed", run.message
    closes = dict(zip(market.load("BTCUSD").dates, market.load("BTCUSD").close, strict=True))
    seen = run.algorithm.bars
    # From the last close before midnight of New York, which begins the run, to the last bar that starts by its end.
    assert len(seen) == bars
    for bar in seen:
        if bar.end_time.hour == 0:
            assert bar.close == closes[date.fromordinal(bar.end_time.toordinal() - 1)]
    fee = 0.008 if "cash" in given else 0.0
    fill = run.algorithm._sim.book.events[-1]
    assert float(fill.order_fee.value.amount) == pytest.approx(fee * fill.fill_price * fill.fill_quantity, rel=1e-9)
