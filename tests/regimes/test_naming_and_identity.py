"""Names, identity and statistics of regimes."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from hidden_regime.regimes.identity import doubtful_states, grouped, match_states, pairs, states_alike
from hidden_regime.regimes.naming import StateMoments, ladder, name_groups, name_states, order_all, order_states, regime_names
from hidden_regime.regimes.statistics import regime_table, regime_transitions


def moments(mean, sd, weight=1e6):
    return StateMoments(np.array(mean), np.array(sd), np.full(len(mean), weight))


@pytest.mark.parametrize(
    ("mean", "sd", "names"),
    [([0.1], [1.0], ["Sideways"]), ([-0.1, 0.1], [1, 1], ["Bear", "Bull"]), ([0.1, 0.0, -0.1], [1, 1, 1], ["Bull", "Sideways", "Bear"]),
     ([0.1, 0.0, -0.1, -0.2], [1, 1, 5, 1], ["Bull", "Sideways", "Crisis", "Bear"]),
     ([0.4, 0.3, 0.2, 0.1], [1, 1, 1, 9], ["Bull", "Sideways", "Bear", "Crisis"])],
)  # fmt: skip
def test_names_follow_the_rule(mean, sd, names):
    assert name_states(moments(mean, sd)) == names


def test_means_that_cannot_be_told_apart_are_ranked_by_volatility():
    doubtful = moments([0.02, 0.01, 0.03], [1.0, 0.5, 3.0], weight=80.0)
    assert name_states(doubtful) == ["Sideways", "Bull", "Bear"]
    sure = moments([0.02, 0.01, 0.03], [1.0, 0.5, 3.0], weight=1e9)
    assert name_states(sure) == ["Sideways", "Bear", "Bull"]


@pytest.mark.parametrize("n", range(1, 10))
def test_every_name_that_is_given_is_among_those_that_can_occur(n):
    rng = np.random.default_rng(n)
    assert len(set(ladder(n))) == n
    for _ in range(20):
        names = name_states(moments(rng.normal(0, 1, n), rng.uniform(0.5, 3, n), weight=50.0))
        assert sorted(names) == sorted(regime_names(n))


def matched(old, new, means=None, new_means=None, shared=0.0) -> list[int]:
    means, new_means = (np.zeros(old.shape[1]) if m is None else np.array(m) for m in (means, new_means))
    remembered = np.full((1, old.shape[1]), shared)
    return match_states(old[None], new[None], means[None, :, None], new_means[None, :, None], np.ones((1, 1)), remembered)[
        0
    ].tolist()


@settings(deadline=None)  # the first matching of five states imports scipy.optimize
@given(st.integers(0, 1000), st.integers(2, 5))
def test_matching_undoes_a_permutation(seed, k):
    rng = np.random.default_rng(seed)
    old = rng.dirichlet(np.full(k, 0.2), 100)
    shuffle = rng.permutation(k)
    order = matched(old, old[:, shuffle])
    assert (old[:, shuffle][:, order] == old).all()


def test_matching_is_the_best_assignment():
    rng = np.random.default_rng(0)
    old, new = rng.dirichlet(np.ones(4), 50), rng.dirichlet(np.ones(4), 50)
    overlap = old.T @ new
    best = max(itertools.permutations(range(4)), key=lambda p: sum(overlap[i, p[i]] for i in range(4)))
    assert tuple(matched(old, new)) == best


def test_distance_decides_between_equals():
    even = np.full((10, 2), 0.5)
    assert matched(even, even, [0.0, 1.0], [1.0, 0.0]) == [1, 0]
    assert matched(even, even, [0.0, 1.0], [0.0, 1.0]) == [0, 1]


def test_order_is_a_permutation():
    assert sorted(order_states(moments([0.0, 0.0, 0.0], [1.0, 1.0, 1.0]))) == [0, 1, 2]


@pytest.mark.parametrize(("errors", "worst"), [(2.9, 1), (3.1, 0)])
def test_means_are_told_apart_from_three_standard_errors_on(errors, worst):
    """Two states of 200 bars each, whose means are so many standard errors of their difference apart; the better one is wilder."""
    sd = np.array([1.0, 2.0])
    gap = errors * np.sqrt((sd**2 / 200).sum())
    assert order_states(moments([0.0, gap], sd, weight=200.0))[0] == worst
    many = order_all(StateMoments(np.array([[0.0, gap]] * 3), np.array([sd] * 3), np.full((3, 2), 200.0)))
    assert many[:, 0].tolist() == [worst] * 3


@pytest.mark.parametrize(("divergence", "alike"), [(0.095, True), (0.105, False)])
def test_states_are_one_regime_within_a_tenth_of_a_nat(divergence, alike):
    """Of two Gaussians of one covariance each divergence is half the squared distance of their means."""
    far = np.sqrt(2 * divergence)
    means, covars = np.array([[[0.0, 0.0], [0.0, 3.0 * far]]]), np.tile(np.diag([1.0, 9.0]), (1, 2, 1, 1))
    assert states_alike(means, covars, np.full((1, 2), 1e4)).tolist() == [[alike]]


@pytest.mark.parametrize("n_features", [1, 2, 3])
def test_divergences_are_those_of_gaussians(n_features):
    """By integration over draws: the states are alike just below the mean of both divergences, and not just above."""
    rng = np.random.default_rng(n_features)
    means, root = rng.normal(size=(2, n_features)), rng.normal(size=(2, n_features, n_features))
    covars = root @ root.swapaxes(1, 2) + np.eye(n_features)
    densities = [stats.multivariate_normal(means[k], covars[k]) for k in (0, 1)]
    there = [densities[k].rvs(400_000, random_state=rng).reshape(-1, n_features) for k in (0, 1)]
    both = [(densities[k].logpdf(there[k]) - densities[1 - k].logpdf(there[k])).mean() for k in (0, 1)]
    weight = np.array([[1e9, 30.0]])
    mean = float(np.mean(both))
    assert states_alike(means[None], covars[None], weight, closest=1.03 * mean, told=0.0).all()
    assert not states_alike(means[None], covars[None], weight, closest=0.97 * mean, told=0.0).any()
    # What tells the rarer one from the other are its 30 observations, at its own divergence.
    assert states_alike(means[None], covars[None], weight, closest=0.0, told=1.03 * 30.0 * both[1]).all()
    assert not states_alike(means[None], covars[None], weight, closest=0.0, told=0.97 * 30.0 * both[1]).any()


def test_what_is_alike_by_another_is_one_group():
    one, other = pairs(4)
    alike = tuple((i, j) in {(0, 2), (2, 3)} for i, j in zip(one.tolist(), other.tolist(), strict=True))
    assert grouped(alike, 4) == (0, 1, 0, 0)
    assert grouped((False,) * 6, 4) == (0, 1, 2, 3)


@pytest.mark.parametrize(
    ("mean", "sd", "group", "names"),
    [([0.1, 0.12, -0.2], [1, 1.1, 3], (0, 0, 2), ("Bull", "Bull", "Bear")), ([0.1, 0.1, 0.1], [1, 1, 1], (0, 0, 0), ("Bull",) * 3),
     ([-0.1, -0.1, -0.1], [1, 1, 1], (0, 0, 0), ("Sideways",) * 3), ([-0.1, -0.1], [1, 1], (0, 0), ("Bear",) * 2),
     ([0.3, 0.1, 0.1, -0.3], [1, 1, 1, 1], (0, 1, 1, 3), ("Bull", "Sideways", "Sideways", "Bear"))],
)  # fmt: skip
def test_states_of_one_regime_share_its_name(mean, sd, group, names):
    many = StateMoments(*(np.stack([part, part]) for part in vars(moments(mean, sd)).values()))
    assert name_groups(many, [group, group]) == [names, names]
    assert set(names) <= set(regime_names(len(mean)))


def test_a_state_that_nothing_visits_stays_where_it_is_remembered():
    """Probabilities of a state that the window doesn't hold are rounding, which would decide between it and another such."""
    old = np.zeros((50, 3))
    old[:, 0] = 1.0
    new = old + np.array([0.0, 0.0, 0.0])
    old[0, 1], new[0, 2] = 1e-6, 1e-6
    assert matched(old, new) == [0, 2, 1]
    assert matched(old, new, shared=20.0) == [0, 1, 2]


