"""Shares of variance, against planted functions and sums over the whole grid."""

from __future__ import annotations

from itertools import product
from statistics import fmean, pvariance

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hidden_regime.experiments.importance import BINS, is_complete_grid, main_effects


def columns_of(rows):
    return list(map(list, zip(*rows, strict=True)))


@settings(max_examples=40, deadline=None)
@given(
    a=st.lists(st.floats(-3, 3), min_size=3, max_size=3), b=st.lists(st.floats(-3, 3), min_size=4, max_size=4),
    c=st.lists(st.floats(-3, 3), min_size=2, max_size=2),
)  # fmt: skip
def test_shares_of_an_additive_function_sum_to_one(a, b, c):
    parts = [pvariance(a), pvariance(b), pvariance(c)]
    rows = list(product(range(3), range(4), "xy"))
    values = [a[i] + b[j] + c["xy".index(k)] for i, j, k in rows]
    shares = main_effects(columns_of(rows), values)
    if sum(parts) < 1e-6:
        return
    assert shares == pytest.approx([part / sum(parts) for part in parts], abs=1e-7)


def test_what_parameters_do_together_is_nobodys():
    rows = list(product((-1, 1), (-1, 1)))
    assert main_effects(columns_of(rows), [a * b for a, b in rows]) == pytest.approx([0.0, 0.0])


def test_main_effect_is_the_variance_of_means_over_all_others():
    rng = np.random.default_rng(0)
    rows = list(product(range(5), range(7)))
    values = rng.normal(size=35).tolist()
    means = [fmean(v for (i, _), v in zip(rows, values, strict=True) if i == level) for level in range(5)]
    assert main_effects(columns_of(rows), values)[0] == pytest.approx(pvariance(means) / pvariance(values))


def test_a_grid_isnt_binned_and_other_designs_are():
    many = list(range(4 * BINS))
    assert main_effects([many], [(-1.0) ** i for i in many]) == pytest.approx([1.0])
    rows = [(i, i % 2) for i in many]
    assert not is_complete_grid(columns_of(rows))
    share, parity = main_effects(columns_of(rows), [(-1.0) ** i for i in many])
    assert share == pytest.approx(0.0) and parity == pytest.approx(1.0)


def test_noise_has_no_importance_on_average():
    rng = np.random.default_rng(1)
    raw, lowered = [], []
    for _ in range(300):
        x, y = rng.random(30), rng.normal(size=30)
        lowered.append(main_effects([x.tolist(), rng.random(30).tolist()], y.tolist())[0])
        order = np.argsort(np.argsort(x)) * BINS // 30
        raw.append(sum(6 * (y[order == g].mean() - y.mean()) ** 2 for g in range(BINS)) / ((y - y.mean()) ** 2).sum())
    assert np.mean(raw) == pytest.approx((BINS - 1) / 29, abs=0.02)
    assert np.mean(lowered) < 0.06  # cut at 0, so above it on average
    assert np.mean(np.array(lowered) == 0.0) > 0.4


@pytest.mark.parametrize("unit", [1e-190, 1.0, 1e200])
def test_shares_dont_depend_on_the_unit(unit):
    assert main_effects([[1, 1, 2, 2], ["a", "b", "a", "b"]], [0.0, unit, 3 * unit, 4 * unit]) == pytest.approx([0.9, 0.1])


def test_what_cant_be_said_is_none():
    assert main_effects([[1, 2]], [3.0, 3.0]) == [None]
    assert main_effects([[1]], [3.0]) == [None]
    assert main_effects([[1, 2]], [0.1 + 0.2, 0.3]) == [None]
    assert main_effects([[], []], []) == [None, None]
    assert main_effects([["a", "b", "c"], [1, 1, 2]], [1.0, 2.0, 4.0])[0] is None
    assert main_effects([[1, 1, 2], ["a", "b", "c"]], [1.0, 2.0, 4.0])[1] is None


def test_equal_numbers_stay_in_one_group():
    x = [1.0] * 15 + [2.0, 3.0, 4.0, 5.0, 6.0, 7.0]
    values = [0.0] * 15 + [1.0] * 6
    share = main_effects([x, list(range(21))], values)[0]
    assert share == pytest.approx(1.0)
