"""Effective numbers of trials at their ends and between."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hidden_regime.exceptions import ParameterError
from hidden_regime.experiments.honesty import effective_trials


def test_copies_are_one_and_orthogonal_trials_are_all():
    one = np.random.default_rng(0).normal(size=(100, 1))
    found = effective_trials(one * [1.0, 2.0, 0.5])
    assert (found.by_correlation, found.by_eigenvalues) == pytest.approx((1.0, 1.0))
    hadamard = np.array([[1, 1, 1], [-1, 1, -1], [1, -1, -1], [-1, -1, 1]], dtype=float)
    found = effective_trials(hadamard)
    assert (found.by_correlation, found.by_eigenvalues) == pytest.approx((3.0, 3.0))


@settings(max_examples=40, deadline=None)
@given(n=st.integers(2, 12), n_days=st.integers(30, 80), shared=st.floats(0, 3), seed=st.integers(0, 10**6))
def test_both_are_what_their_formulas_say_and_between_one_and_all(n, n_days, shared, seed):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n_days, n)) + shared * rng.normal(size=(n_days, 1))
    found = effective_trials(x)
    c = np.corrcoef(x.T)
    pairs = [c[i, j] for i in range(n) for j in range(i)]
    eigenvalues = np.linalg.eigvalsh(c)
    assert found.mean_correlation == pytest.approx(np.mean(pairs), abs=1e-12)
    assert found.by_eigenvalues == pytest.approx(eigenvalues.sum() ** 2 / (eigenvalues**2).sum(), rel=1e-9)
    rho = max(np.mean(pairs), 0.0)
    assert found.by_correlation == pytest.approx(rho + (1 - rho) * n, rel=1e-12)
    assert 1.0 <= found.by_correlation <= n
    assert 1.0 <= found.by_eigenvalues <= n


def test_trials_against_each_other_are_no_more_than_they_are():
    one = np.random.default_rng(0).normal(size=50)
    found = effective_trials(np.column_stack([one, -one]))
    assert found.mean_correlation == pytest.approx(-1.0)
    assert found.by_correlation == 2.0
    assert found.by_eigenvalues == pytest.approx(1.0)


def test_trials_without_a_trade_are_left_out_and_counted():
    x = np.random.default_rng(0).normal(size=(50, 3))
    found = effective_trials(np.column_stack([x, np.zeros(50), np.zeros(50)]))
    plain = effective_trials(x)
    assert (found.n_trials, found.n_flat, plain.n_flat) == (3, 2, 0)
    assert (found.by_correlation, found.by_eigenvalues) == (plain.by_correlation, plain.by_eigenvalues)
    alone = effective_trials(x[:, :1])
    assert (alone.by_correlation, alone.by_eigenvalues, alone.n_trials) == (1.0, 1.0, 1)
    assert math.isnan(alone.mean_correlation)


@pytest.mark.parametrize(
    ("returns", "match"),
    [(np.zeros((5, 2)), "vary"), (np.zeros((1, 2)), "two days"), (np.zeros((5, 0)), "one trial"), (np.zeros(5), "a row for each"),
     ([[0.1, math.nan], [0.2, 0.3]], r"returns\[\(0, 1\)\]")],
)  # fmt: skip
def test_what_has_no_correlation_is_named(returns, match):
    with pytest.raises(ParameterError, match=match):
        effective_trials(returns)
