"""A day's return belongs to the regime that was known before it was earned."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hidden_regime import RegimeDetector, load_dataset
from hidden_regime.exceptions import ParameterError
from hidden_regime.experiments.segments import segment
from hidden_regime.experiments.segments.known import known_before
from tests.experiments.segments.made import calls, run


def test_a_day_does_not_belong_to_the_regime_that_its_own_bar_made():
    # A fall makes its day Bear: by the day's own label all of the loss would be Bear's, and none of it was to be avoided.
    returns = [0.01, -0.1, 0.02, 0.01, -0.2, 0.02]
    own = ["Bull", "Bear", "Bull", "Bull", "Bear", "Bull"]
    found = segment(run(returns), regimes=calls(["Bull", *own]))
    assert found.days["part"].tolist() == ["Bull", "Bull", "Bear", "Bull", "Bull", "Bear"]
    assert found["Bull"].own.total_return == pytest.approx(1.01 * 0.9 * 1.01 * 0.8 - 1)
    assert found["Bear"].own.total_return == pytest.approx(1.02**2 - 1)
    same_day = [r for r, name in zip(returns, own, strict=True) if name == "Bear"]
    assert np.prod(1 + np.array(same_day)) - 1 == pytest.approx(-0.28)


def test_a_later_bar_changes_no_earlier_day():
    returns = np.random.default_rng(0).normal(0, 0.01, 40)
    names = np.where(np.random.default_rng(1).random(41) < 0.5, "Bull", "Bear")
    whole = segment(run(returns), regimes=calls(names)).days["part"]
    for n in (1, 7, 20, 40):
        altered = names.copy()
        altered[n:] = "Crisis"
        assert segment(run(returns), regimes=calls(altered)).days["part"][:n].equals(whole[:n])


def test_regimes_of_hours_count_until_the_close_before():
    days = np.array(["2020-01-03", "2020-01-06"], "datetime64[D]")
    before = np.array(["2020-01-02", "2020-01-03"], "datetime64[D]")
    times = pd.to_datetime(["2020-01-02 15:00", "2020-01-02 16:00", "2020-01-02 16:01", "2020-01-03 10:00", "2020-01-03 18:00"])
    assert known_before(pd.Series(list("abcde"), index=times), days, before) == ["b", "d"]


@given(
    st.lists(st.integers(0, 40 * 24), min_size=0, max_size=30, unique=True), st.lists(st.integers(1, 40), min_size=2, unique=True)
)
@settings(max_examples=60, deadline=None)
def test_as_one_by_one(hours, numbers):
    first = datetime(2020, 1, 1)
    times, days = sorted(first + timedelta(hours=h) for h in hours), sorted(first + timedelta(days=d) for d in numbers)
    series = pd.Series([f"r{i}" for i in range(len(times))], index=pd.DatetimeIndex(times), dtype=object)
    expected = []
    for yesterday, today in zip(days, days[1:], strict=False):
        close = yesterday.replace(hour=16)
        known = [i for i, time in enumerate(times) if time <= close]
        expected.append(f"r{known[-1]}" if known and today - times[known[-1]] <= timedelta(days=35) else "not known")
    as_days = np.array(days, "datetime64[D]")
    assert known_before(series, as_days[1:], as_days[:-1]) == expected


def test_before_the_first_regime_and_long_after_the_last_none_is_known():
    found = segment(run([0.01] * 60), regimes=calls([None, None, "Bull", "Bull"]))
    assert found.days["part"].tolist()[:3] == ["not known", "not known", "Bull"]
    assert found.days["part"].iloc[-1] == "not known"
    assert [part.name for part in found.parts] == ["Bull", "not known"]
    assert any("after 35 days" in note for note in found.notes)


def test_times_with_a_zone_are_those_of_new_york():
    table = calls(["Bull", "Bear", "Bear"]).set_axis(
        pd.to_datetime(["2020-01-01 21:00", "2020-01-02 21:01", "2020-01-06 00:00"], utc=True)
    )
    assert segment(run([0.1, 0.1, 0.1]), regimes=table).days["part"].tolist() == ["Bull", "Bull", "Bear"]


def test_what_a_detector_says_is_taken_as_it_is():
    prices = load_dataset("sp500").iloc[:700]
    states = RegimeDetector(n_states=2, lookback=252).run(prices)
    returns = prices["close"].pct_change().dropna()
    found = segment(returns, regimes=states)
    before = states["regime"].shift(1).reindex(returns.index)
    assert found.days["part"].tolist() == before.fillna("not known").tolist()
    assert any("filtered" in note for note in found.notes)


A, B, C = calls(["Bull"] * 9), calls(["Bear"] * 9), calls(["Sideways"] * 9)
TRACKED = {"AAPL": A, "SPY": B, "SP500": C}


@pytest.mark.parametrize(
    ("made", "asked", "chosen", "said"),
    [
        ({"regimes": {"SPY": B}}, {}, "SPY", 0),
        ({"regimes": TRACKED}, {"asset": "spy"}, "SPY", 0),
        ({"regimes": TRACKED, "symbols": ["SPY", "TLT"]}, {}, "SPY", 1),
        ({"regimes": TRACKED, "symbols": ["SPY", "AAPL"], "data": {"name": "us_stocks"}}, {}, "SP500", 1),
        ({"regimes": TRACKED}, {}, "AAPL", 1),
        ({"regimes": TRACKED}, {"regimes": {"X": C}}, "X", 1),
        ({}, {"regimes": {"X": C, "Y": A}, "asset": "Y"}, "Y", 1),
        ({}, {"regimes": C["regime"]}, "", 1),
    ],
)
def test_whose_regimes(made, asked, chosen, said):
    found = segment(run([0.01] * 5, **made), **asked)
    assert found.spec["asset"] == chosen
    assert len(found.notes) == said


@pytest.mark.parametrize(
    ("asked", "match"),
    [
        ({}, r"regimes = None: expected regimes, of which mine holds none. Give regimes=.*RegimeDetector\(n_states=3\).run"),
        ({"regimes": A, "asset": None, "by": "year"}, "regimes.*nothing with by='year'"),
        ({"regimes": {"X": A}, "asset": "Y"}, "asset = 'Y': expected one whose regimes are known: X"),
        ({"regimes": A.rename(columns={"regime": "state"})}, "column regime"),
        ({"regimes": A.iloc[::-1]}, "rising times"),
        ({"regimes": A.reset_index()}, "by time"),
        ({"regimes": [1, 2]}, "RegimeDetector.run"),
        ({"regimes": calls(["Bull"], "2030-01-01")}, "regimes known before some day"),
        ({"regimes": calls([None])}, "regimes known before some day"),
    ],
)
def test_regimes_that_cant_be(asked, match):
    with pytest.raises(ParameterError, match=match):
        segment(run([0.01] * 5), **asked)
