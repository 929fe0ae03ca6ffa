"""Strategies over paths."""

from __future__ import annotations

import pickle
from datetime import date

import numpy as np
import pytest

from hidden_regime.exceptions import ParameterError, StrategyError
from hidden_regime.experiments import EnginePaths, Result, engine_paths, run_strategy
from hidden_regime.experiments.regime_paths import fit_paths, path_market

from ..small import three_years, write_strategy
from .models import LAST_YEAR

HOLD = '''from AlgorithmImports import *
from pathlib import Path


class Hold(QCAlgorithm):
    """Buys a hundred shares; may fail where the price falls, and says when it has come to its end."""

    def initialize(self):
        self.set_start_date(2011, 6, 1)
        self.set_end_date(2012, 12, 31)
        self.floor = self.get_parameter("floor", 0.0)
        self.asset = self.add_equity("SYN_GROWTH", Resolution.DAILY).symbol
        self.first = None

    def on_data(self, data):
        price = self.securities[self.asset].price
        self.first = self.first or price
        if price < self.floor * self.first:
            raise ValueError("the floor")
        if not self.portfolio.invested:
            self.market_order(self.asset, 100)

    def on_end_of_algorithm(self):
        with open(Path(__file__).with_name("ran.txt"), "a") as file:
            file.write("ran\\n")
'''


def over(strategy, n_paths=3, **given):
    options = {"parameters": None, "workers": 1, "store": None, **LAST_YEAR} | given
    return engine_paths(strategy, three_years(), n_paths=n_paths, **options)


def runs(strategy) -> int:
    path = strategy.with_name("ran.txt")
    return len(path.read_text(encoding="utf-8").splitlines()) if path.exists() else 0


def test_the_account_follows_the_paths_own_closes(tmp_path):
    strategy = write_strategy(tmp_path, HOLD)
    found = over(strategy)
    assert isinstance(found, EnginePaths)
    assert found.statuses == ("complete",) * 3
    assert found.errors == ("",) * 3
    assert found.n_orders.tolist() == [1, 1, 1]
    model = fit_paths(
        three_years(), ["SYN_GROWTH", "SYN_MARKET"], lead=["SYN_GROWTH"], benchmark="SYN_MARKET", **LAST_YEAR
    )  # fmt: skip
    assert np.array_equal(found.days, model.days)
    for path in range(3):
        market = path_market(model, path)
        closes, marks = (market.load(t).frame()["close"].to_numpy()[-len(model.days) :] for t in ("SYN_GROWTH", "SYN_MARKET"))
        held = slice(3, None)  # bought at the second day's open
        assert np.diff(found.equity[path])[held] == pytest.approx(100 * np.diff(closes)[held], abs=1e-2)
        assert found.benchmark[path] == pytest.approx(marks, rel=1e-6)
    assert found.original.equity.index.equals(run_strategy(strategy, three_years(), **LAST_YEAR).equity.index)


def test_paths_are_the_same_however_many_and_by_whom(tmp_path):
    strategy = write_strategy(tmp_path, HOLD)
    few, more = over(strategy, 2), over(strategy, 4, workers=2)
    assert np.array_equal(few.equity, more.equity[:2])
    assert len(np.unique(more.equity[:, -1])) == 4
    other = over(strategy, 2, seed=1)
    assert not np.array_equal(few.equity, other.equity)


def test_paths_that_were_run_are_not_run_again(tmp_path):
    strategy = write_strategy(tmp_path / "here", HOLD)
    kept = tmp_path / "store"
    told = []
    first = over(strategy, 2, store=kept, progress=lambda done, total: told.append((done, total)))
    assert told == [(1, 2), (2, 2)]
    assert runs(strategy) == 3  # over the real prices too
    second = over(strategy, 3, store=kept)
    assert runs(strategy) == 5
    assert np.array_equal(first.equity, second.equity[:2])
    over(strategy, 1, store=kept, seed=1)
    assert runs(strategy) == 7


def test_a_path_that_fails_takes_no_other_with_it(tmp_path):
    strategy = write_strategy(tmp_path, HOLD)
    sound = over(strategy, 8)
    found = over(strategy, 8, parameters={"floor": 0.85})
    failed = np.array([status == "failed" for status in found.statuses])
    assert 0 < failed.sum() < 8
    assert "ended early" in found.notes[-1]
    assert "the floor" in found.original.error
    assert found.n_failed == failed.sum()
    assert np.isnan(found.equity[failed]).all()
    assert np.isnan(found.benchmark[failed]).all()
    assert np.array_equal(found.equity[~failed], sound.equity[~failed])
    assert (found.n_orders > 0).tolist() == (~failed).tolist()
    assert all(("the floor" in error) == bad for error, bad in zip(found.errors, failed, strict=True))
    table = found.table()
    assert table["status"].tolist() == list(found.statuses)
    assert table["return"].isna().tolist() == failed.tolist()
    good = int(np.flatnonzero(~failed)[0])
    assert table["return"][good] == pytest.approx(found.equity[good, -1] / found.equity[good, 0] - 1.0)


