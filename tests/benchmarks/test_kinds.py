"""Generators of simulated markets: what they were told to be, equal by seed, and no bar that knows a later one."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from benchmarks.kinds import REFERENCE, WITH_REGIMES, WITHOUT, bars, chain, days, hours, quiet, switching, unit_t, weeks

EVERY = {**WITH_REGIMES, **WITHOUT}


def returns_of(frame):
    return np.diff(np.log(frame["close"].to_numpy()))


def test_a_chain_holds_states_by_their_durations_and_leaves_them_so():
    durations = (15.0, 30.0, 60.0)
    states = chain(np.random.default_rng(0), durations, 400_000)
    shares = np.bincount(states) / len(states)
    assert shares == pytest.approx(np.array(durations) / sum(durations), abs=0.01)  # any other follows alike
    begins = np.flatnonzero(np.diff(states, prepend=-1))
    lengths = np.diff([*begins, len(states)])
    for k, duration in enumerate(durations):
        own = lengths[:-1][states[begins][:-1] == k]
        assert own.mean() == pytest.approx(duration, rel=0.05)
        after = states[begins][1:][states[begins][:-1] == k]
        assert np.mean(after == (k + 1) % 3) == pytest.approx(0.5, abs=0.03)


def test_shocks_have_variance_one_whatever_their_degrees():
    assert unit_t(np.random.default_rng(0), 7.0, 400_000).var() == pytest.approx(1.0, abs=0.02)


def test_returns_of_each_regime_have_its_moments():
    made = [switching(seed, n=20_000, noise=0.004, degrees=8.0) for seed in range(6)]
    returns, truth = (np.concatenate(rows) for rows in zip(*((returns_of(m.frame), m.truth[1:]) for m in made), strict=True))
    for k, (mean, sd, _) in enumerate(REFERENCE):
        own = returns[truth == k]
        whole = math.hypot(sd, 0.004)
        assert own.mean() == pytest.approx(mean, abs=4 * whole / math.sqrt(len(own)))
        assert own.std() == pytest.approx(whole, rel=0.04)


def test_a_garch_has_its_variance_and_clusters_and_an_iid_market_does_not():
    clustered = returns_of(quiet(0, n=60_000, alpha=0.08, beta=0.90).frame)
    iid = returns_of(quiet(0, n=60_000).frame)
    assert clustered.std() == pytest.approx(0.01, rel=0.06)
    assert iid.std() == pytest.approx(0.01, rel=0.02)
    together = [float(np.corrcoef(np.abs(r[1:]), np.abs(r[:-1]))[0, 1]) for r in (clustered, iid)]
    assert together[0] > 0.1
    assert abs(together[1]) < 0.02


@pytest.mark.parametrize("kind", EVERY)
def test_each_kind_makes_bars_that_can_be(kind):
    made = EVERY[kind](3)
    frame = made.frame
    assert frame.index.is_monotonic_increasing
    assert frame.index.is_unique
    assert np.isfinite(frame.to_numpy()).all()
    assert (frame["close"] > 0).all()
    if "high" in frame:
        assert (frame["high"] >= frame[["open", "close"]].max(axis=1)).all()
        assert (frame["low"] <= frame[["open", "close"]].min(axis=1)).all()
    if kind in WITHOUT:
        assert made.truth is None
    else:
        assert len(made.truth) == len(frame)
        assert set(made.names) <= {"Bear", "Bull"} | ({"Sideways"} if made.n_states == 3 else set())
        assert made.names[made.truth == 0].tolist() == ["Bear"] * int((made.truth == 0).sum())


@pytest.mark.parametrize("kind", EVERY)
def test_equal_seeds_give_equal_markets_and_others_others(kind):
    first, again, other = (EVERY[kind](seed) for seed in (5, 5, 6))
    # numpy's exponential has one of two last bits, by where in memory its argument happens to lie.
    pd.testing.assert_frame_equal(first.frame, again.frame, rtol=1e-13)
    assert not np.array_equal(first.frame["close"], other.frame["close"])
    if first.truth is not None:
        assert np.array_equal(first.truth, again.truth)


@pytest.mark.parametrize("n", [7, 100, 701])
def test_indices_have_the_bars_that_were_asked_for(n):
    assert len(days(n)) == len(weeks(n)) == len(hours(n)) == n
    assert (days(n).day_of_week < 5).all()
    assert (weeks(n).day_of_week == 4).all()
    assert set(hours(n).hour) == set(range(10, 17))


def test_hours_of_a_u_shaped_day_are_wild_at_its_ends():
    made = WITH_REGIMES["hourly, U-shaped day"](0)
    sizes = pd.Series(np.abs(returns_of(made.frame)), made.frame.index[1:]).groupby(lambda time: time.hour).mean()
    assert sizes.idxmax() == 10
    assert sizes[16] > 1.5 * sizes[13]


def test_no_bar_knows_a_later_one():
    rng = np.random.default_rng(0)
    returns, sd = 0.01 * rng.standard_normal(300), np.full(300, 0.01)
    night = np.full(300, 0.4)
    whole = bars(np.random.default_rng(1), returns, sd, days(300), night)
    for what in (returns, sd, night):
        what[200:] *= 1.9
    other = bars(np.random.default_rng(1), returns, sd, days(300), night)
    pd.testing.assert_frame_equal(whole.iloc[:200], other.iloc[:200], check_exact=True)
    assert not np.isclose(whole["close"].iloc[200:], other["close"].iloc[200:]).all()


def test_a_volatility_does_not_know_the_shock_that_it_scales():
    made = WITHOUT["GJR-GARCH-t"](0)
    returns = returns_of(made.frame)
    assert abs(np.corrcoef(np.abs(returns[:-1]), returns[1:])[0, 1]) < 4 / math.sqrt(len(returns))


def test_closes_are_those_of_the_returns_whatever_the_night():
    returns = 0.01 * np.random.default_rng(2).standard_normal(50)
    frame = bars(np.random.default_rng(3), returns, np.full(50, 0.01), days(50), 0.6)
    assert np.log(frame["close"] / 100.0).to_numpy() == pytest.approx(np.cumsum(returns), abs=1e-12)
    gaps = np.log(frame["open"]).to_numpy()[1:] - np.log(frame["close"]).to_numpy()[:-1]
    assert np.abs(gaps).mean() > 0.003
