"""Whole spells drawn again: the errors behind it, its level where there is nothing, its power where there is something."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hidden_regime.exceptions import ParameterError
from hidden_regime.experiments.honesty import holm
from hidden_regime.experiments.segments import segment
from hidden_regime.experiments.segments.bootstrap import differences, intervals, resampled
from hidden_regime.experiments.segments.parts import parts_of
from hidden_regime.experiments.segments.spells import spell_sums, spells_of
from tests.experiments.segments.made import planted


def spells(rng, n_spells, mean=0.0, deviation=0.01, length=20):
    return [mean + deviation * rng.standard_t(5, days) for days in rng.geometric(1 / length, n_spells)]


def sums_of(parts, center=0.0):
    return np.array([[len(part), (part - center).sum(), ((part - center) ** 2).sum()] for part in parts])


def test_estimates_are_those_of_the_spells_drawn():
    rng = np.random.default_rng(0)
    parts = spells(rng, 9, 0.0005)
    own = resampled(sums_of(parts, 0.001), 0.001, 50, (4, 2, 0))
    draws = np.random.default_rng((4, 2, 0)).multinomial(9, np.full(9, 1 / 9), 50)
    for i, times in enumerate(draws):
        days = np.concatenate([part for part, n in zip(parts, times, strict=True) for _ in range(n)])
        assert own.drawn.mean[i] == pytest.approx(days.mean() * 252, rel=1e-9)
        assert own.drawn.sharpe[i] == pytest.approx(days.mean() / days.std(ddof=1) * 252**0.5, rel=1e-9)
    days = np.concatenate(parts)
    z = (days - days.mean()) / days.std(ddof=1)
    influence = z - 0.5 * days.mean() / days.std(ddof=1) * (z**2 - 1)
    which = np.repeat(np.arange(9), [len(part) for part in parts])
    for values, found, unit in (
        (days - days.mean(), own.found.mean_variance, 252**2),
        (influence, own.found.sharpe_variance, 252),
    ):
        clustered = sum(values[which == i].sum() ** 2 for i in range(9)) / len(days) ** 2 * 9 / 8
        assert found[0] == pytest.approx(clustered * unit, rel=1e-9)


def test_the_error_of_a_mean_is_that_of_a_regression_with_clusters():
    api = pytest.importorskip("statsmodels.api")
    parts = spells(np.random.default_rng(5), 30)
    days, which = np.concatenate(parts), np.repeat(np.arange(30), [len(part) for part in parts])
    fitted = api.OLS(days, np.ones(len(days))).fit(cov_type="cluster", cov_kwds={"groups": which})
    found = resampled(sums_of(parts), 0.0, 1, (0,)).found
    assert found.mean_variance[0] == pytest.approx(fitted.bse[0] ** 2 * 252**2, rel=1e-9)


@pytest.mark.parametrize("rows", [7, 1 << 20])
def test_draws_in_pieces_are_the_same(monkeypatch, rows):
    sums = sums_of(spells(np.random.default_rng(0), 9))
    whole = resampled(sums, 0.0, 100, (1,))
    monkeypatch.setattr("hidden_regime.experiments.segments.bootstrap.CELLS", rows * 9)
    np.testing.assert_array_equal(resampled(sums, 0.0, 100, (1,)).drawn.mean, whole.drawn.mean)


def rejected(n_spells, n_rest, deviation, n_runs=400):
    """Shares of runs without a difference in mean and in Sharpe ratio that the test calls different, by 199 resamples."""
    rng = np.random.default_rng(11)
    found = []
    for i in range(n_runs):
        a, b = (resampled(sums_of(spells(rng, n, 0.0, d)), 0.0, 199, (i, j))
                for j, (n, d) in enumerate(((n_spells, deviation), (n_rest, 0.01))))  # fmt: skip
        found.append([one.p <= 0.05 for one in differences(a, b)])
    return np.mean(found, axis=0)


@pytest.mark.parametrize(("n_spells", "n_rest", "deviation"), [(12, 25, 0.02), (30, 60, 0.01)])
def test_without_a_difference_it_finds_one_in_five_of_a_hundred(n_spells, n_rest, deviation):
    # Of 400 with 0.05 each, fewer than 9 or more than 32 come in 1 of 400.
    for share in rejected(n_spells, n_rest, deviation):
        assert 9 <= share * 400 <= 32


def test_holm_over_regimes_keeps_the_level_for_all_of_them_together():
    rng, wrong = np.random.default_rng(2), 0
    for i in range(200):
        labels = np.repeat(rng.permutation(np.repeat(["a", "b", "c"], 12)), rng.geometric(1 / 15, 36))
        parts = parts_of(labels.tolist(), ["a", "b", "c"], rng.normal(0.0003, 0.01, len(labels)), None, n_resamples=199, seed=i)
        wrong += any(part.mean_difference is not None and part.mean_difference.p_holm < 0.05 for part in parts)
    assert wrong <= 20  # of 200 with 0.05 each, more come in 1 of 500


def test_intervals_hold_the_truth():
    rng, held = np.random.default_rng(3), 0
    for i in range(300):
        mean, _ = intervals(resampled(sums_of(spells(rng, 30, 0.0004)), 0.0, 199, (i,)))
        held += mean.low <= 0.0004 * 252 <= mean.high
    assert 270 <= held <= 297


def test_a_planted_difference_is_found():
    found = segment(planted(gap=0.003))
    assert found.told == ("Bear", "Bull")
    bull, bear = found["Bull"].mean_difference, found["Bear"].mean_difference
    assert bull.interval.low > 0.0 and bull.interval.low <= 0.003 * 252 <= bull.interval.high
    assert (bear.value, bear.p, bear.p_holm) == (-bull.value, bull.p, bull.p)  # each other's rest: one test
    assert bull.p_holm == bull.p < 0.005
    assert found["Bull"].sharpe_difference.p < 0.01
    assert segment(planted(gap=0.0)).told == ()


def test_the_same_seed_gives_the_same():
    made = planted(12)
    assert segment(made, seed=3) == segment(made, seed=3)
    assert segment(made, seed=3) != segment(made, seed=4)
    one, other = segment(made, seed=3)["Bull"], segment(made, seed=4)["Bull"]
    assert one.own == other.own and one.mean_interval != other.mean_interval


def test_a_scale_changes_no_sharpe_ratio_and_no_p_value():
    labels, rng = np.tile(np.repeat(["a", "b", "c"], [5, 9, 7]), 12).tolist(), np.random.default_rng(1)
    returns = rng.normal(0.0005, 0.01, len(labels))
    one, other = (parts_of(labels, ["a", "b", "c"], scale * returns, None, n_resamples=200) for scale in (1.0, 0.25))
    for a, b in zip(one, other, strict=True):
        assert b.sharpe_interval == pytest.approx(a.sharpe_interval, rel=1e-9)
        assert b.mean_difference.value == pytest.approx(0.25 * a.mean_difference.value, rel=1e-9)
        assert (b.mean_difference.p, b.sharpe_difference.p) == (a.mean_difference.p, a.sharpe_difference.p)


@pytest.mark.parametrize("n", [1, 2, 5, 12])
def test_holm_is_statsmodels(n):
    tests = pytest.importorskip("statsmodels.stats.multitest")
    p_values = np.random.default_rng(n).random(n).round(1) ** 3  # with ties, zeros and ones
    np.testing.assert_allclose(holm(p_values), tests.multipletests(p_values, method="holm")[1], rtol=1e-12)


@given(st.lists(st.floats(0.0, 1.0), min_size=1, max_size=12), st.floats(0.001, 0.999))
@settings(max_examples=60, deadline=None)
def test_holm_rejects_what_stepping_down_rejects(p_values, level):
    order, rejected = sorted(range(len(p_values)), key=p_values.__getitem__), set()
    for step, place in enumerate(order):
        if p_values[place] * (len(order) - step) > level:
            break
        rejected.add(place)
    assert {place for place, value in enumerate(holm(p_values)) if value <= level} == rejected


def test_holm_by_hand_and_what_it_refuses():
    assert holm([0.01, 0.04, 0.03, 0.005]).tolist() == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([]).tolist() == []
    with pytest.raises(ParameterError, match="between 0 and 1"):
        holm([1.5])
    with pytest.raises(ParameterError, match="finite"):
        holm([float("nan")])


def test_sums_of_spells_are_those_of_their_days():
    values, codes = np.random.default_rng(0).normal(size=50), np.random.default_rng(1).integers(0, 3, 50)
    found = spells_of(codes)
    expected = [
        [n, values[s : s + n].sum(), (values[s : s + n] ** 2).sum()] for s, n in zip(found.starts, found.lengths, strict=True)
    ]
    np.testing.assert_allclose(spell_sums(values, found), expected)