@pytest.mark.parametrize(("weight", "said"), [(2.0, ""), (1.999, "state 1 is empty")])
def test_a_state_of_less_than_two_observations_is_empty(weight, said):
    assert doubtful_states(np.array([[50.0, weight]]), np.zeros((1, 1), bool)) == [said]


def test_the_table_counts_runs_and_gives_the_next_days_return():
    index = pd.bdate_range("2020-01-01", periods=6)
    states = pd.DataFrame({"regime": ["A", "A", "B", "B", "B", "A"], "expected_duration": 4.0}, index=index)
    close = pd.Series([1.0, 2.0, 4.0, 4.0, 2.0, 2.0], index=index)
    table = regime_table(states, close)
    assert table.loc["A", "share"] == 0.5
    assert table.loc["A", ["runs", "mean_run", "longest"]].tolist() == [2, 1.5, 2]
    assert table.loc["A", "annual_return"] == pytest.approx(np.log(2) * 252)
    assert table.loc["B", "annual_return"] == pytest.approx(-np.log(2) / 3 * 252)


def test_durations_handle_the_run_that_may_go_on():
    index = pd.bdate_range("2020-01-01", periods=10)
    states = pd.DataFrame({"regime": list("AAABBAAAAA"), "expected_duration": 4.0}, index=index)
    table = regime_table(states, pd.Series(np.exp(np.linspace(0, 0.09, 10)), index=index))
    assert table.loc["A", "duration"] == 8.0  # 8 bars, of whose two runs one ended
    assert table.loc["B", "duration"] == 2.0
    assert table.loc["A", "mean_run"] == 4.0
    assert table.loc["A", "max_drawdown"] == 0.0
    moves = regime_transitions(states)
    assert moves.loc["A", "B"] == pytest.approx(1 / 7)
    assert moves.loc["B", "A"] == pytest.approx(1 / 2)
    np.testing.assert_allclose(moves.sum(axis=1), 1.0)
