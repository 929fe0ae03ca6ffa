"""Bars around returns, against Brownian motions in small steps and the formula that they must have exactly."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hidden_regime.bars.features import garman_klass
from hidden_regime.bars.frames import frame_to_bars
from hidden_regime.exceptions import ParameterError
from hidden_regime.regimes.bar_paths import WIDEST, BarPaths, bar_paths
from hidden_regime.regimes.return_paths import ReturnPaths

NAMES = ("Bear", "Bull")


def made(
    n_paths=20, n_bars=50, night=0.3, has_ranges=True, seed=0, tails=6.0, spread=0.4, close=100.0
) -> tuple[ReturnPaths, BarPaths]:
    rng = np.random.default_rng(seed)
    sd = np.exp(-4.5 + 0.3 * rng.standard_normal((n_paths, n_bars)))
    ranges = np.log(sd) - 0.2 + spread * rng.standard_normal(sd.shape) if has_ranges else None
    states = rng.integers(0, 2, sd.shape)
    paths = ReturnPaths(sd * np.sqrt(1 - 2 / tails) * rng.standard_t(tails, sd.shape), states, sd, ranges)
    return paths, bar_paths(paths, close, night, rng, names=NAMES, time=datetime(2024, 3, 1, 16, 0))


@settings(deadline=None)
@given(
    st.integers(0, 2**32 - 1),
    st.floats(0.0, 0.99),
    st.booleans(),
    st.floats(2.1, 30.0),
    st.floats(0.0, 5.0),
    st.floats(0.01, 1e4),
)
def test_bars_are_in_order_and_prices_above_zero(seed, night, has_ranges, tails, spread, close):
    paths, bars = made(4, 20, night, has_ranges, seed, tails, spread, close)
    assert (bars.high >= np.maximum(bars.open, bars.close)).all()
    assert (bars.low <= np.minimum(bars.open, bars.close)).all()
    assert (bars.low > 0.0).all() and np.isfinite(bars.high).all()
    before = np.column_stack([np.full(4, close), bars.close[:, :-1]])
    np.testing.assert_allclose(np.log(bars.close / before), paths.returns, atol=1e-12)


def test_the_garman_klass_variance_is_the_one_drawn():
    """But where that is narrower than the body allows, or too wide to be believed."""
    paths, bars = made(spread=1.5)
    exact, narrow, wide = 0, 0, 0
    for path in range(20):
        for i in range(50):
            o, h, low, c = (part[path, i] for part in (bars.open, bars.high, bars.low, bars.close))
            found, drawn = garman_klass(o, h, low, c), np.exp(2 * paths.log_ranges[path, i])
            if drawn > WIDEST * paths.deviations[path, i] ** 2:
                drawn, wide = WIDEST * paths.deviations[path, i] ** 2, wide + 1
            if found == pytest.approx(drawn, rel=1e-6):
                exact += 1
                continue
            narrow += 1
            assert found > drawn
            assert np.log(h / low) == pytest.approx(abs(np.log(c / o)), abs=1e-12)
    assert exact > 800 and narrow > 20 and wide > 5


def brownian(n: int, steps: int = 1000) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """High, low and end of motions of variance 1 in small steps; 0.5826 of a step is what these miss of the ends."""
    rng, parts = np.random.default_rng(7), []
    for _ in range(n // 1000):
        walk = np.cumsum(rng.standard_normal((1000, steps)), axis=1) / np.sqrt(steps)
        missed = 0.5826 / np.sqrt(steps)
        parts.append((np.maximum(walk.max(axis=1), 0.0) + missed, np.minimum(walk.min(axis=1), 0.0) - missed, walk[:, -1]))
    high, low, end = (np.concatenate(part) for part in zip(*parts, strict=True))
    return np.maximum(high, np.maximum(end, 0)), np.minimum(low, np.minimum(end, 0)), end


def test_without_ranges_bars_are_those_of_a_brownian_motion():
    high, low, end = brownian(20_000)
    r = np.random.default_rng(8).standard_normal((20_000, 1))
    paths = ReturnPaths(0.01 * r, np.zeros((20_000, 1), np.int64), np.full((20_000, 1), 0.01), None)
    bars = bar_paths(paths, 50.0, 0.0, np.random.default_rng(9), names=("A",))
    assert (bars.open == 50.0).all()
    up, down, body = (100 * np.log(part / bars.open)[:, 0] for part in (bars.high, bars.low, bars.close))
    np.testing.assert_allclose(body, r[:, 0], atol=1e-9)
    for mine, theirs in ((up - down, high - low), (up, high), (-down, -low)):
        np.testing.assert_allclose(np.quantile(mine, [0.1, 0.5, 0.9]), np.quantile(theirs, [0.1, 0.5, 0.9]), atol=0.06)
    variances = [0.5 * (h - b) ** 2 - (2 * np.log(2) - 1) * c**2 for h, b, c in ((up, down, body), (high, low, end))]
    assert variances[0].mean() == pytest.approx(variances[1].mean(), rel=0.03)
    assert np.log(variances[0]).mean() == pytest.approx(np.log(variances[1]).mean(), abs=0.03)
    assert np.log(variances[0]).std() == pytest.approx(np.log(variances[1]).std(), abs=0.03)
    assert np.corrcoef(abs(body), up - down)[0, 1] == pytest.approx(np.corrcoef(abs(end), high - low)[0, 1], abs=0.03)


@pytest.mark.parametrize(("low", "high"), [(0.0, 0.1), (0.2, 0.4), (0.6, 0.8)])
def test_what_is_left_of_a_range_lies_above_and_below_as_in_a_brownian_motion(low, high):
    motion = brownian(20_000)
    _, bars = made(400, 100, 0.0)
    logs = [np.log(part / bars.open) for part in (bars.high, bars.low, bars.close)]
    spreads = []
    for up, down, end in (motion, logs):
        share = np.abs(end) / (up - down)
        spare, above = up - down - np.abs(end), up - np.maximum(end, 0.0)
        chosen = (share >= low) & (share < high)
        spreads.append((above[chosen] / spare[chosen]).std())
        assert (above[chosen] / spare[chosen]).mean() == pytest.approx(0.5, abs=0.03)
    assert spreads[0] == pytest.approx(spreads[1], abs=0.015)


@pytest.mark.parametrize("night", [0.0, 0.35, 0.8])
def test_the_night_has_its_share_and_says_nothing_of_the_day(night):
    paths, bars = made(400, 250, night, tails=100.0)
    before = np.column_stack([np.full(400, 100.0), bars.close[:, :-1]])
    overnight = np.log(bars.open / before) / paths.deviations
    body = np.log(bars.close / bars.open) / paths.deviations
    assert overnight.var() == pytest.approx(night, abs=0.01)
    assert abs((overnight * body).mean()) < 0.01


def test_a_path_is_a_frame_of_weekdays_after_the_latest_bar():
    _, bars = made(3, 7)
    frame = bars.frame(1)
    assert [f"{time:%a %d %H}" for time in frame.index] == [
        "Mon 04 16", "Tue 05 16", "Wed 06 16", "Thu 07 16", "Fri 08 16", "Mon 11 16", "Tue 12 16",
    ]  # fmt: skip
    assert frame["regime"].tolist() == [NAMES[k] for k in bars.states[1]]
    assert [bar.close for bar in frame_to_bars(frame)] == bars.close[1].tolist()
    saturday = BarPaths(*(bars.open,) * 4, bars.states, NAMES, datetime(2024, 3, 2, tzinfo=UTC))
    assert str(saturday.frame().index[0]) == "2024-03-04 00:00:00+00:00"
    assert len(saturday.frame()) == 7
    hours = pd.date_range("2024-03-04 10:00", periods=7, freq="h")
    assert bars.frame(-1, hours).index.equals(hours)
    assert "3 of 7 bars in 2 states" in repr(bars)


@pytest.mark.parametrize("path", [3, -4, True, 0.0])
def test_paths_are_asked_for_by_their_places(path):
    with pytest.raises(ParameterError, match="path = "):
        made(3, 7)[1].frame(path)


def test_times_have_to_be_known_and_as_many_as_bars():
    _, bars = made(3, 7)
    with pytest.raises(ParameterError, match="index = "):
        bars.frame(0, pd.date_range("2024-03-04", periods=6))
    with pytest.raises(ParameterError, match="index = None"):
        BarPaths(*(bars.open,) * 4, bars.states, NAMES).frame()
