"""The statistics, against scipy and against their formulas written out."""

from __future__ import annotations

import math
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import ks_2samp

from hidden_regime.exceptions import ParameterError
from hidden_regime.operation.drift.distributions import (
    counts_of,
    edges_of,
    ks_distance,
    ks_distances,
    stability_index,
    stability_indices,
)
from hidden_regime.operation.drift.draws import drawn, p_value
from hidden_regime.operation.drift.inactivity import gaps_of, silence_of
from hidden_regime.operation.drift.regimes import chain_of, drawn_losses, log_losses, mean_run
from hidden_regime.operation.drift.returns import SLACK, fall_of, growth_band, page_sums

numbers = st.lists(st.integers(-5, 5).map(float), min_size=3, max_size=30).map(np.array)


@settings(max_examples=40, deadline=None)
@given(numbers, numbers)
def test_the_distance_is_scipys(a, b):
    assert ks_distance(a, b) == pytest.approx(ks_2samp(a, b, method="asymp").statistic, abs=1e-12)


def test_distances_of_draws_are_those_of_the_values_drawn():
    rng = np.random.default_rng(0)
    past = rng.normal(size=80).round(1)
    draws = drawn(80, 30, 5.0, n_draws=12)
    ranks = np.unique(past, return_inverse=True)[1]
    edges = edges_of(past)
    codes = np.searchsorted(edges, past, side="right")
    ks = ks_distances(ranks, draws.past, draws.live)
    psi = stability_indices(codes, len(edges) + 1, draws.past, draws.live)
    for i in range(12):
        a, b = past[draws.past[i]], past[draws.live[i]]
        assert ks[i] == pytest.approx(ks_2samp(a, b, method="asymp").statistic, abs=1e-12)
        counts = [counts_of(np.searchsorted(edges, x, side="right"), len(edges) + 1) for x in (a, b)]
        assert psi[i] == pytest.approx(float(stability_index(*counts)), abs=1e-12)


def test_the_index_is_its_formula():
    past, live = [30, 0, 50, 20], [1, 9, 10, 0]
    p, q = ([(n + 0.5) / (sum(given_) + 2.0) for n in given_] for given_ in (past, live))
    expected = sum((b - a) * math.log(b / a) for a, b in zip(p, q, strict=True))
    assert float(stability_index(np.array(past), np.array(live))) == pytest.approx(expected, abs=1e-12)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.floats(-3, 3), min_size=1, max_size=40))
def test_pages_sums_are_reckoned_day_by_day(scores):
    total, expected = 0.0, []
    for score in scores:
        total = max(0.0, total - score - SLACK)
        expected.append(total)
    assert page_sums(np.array(scores)).tolist() == pytest.approx(expected, abs=1e-9)


def test_losses_are_those_of_the_counted_chain():
    past = np.array([0, 0, 1, 1, 1, 0, 2])
    table = chain_of(past, 3)
    assert table[0].tolist() == pytest.approx([2 / 6, 2 / 6, 2 / 6]) and table.sum(axis=1).tolist() == pytest.approx([1.0] * 3)
    losses = log_losses(table, np.array([0, 1, 1]))
    assert losses.tolist() == pytest.approx([-math.log(2 / 6), -math.log(table[1, 1])])
    assert mean_run(past) == 7 / 4


def test_steps_between_blocks_teach_nothing():
    """Of draws in which nothing follows what it followed, no chain can be told, and no loss."""
    codes = np.array([0, 1, 0, 1])
    losses = drawn_losses(codes, 2, np.array([[3, 2, 1, 0]]), np.array([[0, 2, 1, 3]]))
    assert losses.tolist() == [0.0]
    assert drawn_losses(codes, 2, np.array([[0, 1, 2, 3]]), np.array([[0, 1, 0, 1]])).tolist() == pytest.approx([-math.log(0.75)])


def test_draws_are_of_the_past_alone_and_equal_again():
    draws = drawn(50, 120, 4.0, n_draws=7, seed=3)
    assert draws.past.shape == (7, 50) and draws.live.shape == (7, 120)
    assert draws.past.min() >= 0 and max(draws.past.max(), draws.live.max()) < 50
    again = drawn(50, 120, 4.0, n_draws=7, seed=3)
    assert (again.live == draws.live).all() and not (draws.past[:, :50] == draws.live[:, :50]).all()
    assert p_value(2.0, np.array([1.0, 2.0, 3.0])) == 0.75 and p_value(9.0, np.arange(999.0) / 1e6) == 0.001


def test_gaps_and_silences_by_hand():
    days = [date(2024, 1, 1) + timedelta(days=i) for i in range(20)]
    assert gaps_of(days, [days[i] for i in (0, 0, 3, 9)]) == [3, 6]
    assert gaps_of(days, []) == [] and silence_of([], days, []) is None and silence_of([3], [], []) is None
    found = silence_of([3, 6], days, [days[13]])
    assert (found.days, found.limit, found.is_long) == (6, 6.0, False)
    assert silence_of([3, 6], days, [days[12]]).is_long
    assert silence_of([3, 6], days, []).days == 19
    hundreds = [1] * 990 + [50] * 10
    assert silence_of(hundreds, days, [days[17]]).is_long and not silence_of(hundreds, days, [days[18]]).is_long


def test_a_past_that_says_nothing_is_refused():
    for past in (np.zeros(100), np.arange(30) / 1e4):
        with pytest.raises(ParameterError, match="60 days"):
            fall_of(past, np.zeros(5))
    with pytest.raises(ParameterError, match="60 days"):
        growth_band(np.arange(30) / 1e4, 10)


def test_the_band_holds_90_of_100():
    rng = np.random.default_rng(5)
    band = growth_band(rng.normal(0.0005, 0.01, 2000), 40, n_draws=499)
    ends = np.prod(1.0 + rng.normal(0.0005, 0.01, (2000, 40)), axis=1)
    assert 0.85 < ((ends > band.low[-1]) & (ends < band.high[-1])).mean() < 0.95
    assert (band.low < band.high).all() and len(band.low) == 40
