"""The scale that moves, against weights written out, and what it must not depend on."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hidden_regime.regimes.moving_scale import (
    FEWEST,
    KEEP,
    KEEP_SQUARES,
    LEVERAGE,
    LEVERAGE_SQUARES,
    moving_scale,
)
from hidden_regime.regimes.skewed_t import estimate_shape


@pytest.fixture
def window() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(3)
    sds = np.exp(-4.5 + np.cumsum(0.05 * rng.standard_normal(252)))
    return sds * rng.standard_t(6, 252), np.log(sds) - 0.1 + 0.3 * rng.standard_normal(252)


def of_ranges(r: np.ndarray, log_ranges: np.ndarray) -> np.ndarray:
    """The scale before each bar and after the last by weights in closed form, where nothing is missing."""
    told = 2 * log_ranges - LEVERAGE * np.clip(r / np.sqrt(np.mean(r**2)), -9, 9)
    begin = np.mean(2 * log_ranges)
    out = []
    for t in range(len(r) + 1):
        weights = (1 - KEEP) * KEEP ** np.arange(t - 1, -1, -1)
        out.append(math.exp(KEEP**t * begin + np.sum(weights * told[:t])))
    return np.array(out)


def of_squares(r: np.ndarray) -> np.ndarray:
    told = np.where(r < 0, (1 + LEVERAGE_SQUARES) * r**2, (1 - LEVERAGE_SQUARES) * r**2)
    out = []
    for t in range(len(r) + 1):
        weights = (1 - KEEP_SQUARES) * KEEP_SQUARES ** np.arange(t - 1, -1, -1)
        out.append(KEEP_SQUARES**t * np.mean(r**2) + np.sum(weights * told[:t]))
    return np.array(out)


@pytest.mark.parametrize("has_range", [True, False])
def test_the_level_is_the_scale_times_what_returns_did_to_it(window, has_range):
    r, x = window
    path = of_ranges(r, x) if has_range else of_squares(r)
    ratio = np.sum(r**2) / np.sum(path[:-1])
    found = moving_scale(r, x if has_range else None, drift=0.001)
    assert found.level == pytest.approx(ratio * path[-1], rel=1e-10)
    assert found.has_range is has_range
    assert found.keep == (KEEP if has_range else KEEP_SQUARES)
    shape = estimate_shape((r - 0.001) / np.sqrt(ratio * path[:-1]))
    assert found.shape == pytest.approx(shape, rel=1e-9)


def test_slope_and_noise_are_those_of_a_regression(window):
    r, x = window
    path = of_ranges(r, x)[:-1]
    size = np.abs(r) / np.sqrt(path * np.sum(r**2) / np.sum(path))
    told = 2 * x - np.log(path)
    slope, begin = np.polyfit(size, told, 1)
    found = moving_scale(r, x)
    assert found.slope == pytest.approx(slope, rel=1e-8)
    assert found.offset == pytest.approx(begin - np.log(np.sum(r**2) / np.sum(path)), rel=1e-8)
    assert found.noise == pytest.approx(np.std(told - slope * size - begin), rel=1e-8)


@settings(deadline=None)
@given(st.floats(0.01, 100.0))
def test_it_is_in_the_units_of_the_returns(factor):
    rng = np.random.default_rng(4)
    r, x = 0.01 * rng.standard_normal(100), -4.7 + 0.3 * rng.standard_normal(100)
    for ranges in (x, None):
        one = moving_scale(r, ranges)
        other = moving_scale(factor * r, None if ranges is None else ranges + math.log(factor))
        assert other.level == pytest.approx(factor**2 * one.level, rel=1e-9)
        assert other.shape == pytest.approx(one.shape, rel=1e-7)


@pytest.mark.parametrize("has_range", [True, False])
def test_a_fall_raises_it_more_than_a_rise(window, has_range):
    r, x = window
    levels = {}
    for sign in (-1, 1):
        last = r.copy()
        last[-1] = sign * 0.03
        levels[sign] = moving_scale(last, x if has_range else None).level
    assert levels[-1] > 1.1 * levels[1]


def test_one_wild_range_moves_it_little_and_one_wild_stretch_much(window):
    r, x = window
    usual = moving_scale(r, x).level
    for count, least, most in ((1, 1.5, 2.0), (40, 8.0, 12.0)):
        wild = x.copy()
        wild[-count:] += 0.5 * math.log(100.0)  # a hundred times the variance
        assert least < moving_scale(r, wild).level / usual < most


def test_a_bar_without_a_range_leaves_it_alone(window):
    r, x = window
    gap = np.insert(x, 200, np.nan)
    still = np.insert(r, 200, np.nan)
    assert moving_scale(still, gap).level == pytest.approx(moving_scale(r, x).level, rel=1e-12)


def test_where_most_ranges_are_missing_squares_count(window):
    r, x = window
    few = np.where(np.arange(252) % 2 == 0, x, np.nan)
    assert moving_scale(r, few) == moving_scale(r)
    few[1] = x[1]
    assert moving_scale(r, few).has_range


@pytest.mark.parametrize("count", [0, FEWEST - 1, FEWEST])
def test_few_bars_say_nothing(window, count):
    r, x = window[0][:count], window[1][:count]
    assert math.isfinite(moving_scale(r, x).level) is (count == FEWEST)


def test_a_market_that_stands_still_says_nothing():
    assert math.isnan(moving_scale(np.zeros(100), np.full(100, np.nan)).level)


def test_it_does_not_matter_how_the_window_lies_in_memory(window):
    table = np.column_stack(window)
    assert moving_scale(table[:, 0], table[:, 1]) == moving_scale(*window)
