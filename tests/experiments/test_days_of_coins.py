"""Coins are traded every day: a year of theirs has 365, whatever the experiment, and beside stocks weekends are in Mondays."""

from __future__ import annotations

import math
import statistics
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from hidden_regime.experiments import monte_carlo, optimize, segment, walk_forward
from hidden_regime.experiments.pages.study_page import sharpe_of
from hidden_regime.experiments.run import result_of_run
from hidden_regime.experiments.segments.known import known_before
from hidden_regime.experiments.segments.parts import parts_of
from hidden_regime.experiments.sources import result_of
from hidden_regime.experiments.trials.running import run_setup
from hidden_regime.experiments.trials.setup import make_setup
from hidden_regime.learning.evaluation.trading import earned
from tests.conftest import CASES
from tests.experiments.small import write_strategy

EVERY_DAY = pd.date_range("2021-01-04", periods=600)
WEEKDAYS = pd.bdate_range("2021-01-04", periods=600)
COINS = """from AlgorithmImports import *

class Coins(QCAlgorithm):
    def initialize(self):
        self.set_start_date(2017, 1, 2)
        self.set_end_date(2017, 12, 20)
        self.coin = self.add_crypto("BTCUSD", Resolution.DAILY).symbol
        self.set_benchmark(self.coin)
        self.share = self.get_parameter("share", 0.5)

    def on_data(self, data):
        if self.time.day in (2, 12):
            self.set_holdings(self.coin, self.share if self.time.day == 2 else 0)
"""


def series(days, seed=0, name="coins"):
    return pd.Series(np.random.default_rng(seed).normal(0.001, 0.02, len(days)), days, name=name)


def by_hand(returns, year):
    """Sharpe ratio of a year."""
    values = [float(value) for value in returns]
    return statistics.mean(values) / statistics.stdev(values) * math.sqrt(year)


def test_a_run_counts_the_days_that_there_are():
    for days, year in ((EVERY_DAY, 365), (WEEKDAYS, 252)):
        returns = series(days)
        assert result_of(returns).sharpe == pytest.approx(by_hand(returns, year))


def test_a_comparison_scales_by_the_common_days():
    pytest.importorskip("arch")
    from hidden_regime.experiments import compare_strategies

    a, b, stocks = series(EVERY_DAY), series(EVERY_DAY, 1, "others"), series(WEEKDAYS, 2, "stocks")
    found = compare_strategies([a, b], n_resamples=199)
    own = found.table().loc["coins"]
    assert own["sharpe"] == pytest.approx(by_hand(found.of("coins"), 365))
    assert own["volatility"] == pytest.approx(statistics.stdev(found.of("coins").tolist()) * math.sqrt(365))
    assert found.pairs[0].difference == pytest.approx(abs(by_hand(found.of("coins"), 365) - by_hand(found.of("others"), 365)))
    assert "year of 365;" in found.to_html()
    mixed = compare_strategies([a, stocks], n_resamples=199)
    assert {int(day) for day in pd.DatetimeIndex(mixed.days).day_of_week} == {0, 1, 2, 3, 4}
    assert mixed.table().loc["coins", "sharpe"] == pytest.approx(by_hand(mixed.of("coins"), 252))
    # What coins earned at weekends is not lost: it is in the next Monday's return.
    span = a[(a.index >= mixed.days[0]) & (a.index <= mixed.days[-1])]
    assert math.prod(1 + mixed.of("coins")) == pytest.approx(math.prod(1 + span))


