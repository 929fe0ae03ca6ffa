"""PBO: known panels, an oracle that takes every half of the blocks in turn, ties."""

from __future__ import annotations

import math
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import rankdata

from hidden_regime.exceptions import ParameterError
from hidden_regime.experiments.honesty import pbo


def noise(n_days, n_trials=50, seed=0):
    return np.random.default_rng(seed).normal(0, 0.01, (n_days, n_trials))


def sharpe(x):
    if np.all(x == x[0]):
        return 0.0 if x[0] == 0 else math.copysign(math.inf, x[0])
    return x.mean() / x.std(ddof=1)


def by_hand(x, n_blocks):
    """Logits, one half of the blocks after the other, from the returns themselves."""
    length = len(x) // n_blocks
    logits = []
    for chosen in combinations(range(n_blocks), n_blocks // 2):
        days = np.concatenate([np.arange(b * length, (b + 1) * length) for b in chosen])
        others = np.setdiff1d(np.arange(n_blocks * length), days)
        best = int(np.argmax([sharpe(column) for column in x[days].T]))
        omega = rankdata([sharpe(column) for column in x[others].T])[best] / (x.shape[1] + 1)
        logits.append(math.log(omega / (1 - omega)))
    return sorted(logits)


@pytest.mark.parametrize(
    ("n_days", "n_blocks", "value", "abs_"), [(1024, 16, 0.3364, 5e-5), (1024, 8, 0.38571, 5e-6), (1000, 10, 0.32937, 5e-6)]
)
def test_known_panels_of_noise(n_days, n_blocks, value, abs_):
    found = pbo(noise(n_days), n_blocks=n_blocks)
    assert found.value == pytest.approx(value, abs=abs_)
    assert (found.n_days, found.n_trials, found.n_blocks) == (n_days, 50, n_blocks)
    assert found.n_combinations == len(found.logits) == math.comb(n_blocks, n_blocks // 2)


def test_skill_in_one_column_is_no_overfitting():
    x = noise(1000)
    x[:, 7] += 0.003
    assert pbo(x, n_blocks=10).value == 0.0


def test_what_turns_round_half_way_is_nothing_else():
    tilt = np.linspace(-0.005, 0.005, 50)
    x = noise(1000) + np.repeat([tilt, -tilt], 500, axis=0)
    assert pbo(x, n_blocks=2).value == 1.0


@settings(max_examples=60, deadline=None)
@given(
    n_blocks=st.sampled_from([2, 4, 6]), length=st.integers(2, 5), extra=st.integers(0, 1), n_trials=st.integers(2, 6),
    seed=st.integers(0, 10**6), coarse=st.booleans(),
)  # fmt: skip
def test_it_is_what_each_half_in_turn_gives(n_blocks, length, extra, n_trials, seed, coarse):
    rng = np.random.default_rng(seed)
    shape = (n_blocks * length + extra, n_trials)
    # Eighths are added and squared without rounding, so that ties are ties for the oracle too.
    x = rng.integers(-1, 2, shape) / 8.0 if coarse else rng.normal(size=shape)
    found = pbo(x, n_blocks=n_blocks)
    if not coarse:
        expected = by_hand(x, n_blocks)
        np.testing.assert_allclose(found.logits, expected, rtol=1e-9, atol=1e-12)
        assert found.value == np.mean(np.array(expected) <= 1e-12)
    else:
        np.testing.assert_allclose(found.logits, exact(x, n_blocks), rtol=1e-9, atol=1e-12)


def exact(x, n_blocks):
    """As `by_hand`, with ratios compared by sign and square in whole numbers: no rounding parts what is equal."""
    from fractions import Fraction

    length = len(x) // n_blocks
    whole = (x * 8).round().astype(int)

    def order(column):
        n, total, squares = len(column), int(column.sum()), int((column**2).sum())
        away = n * squares - total**2
        if away == 0:
            return math.copysign(math.inf, total) if total else Fraction(0)
        return Fraction(total * abs(total), away)

    logits = []
    for chosen in combinations(range(n_blocks), n_blocks // 2):
        days = np.concatenate([np.arange(b * length, (b + 1) * length) for b in chosen])
        others = np.setdiff1d(np.arange(n_blocks * length), days)
        inside = [order(column) for column in whole[days].T]
        outside = [order(column) for column in whole[others].T]
        best = inside.index(max(inside))
        rank = sum(o < outside[best] for o in outside) + (sum(o == outside[best] for o in outside) + 1) / 2
        omega = rank / (x.shape[1] + 1)
        logits.append(math.log(omega / (1 - omega)))
    return sorted(logits)


def test_days_beyond_whole_blocks_are_left_out_at_the_end():
    x = noise(1003)
    cut, whole = pbo(x, n_blocks=10), pbo(x[:1000], n_blocks=10)
    assert cut.n_days == 1000
    np.testing.assert_array_equal(cut.logits, whole.logits)


def test_ties_take_the_mean_of_their_ranks():
    x = np.repeat(noise(320, 1), 5, axis=1)
    found = pbo(x)
    np.testing.assert_array_equal(found.logits, np.zeros(12870))
    assert found.value == 1.0
    doubled = pbo(np.repeat(noise(320, 9), 2, axis=1), n_blocks=8)
    ranks = 19 / (1 + np.exp(-doubled.logits))
    np.testing.assert_allclose(ranks % 2, 1.5, rtol=1e-9)  # of each pair of copies, between an odd rank and the next


def test_trials_without_a_trade_have_the_ratio_nothing():
    x = noise(320, 6) - 0.02
    x[:, 2] = 0.0
    assert pbo(x, n_blocks=4).value == 0.0  # all others lose, always
    np.testing.assert_allclose(pbo(x, n_blocks=4).logits, by_hand(x, 4))


def test_the_unit_and_the_order_of_trials_change_nothing():
    x = noise(640, 20)
    base = pbo(x, n_blocks=8)
    np.testing.assert_array_equal(pbo(4.0 * x, n_blocks=8).logits, base.logits)
    np.testing.assert_array_equal(pbo(x[:, ::-1], n_blocks=8).logits, base.logits)
    assert repr(base) == f"<Overfitting: {base.value:.4f} for 20 trials over 640 days, 70 combinations of 8 blocks>"


@pytest.mark.parametrize("n_blocks", [3, 0, 26, 4.0, True])
def test_halves_need_an_even_number_of_blocks(n_blocks):
    with pytest.raises(ParameterError, match="n_blocks"):
        pbo(noise(1000), n_blocks=n_blocks)


@pytest.mark.parametrize(
    ("returns", "match"),
    [(noise(1000, 1), "two trials"), (noise(31), r"31 days \(rows\) of 50 trials"), (noise(100)[0], "a row for each"),
     (np.where(noise(64) > 0.03, math.nan, 0.01), "finite")],
)  # fmt: skip
def test_what_can_not_be_ranked_is_named(returns, match):
    with pytest.raises(ParameterError, match=match):
        pbo(returns)
