"""Figures of a walk-forward, recomputed from its records."""

from __future__ import annotations

import math
from statistics import fmean, stdev

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hidden_regime.exceptions import ParameterError
from hidden_regime.experiments.honesty import return_moments
from hidden_regime.experiments.walk_forward_figures import WindowRecord, walk_forward_figures


def record(number, inside=1.0, outside=0.5, seed=0, drift=0.001, **fields):
    returns = np.random.default_rng([seed, number]).normal(drift, 0.01, 126)
    return WindowRecord(number, inside, outside, **({"oos_returns": returns} | fields))


@settings(max_examples=50, deadline=None)
@given(pairs=st.lists(st.tuples(st.floats(-2, 4), st.floats(-2, 4)), min_size=2, max_size=25))
def test_means_and_degradation_are_what_the_records_say(pairs):
    found = walk_forward_figures([record(i + 1, a, b) for i, (a, b) in enumerate(pairs)])
    inside, outside = zip(*pairs, strict=True)
    changes = [b - a for a, b in pairs]
    n = len(pairs)
    for average, values in ((found.in_sample, inside), (found.out_of_sample, outside), (found.degradation, changes)):
        assert average.mean == pytest.approx(fmean(values), abs=1e-12)
        assert average.se == pytest.approx(stdev(values) / math.sqrt(n), abs=1e-12)
        assert average.n == n
    assert found.degradations == tuple(changes)
    if fmean(inside) > 1e-9:
        assert found.degradation_percent == pytest.approx(fmean(changes) / fmean(inside))
    elif fmean(inside) < -1e-9:
        assert found.degradation_percent is None


def test_three_windows_as_measured():
    found = walk_forward_figures([record(1, 0.81, -1.22), record(2, 0.70, 0.51), record(3, 3.12, -0.45)])
    assert found.degradations == pytest.approx((-2.03, -0.19, -3.57))
    assert found.degradation_percent == pytest.approx(-5.79 / 4.63)


def test_consistency_is_of_all_windows():
    still = {"oos_returns": np.zeros(126), "outside": 0.0}
    records = [
        record(1, drift=0.01), record(2, drift=-0.01), record(3, **still), record(4, drift=0.01, oos_return=-0.5),
        record(5, outside=None, oos_returns=()), record(6, outside=math.nan, drift=0.01),
    ]  # fmt: skip
    found = walk_forward_figures(records)
    assert found.consistency_sharpe == 3 / 6
    assert found.consistency_return == 2 / 6
    assert found.missing == (5, 6)
    assert found.flat == (3,)
    assert found.out_of_sample.n == found.degradation.n == 4
    assert found.in_sample.n == found.n_windows == 6
    assert found.degradations[4:] == (None, None)
    assert "2 of 6 windows have no value out of sample (5, 6)" in " ".join(found.verdict.reasons)
    assert "1 of 6 windows never move out of sample (3)" in " ".join(found.verdict.reasons)


def test_a_return_may_be_above_nothing_where_the_sharpe_ratio_is_not():
    found = walk_forward_figures([record(1, oos_returns=[0.01, 0.01]), record(2, oos_returns=[0.5, -0.4])])
    assert (found.consistency_sharpe, found.consistency_return) == (0.5, 0.5)
    assert found.flat == (1,)


def test_percent_is_over_the_windows_that_have_both():
    found = walk_forward_figures([record(1, 1.0, 0.5), record(2, 9.0, None)])
    assert found.degradation_percent == -0.5
    assert found.in_sample.mean == 5.0


def test_what_the_choice_added():
    records = [
        record(1, 1.0, 0.5, is_median=0.6, oos_median=0.6),
        record(2, 2.0, 0.7, is_median=1.8),
        record(3, 1.0, None, oos_median=1),
    ]
    found = walk_forward_figures(records)
    assert found.selection_in_sample.mean == pytest.approx(0.3)
    assert found.selection_in_sample.n == 2
    assert found.selection_out_of_sample.mean == pytest.approx(-0.1)
    assert found.selection_out_of_sample.se is None
    none = walk_forward_figures([record(1), record(2)])
    assert none.selection_in_sample == (None, None, 0)


def test_an_objective_to_be_low_is_worse_when_it_rises():
    records = [record(i, 0.10, 0.16, is_median=0.12, drift=0.002) for i in range(1, 11)]
    low = walk_forward_figures(records, direction="min")
    high = walk_forward_figures(records)
    assert low.degradation_percent == high.degradation_percent == pytest.approx(0.6)
    assert low.selection_in_sample.mean == pytest.approx(0.02)
    assert (low.verdict.answer, high.verdict.answer) == ("fragile", "robust")


def test_parameters_from_window_to_window():
    winners = [
        {"fast": "10", "rate": "-0.5", "kind": "ema"},
        {"fast": "20", "rate": "0.5", "kind": "2"},
        {"fast": "30", "late": "7"},
    ]
    found = {p.name: p for p in walk_forward_figures([record(i, parameters=w) for i, w in enumerate(winners)]).stability}
    assert list(found) == ["fast", "late", "rate"]  # one value of "kind" is no number
    assert found["fast"] == ("fast", 20.0, 10.0, 0.5, 3)
    assert found["late"] == ("late", 7.0, None, None, 1)
    assert found["rate"].mean == 0.0
    assert found["rate"].std == pytest.approx(math.sqrt(0.5))
    assert found["rate"].cv is None


@pytest.mark.parametrize("text", ["nan", "inf", "", "true"])
def test_texts_are_no_numbers(text):
    assert walk_forward_figures([record(1, parameters={"x": text})]).stability == ()


def test_the_stitched_curve_is_of_all_days_in_order():
    records = [record(i, drift=0.0005) for i in range(1, 9)]
    x = np.concatenate([r.oos_returns for r in records])
    found = walk_forward_figures(records)
    assert found.stitched.n_days == 8 * 126
    assert found.stitched.sharpe == return_moments(x).sharpe
    assert walk_forward_figures(records, periods_per_year=1).stitched.annual_sharpe == found.stitched.sharpe


def test_overlapping_windows_are_stitched_by_day():
    days = np.arange("2020-01-01", "2020-05-06", dtype="datetime64[D]")
    once = record(1, drift=0.002, oos_dates=days)
    twice = [once, record(2, oos_returns=once.oos_returns, oos_dates=days)]
    assert walk_forward_figures(twice).stitched == walk_forward_figures([once]).stitched


def test_noise_is_not_robust_and_skill_is():
    noise = [walk_forward_figures([record(i, seed=s, drift=0.0) for i in range(20)]).verdict.answer for s in range(100)]
    assert noise.count("robust") <= 8
    skill = [
        walk_forward_figures([record(i, 1.0, 0.9, seed=s, drift=0.0015) for i in range(20)]).verdict.answer for s in range(100)
    ]
    assert skill.count("robust") >= 95
    assert skill.count("fragile") == 0


@pytest.mark.parametrize(
    ("records", "options", "match"),
    [([], {}, "at least one window"), ([record(1)], {"direction": "up"}, "direction"), ([record(1, math.nan)], {}, "is_value"),
     ([record(1, oos_returns=[math.nan])], {}, r"records\[0\].oos_returns"), ([record(1)], {"periods_per_year": 0}, "periods_per_year")],
)  # fmt: skip
def test_records_that_say_nothing_are_named(records, options, match):
    with pytest.raises(ParameterError, match=match):
        walk_forward_figures(records, **options)