def test_parts_of_a_run_and_their_intervals_scale_alike():
    found = segment(series(EVERY_DAY), by="year")
    for part in found.parts:
        of_part = found.days["return"][found.days["part"] == part.name]
        assert part.own.mean == pytest.approx(statistics.mean(of_part.tolist()) * 365)
        assert part.own.sharpe == pytest.approx(by_hand(of_part, 365))
    assert "times 365" in found.to_html() and "a year of 365" in found.to_html()
    labels, returns = ["Bull" if i // 20 % 2 else "Bear" for i in range(600)], series(EVERY_DAY).to_numpy()
    one, other = (parts_of(labels, ["Bear", "Bull"], returns, None, n_resamples=200, days_a_year=year)[0] for year in (365, 252))
    for name, scale in (("mean", 365 / 252), ("sharpe", math.sqrt(365 / 252))):
        wide, narrow = getattr(one, f"{name}_interval"), getattr(other, f"{name}_interval")
        assert wide == pytest.approx([value * scale for value in narrow])
        a, b = getattr(one, f"{name}_difference"), getattr(other, f"{name}_difference")
        assert (a.value, a.p) == (pytest.approx(b.value * scale), b.p)


REGIMES = """from AlgorithmImports import *
from hidden_regime.quantconnect import HiddenRegimeAlgorithm

class Watched(HiddenRegimeAlgorithm):
    def initialize(self):
        self.set_time_zone(self.get_parameter("zone"))
        self.set_start_date(2017, 3, 1)
        self.set_end_date(2017, 3, 31)
        self.set_benchmark(lambda time: 1.0)
        self.add_crypto("BTCUSD", Resolution.DAILY)
        self.initialize_regime_detection("BTCUSD", n_states=2, lookback_days=200)
"""


@pytest.mark.parametrize("zone", ["America/New_York", "UTC", "Asia/Tokyo", "Pacific/Auckland"])
def test_a_regime_was_known_before_the_day_that_it_parts_began(tmp_path, zone):
    path = write_strategy(tmp_path, REGIMES, "watched.py")
    setup = make_setup(path, CASES / "data", parameters={"zone": zone})
    run = run_setup(setup, {})
    regimes = result_of_run(run, setup, {}).regimes["BTCUSD"]
    states = [s for s in run.algorithm._hr.assets["BTCUSD"].states if s.time >= run.algorithm.start_date]
    assert len(regimes) == len(states) > 25
    samples = [time for time, _ in run.sampler.samples.benchmark]  # UTC, at the midnights of the strategy's zone
    days = np.array([(time - timedelta(minutes=301)).date() for time in samples], "datetime64[D]")
    calls = pd.Series([str(i) for i in range(len(states))], regimes.index)
    for label, begins in zip(known_before(calls, days[1:], days[:-1]), samples[:-1], strict=True):
        if label != "not known":
            assert states[int(label)].time <= begins  # a coin's days end at midnight of UTC
            assert begins - states[int(label)].time < timedelta(days=2)


def test_paths_of_a_year_have_365_days():
    returns = series(EVERY_DAY)
    found = monte_carlo(returns, n_paths=20, years=1.0, block=1.0)
    assert (found.drawn["n_steps"], found.drawn["per_year"]) == (365, 365.0)
    assert found.source["sharpe"] == pytest.approx(by_hand(returns, 365))
    assert found.source["cagr"] == pytest.approx(math.prod(1 + returns) ** (365 / 600) - 1)


def test_a_rule_of_a_learned_model_is_scaled_by_the_days_of_its_market():
    got = series(EVERY_DAY).to_numpy()
    found = earned("hold", np.ones(len(got)), got, 200, 0, days_a_year=365)
    usual = earned("hold", np.ones(len(got)), got, 200, 0)
    assert found.sharpe == pytest.approx(by_hand(got, 365))
    assert found.sharpe_low == pytest.approx(usual.sharpe_low * math.sqrt(365 / 252))


def test_a_study_and_a_walk_forward_of_coins(tmp_path):
    path = write_strategy(tmp_path, COINS, "coins.py")
    options = {"data": CASES / "data", "method": "grid", "workers": 1, "store": None}
    study = optimize(path, {"share": [0.2, 0.6]}, **options)
    assert set(pd.DatetimeIndex(study.days).day_of_week) == set(range(7))
    best = study.returns[:, study.columns.index(study.best.number)]
    assert study.luck.sharpe == pytest.approx(by_hand(best, 365))
    assert sharpe_of(study, study.best.number) == pytest.approx(by_hand(best, 365))
    assert study.luck.years == len(study.days) / 365
    walk = walk_forward(
        path, {"share": [0.2, 0.6]}, is_months=3, oos_months=3, start=date(2017, 1, 2), end=date(2017, 12, 20), **options
    )
    every = np.concatenate([window.returns for window in walk.windows])
    assert walk.figures.stitched.annual_sharpe == pytest.approx(by_hand(every, 365))
    assert walk.figures.stitched.annual_se == pytest.approx(walk.figures.stitched.se * math.sqrt(365))
    held = np.concatenate([window.held for window in walk.windows])
    assert walk.hold.annual_sharpe == pytest.approx(by_hand(held, 365))
