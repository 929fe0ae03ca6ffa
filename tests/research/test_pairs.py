"""Reports of coins and currencies: regimes beside the closes of their days, and figures of the days that their markets have."""

from __future__ import annotations

import json
import math
import zipfile
from functools import cache

import numpy as np
import pandas as pd
import pytest

from hidden_regime.research.backtest import collect
from hidden_regime.research.lean_tables import equity_of_lean
from hidden_regime.research.tables import summary
from tests.conftest import CASES
from tests.quantconnect.running import HEAD, run

STRATEGY = (
    HEAD
    + """
class Pair(HiddenRegimeAlgorithm):
    def initialize(self):
        self.set_start_date(2017, 3, 1)
        self.set_end_date(2017, 6, 30)
        self.set_benchmark(lambda time: 1.0)
        self.set_time_zone(self.get_parameter("zone"))
        add = self.add_crypto if self.get_parameter("kind") == "crypto" else self.add_forex
        self.pair = add(self.get_parameter("pair"), getattr(Resolution, self.get_parameter("every"))).symbol
        length = {"bars": "weekly"} if self.get_parameter("weeks") else {}
        self.initialize_regime_detection(self.pair, n_states=2, lookback_days=self.get_parameter("lookback", 200), **length)

    def on_data(self, data):
        if not self.portfolio.invested and self.regime_is_ready(self.pair):
            self.set_holdings(self.pair, 0.5)
"""
)
FILES = {"BTCUSD": "crypto/coinbase/daily/btcusd_trade", "EURUSD": "forex/oanda/daily/eurusd"}


def closes(pair):
    """Of each day of UTC, as LEAN's daily file has it: of currencies halfway between bid and ask."""
    with zipfile.ZipFile(CASES / "data" / f"{FILES[pair]}.zip") as packed:
        rows = [line.split(",") for line in packed.read(packed.namelist()[0]).decode().split("\n") if line]
    values = [float(row[4]) if len(row) < 10 else (float(row[4]) + float(row[9])) / 2 for row in rows]
    return pd.Series(values, pd.to_datetime([row[0][:8] for row in rows]))


@pytest.fixture(scope="module")
def done_of(reference_market, tmp_path_factory):
    """Tables of a run, each made once."""

    @cache
    def make(pair, every, weeks="", lookback="200"):
        kind = "crypto" if pair == "BTCUSD" else "forex"
        zone = "UTC" if kind == "crypto" else "America/New_York"
        asked = {"pair": pair, "kind": kind, "every": every, "zone": zone, "weeks": weeks, "lookback": lookback}
        return collect(run(tmp_path_factory.mktemp("pair"), reference_market, STRATEGY, parameters=asked), "pair")

    return make


@pytest.mark.parametrize(
    ("pair", "every", "year"),
    [("BTCUSD", "HOUR", 365), ("BTCUSD", "DAILY", 365), ("EURUSD", "HOUR", 252), ("EURUSD", "DAILY", 252)],
)
def test_regimes_stand_beside_the_closes_of_their_own_days(done_of, pair, every, year):
    done = done_of(pair, every)
    (asset,) = done.assets
    weekdays = range(7) if pair == "BTCUSD" else range(5)
    assert set(asset.states.index.day_of_week) == set(weekdays)
    assert len(asset.states) > 80
    of_days = closes(pair)[asset.states.index]
    np.testing.assert_allclose(asset.close, of_days, rtol=1e-9)
    for name in asset.table.index:  # by hand: what the day after a regime was known earned
        days = asset.states.index[asset.states["regime"] == name]
        places = [(asset.states.index.get_loc(day), day) for day in days]
        moves = [math.log(of_days.iloc[i + 1] / of_days[day]) for i, day in places if i + 1 < len(of_days)]
        assert asset.table.loc[name, "annual_return"] == pytest.approx(sum(moves) / len(moves) * year)
        spread = math.sqrt(sum((move - sum(moves) / len(moves)) ** 2 for move in moves) / len(moves))
        assert asset.table.loc[name, "annual_volatility"] == pytest.approx(spread * math.sqrt(year))
    assert asset.table["bars_per_year"].eq(year).all()


def test_a_coin_has_all_days_of_a_year_and_a_currency_those_of_the_exchange(done_of):
    for pair, year, n_days in (("BTCUSD", 365, 122), ("EURUSD", 252, 86)):
        done = done_of(pair, "HOUR")
        assert len(done.equity) == n_days
        moves = [b / a - 1 for a, b in zip(done.equity["equity"][:-1], done.equity["equity"][1:], strict=True)]
        mean = sum(moves) / len(moves)
        spread = math.sqrt(sum((move - mean) ** 2 for move in moves) / (len(moves) - 1))
        rate = 0.0154166  # of the primary credit rate of these months, less than a hundredth of the ratio
        ratio = (mean * year - rate) / (spread * math.sqrt(year))
        assert done.trading_day_sharpe == pytest.approx(ratio, abs=0.02)
        assert summary(done)["sharpe_by_trading_days"] == round(done.trading_day_sharpe, 3)
        # The same days are found in the result that LEAN would have written.
        again = equity_of_lean(json.loads(json.dumps(done.lean)), "pair")
        pd.testing.assert_frame_equal(again, done.equity, check_freq=False, rtol=1e-9)


def test_weeks_of_a_pair_have_a_table_too(done_of):
    (asset,) = done_of("BTCUSD", "DAILY", weeks="1", lookback="40").assets
    assert asset.close.notna().all()
    assert asset.table["bars_per_year"].iloc[0] == 52