def test_the_value_says_what_it_was_drawn_from(tmp_path):
    found = over(write_strategy(tmp_path, HOLD), 2)
    assert found.model["assets"] == ["SYN_GROWTH", "SYN_MARKET"]
    assert found.model["lead"] == ["SYN_GROWTH"]
    assert found.model["method"] == "days"
    assert np.shape(found.model["refit"]["means"]) == np.shape(found.model["means"]) == (3, 2)
    assert any("no forecast" in note for note in found.notes)
    assert isinstance(found.original, Result)
    again = pickle.loads(pickle.dumps(found))
    assert np.array_equal(again.equity, found.equity)
    assert repr(again) == "<EnginePaths: planted over 2 paths of 250 days>"
    assert "paths of a regime model" in again._repr_html_()


def test_years_are_the_last_of_the_strategys_own(tmp_path):
    found = over(write_strategy(tmp_path, HOLD), 1, start=None, end=None, years=0.5)
    assert found.days[[0, -1]].astype(str).tolist() == ["2012-07-02", "2012-12-31"]
    assert found.original.equity.index[0].date() == date(2012, 7, 2)
    whole = over(write_strategy(tmp_path, HOLD), 1, start=None, end=None)
    assert whole.days[0] == np.datetime64("2011-06-01")
    assert over(write_strategy(tmp_path, HOLD), 1, start=None, end=None, years=50).days[0] == whole.days[0]


def test_one_asset_is_drawn_by_density_with_regimes_trading_on_it():
    found = engine_paths(
        "basic_regime_switching", "sp500", start=date(2018, 1, 2), end=date(2018, 12, 31), n_paths=2, workers=1, store=None
    )  # fmt: skip
    assert found.model["method"] == "density"
    assert 0.0 < found.model["clipped"] < 0.15
    assert found.statuses == ("complete", "complete")
    assert np.isfinite(found.benchmark).all()


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        (("Resolution.DAILY", "Resolution.HOUR"), "no HOUR bars"),
        (('self.add_equity("SYN_GROWTH", Resolution.DAILY).symbol', 'Symbol.create("X", SecurityType.EQUITY, Market.USA)'),
         "subscribes to nothing"),
        (("self.first = None", "raise ValueError('told to')"), "told to"),
    ],
)  # fmt: skip
def test_strategies_that_paths_are_not_for_are_told(tmp_path, changed, said):
    from hidden_regime.exceptions import NoDataError

    with pytest.raises((StrategyError, NoDataError), match=said):
        over(write_strategy(tmp_path, HOLD.replace(*changed)), 1)


def test_a_strategy_that_quits_keeps_what_it_has(tmp_path):
    quits = HOLD.replace("        price =", "        if self.time.month == 3:\n            self.quit()\n        price =")
    found = over(write_strategy(tmp_path, quits), 2)
    whole = over(write_strategy(tmp_path / "whole", HOLD), 2)
    march = int(np.searchsorted(found.days, np.datetime64("2012-03-01")))
    assert np.array_equal(found.equity[:, :march], whole.equity[:, :march])
    assert (found.equity[:, march + 1 :] == found.equity[:, -1:]).all()
    assert np.isfinite(found.benchmark).all()
    assert found.id != whole.id == over(write_strategy(tmp_path / "whole", HOLD), 2).id


OWN = """from AlgorithmImports import *


class Weather(PythonData):
    def get_source(self, config, date, is_live):
        return SubscriptionDataSource("weather.csv", SubscriptionTransportMedium.LOCAL_FILE)

    def reader(self, config, line, date, is_live):
        return None


class Farmer(QCAlgorithm):
    def initialize(self):
        self.add_equity("SYN_MARKET", Resolution.DAILY)
        self.add_data(Weather, "RAIN", Resolution.DAILY)
"""


def test_data_of_the_strategys_own_are_refused(tmp_path):
    with pytest.raises(StrategyError, match=r"data of its own \(RAIN"):
        over(write_strategy(tmp_path, OWN), 1)


def test_hours_are_refused_where_there_are_some(reference_market):
    with pytest.raises(StrategyError, match=r"hour bars \(SPY\): regime paths are daily bars"):
        engine_paths("hourly_with_daily_regimes", reference_market, n_paths=1, workers=1, store=None)


@pytest.mark.parametrize(
    "given", [{"n_paths": 0}, {"n_states": 0}, {"seed": -1}, {"years": 0}, {"workers": 0}, {"parameters": {"none": 1}}]
)
def test_what_cannot_be_is_told(tmp_path, given):
    with pytest.raises(ParameterError, match="expected"):
        over(write_strategy(tmp_path, HOLD), **given)
