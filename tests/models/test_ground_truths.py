"""Figures that others published, reproduced."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest

from hidden_regime import GaussianHMM, JumpModel
from hidden_regime.models.chain import sample_paths, stationary_distribution
from hidden_regime.models.parameters import Parameters

DATA = Path(__file__).parent / "data"


def test_the_federal_funds_rate():
    """Two means, one variance: statsmodels and Stata have -508.63592, which starts from the stationary distribution."""
    x = np.loadtxt(DATA / "fedfunds.csv", skiprows=1)[:, None]
    model = GaussianHMM(2, covariance_type="tied", tol=1e-10, min_covar=0.0, n_init=3, n_iter=5000).fit(x)
    low, high = np.argsort(model.means_[:, 0])
    np.testing.assert_allclose(model.means_[[low, high], 0], [3.7088, 9.5568], atol=0.01)
    assert model.covars_[0, 0] == pytest.approx(4.4418, abs=0.02)
    assert model.transmat_[low, low] == pytest.approx(0.9821, abs=0.002)
    assert model.transmat_[high, low] == pytest.approx(0.0504, abs=0.005)
    theirs = Parameters(np.zeros(2), np.array([[0.9820939, 0.0179061], [0.0504, 0.9496]]), np.array([[3.70877], [9.556793]]),
                        np.full((2, 1, 1), 2.107562**2))  # fmt: skip
    model._set(theirs._replace(startprob=stationary_distribution(theirs.transmat)))
    assert model.score(x) == pytest.approx(-508.63592, abs=1e-3)


def test_the_s_and_p_500_from_1990_to_2022():
    closes = np.array(gzip.decompress((DATA / "sp500_index.csv.gz").read_bytes()).split()[1:], dtype=float)
    x = 100 * np.diff(np.log(closes))[:, None]
    model = GaussianHMM(2, tol=1e-8, n_iter=2000).fit(x)
    calm, wild = np.argsort(model.covars_[:, 0])
    assert model.log_likelihood_ == pytest.approx(-11_380.92, abs=0.05)
    np.testing.assert_allclose(model.means_[[calm, wild], 0], [0.0784, -0.0818], atol=2e-4)
    np.testing.assert_allclose(np.sqrt(model.covars_[[calm, wild], 0]), [0.6663, 1.8074], atol=2e-4)
    assert model.transmat_[calm, wild] == pytest.approx(0.0134, abs=1e-4)
    assert model.transmat_[wild, calm] == pytest.approx(0.0295, abs=1e-4)


def balanced_accuracy(found, true):
    return np.mean([np.mean(found[true == k] == k) for k in (0, 1) if (true == k).any()])


@pytest.mark.parametrize(
    ("n", "viterbi", "hmm", "jump"),
    [(250, 0.924, 0.944, 0.928), (500, 0.950, 0.939, 0.926), (1000, 0.958, 0.958, 0.927)],
)
def test_the_simulation_of_nystrup_lindstrom_and_madsen(n, viterbi, hmm, jump):
    """The published figures come from 60 paths with a deviation of about 0.15 each; ours from as many."""
    truth = Parameters(np.array([0.5, 0.5]), np.array([[0.9979, 0.0021], [0.0120, 0.9880]]), np.array([[0.000615], [-0.000785]]),
                       np.array([[[0.007759**2]], [[0.017397**2]]]))  # fmt: skip
    start = stationary_distribution(truth.transmat)
    x, states = sample_paths(truth._replace(startprob=start), 60, n, np.random.default_rng(n))
    oracle = GaussianHMM(2)
    oracle.n_features_in_ = 1
    oracle._set(truth._replace(startprob=start))
    known, fitted, jumped = [], [], []
    for one, true in zip(x, states, strict=True):
        known.append(balanced_accuracy(oracle.predict(one), true))
        for model, out in (
            (GaussianHMM(2, n_init=8, stay_duration=100, stay_weight=10), fitted),
            (JumpModel(2, penalty=46), jumped),
        ):
            z = one if isinstance(model, GaussianHMM) else features(one)
            found = model.fit(z).predict(z)
            out.append(max(balanced_accuracy(found, true), balanced_accuracy(1 - found, true)))
    error = 3 * 0.15 / np.sqrt(60)
    assert np.mean(known) == pytest.approx(viterbi, abs=error)
    assert np.mean(fitted) > hmm - 2 * error
    assert np.mean(jumped) == pytest.approx(jump, abs=error)


def features(x):
    """Absolute return and its means over six and fourteen days on either side: what the published jump model looks at."""
    size = np.abs(x[:, 0])
    return np.column_stack([size, *(np.convolve(size, np.ones(w) / w, mode="same") for w in (6, 14))])
