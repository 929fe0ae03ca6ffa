"""Retraining on every bar: as good as a cold start, each series by itself, and blind to the future."""

from __future__ import annotations

import numpy as np
import pytest

from hidden_regime import kernels, load_dataset
from hidden_regime.models.initialisation import from_ranking, volatility_ranking
from hidden_regime.models.rolling import RollingTrainer

WINDOW = 120


@pytest.fixture(scope="module")
def x():
    closes = [load_dataset(name)["close"].to_numpy()[:320] for name in ("sp500", "aapl", "ibm")]
    return 100 * np.diff(np.log(np.array(closes)))[:, :, None]


def run(x, **options):
    trainer = RollingTrainer(3, window=WINDOW, **options)
    return [trainer.advance(x, end) for end in range(WINDOW, x.shape[1] + 1)]


def test_it_is_no_worse_than_a_cold_start(x):
    found = np.array([bar.log_likelihood for bar in run(x)])
    jobs = np.array([[i, e - WINDOW, e] for e in range(WINDOW, x.shape[1] + 1) for i in range(3)])
    starts = [from_ranking(x[i, b:e], volatility_ranking(x[i, b:e]), 3)[:4] for i, b, e in jobs]
    floor = np.array([1e-3 * x[i, b:e].var(axis=0) for i, b, e in jobs])
    parts = [np.stack(p) for p in zip(*starts, strict=True)]
    cold = kernels.fit(x, jobs, *parts, None, covariance_type="diag", n_iter=500, tol=1e-4, floor=floor)
    assert found.mean() > cold.log_likelihood.mean() - 1e-4


def test_each_series_is_by_itself(x):
    together = run(x)
    alone = run(x[:1])
    for a, b in zip(together, alone, strict=True):
        np.testing.assert_array_equal(a.means[0], b.means[0])
        np.testing.assert_array_equal(a.filtered[0], b.filtered[0])


def test_the_future_changes_nothing(x):
    other = x.copy()
    other[:, 200:] *= -3.0
    for a, b in zip(run(x)[: 200 - WINDOW], run(other), strict=False):
        for p, q in zip(a, b, strict=True):
            np.testing.assert_array_equal(p, q)


def test_challengers_find_better_basins(x):
    with_them, without = run(x), run(x, challenge=0)
    assert sum(bar.switched.sum() for bar in with_them) > 0
    assert not any(bar.switched.any() for bar in without)
    assert np.mean([b.log_likelihood for b in with_them]) > np.mean([b.log_likelihood for b in without])


def test_a_straggler_says_so(x):
    assert not all(bar.converged.all() for bar in run(x, n_iter=2)[1:])


def test_wrong_uses_are_named(x):
    with pytest.raises(ValueError, match="hidden_regime: window"):
        RollingTrainer(3, window=1)
    with pytest.raises(ValueError, match="covariance_type"):
        RollingTrainer(3, covariance_type="best")
    with pytest.raises(ValueError, match="hold no window"):
        RollingTrainer(3, window=WINDOW).advance(x, WINDOW - 1)


def test_keys_make_a_series_independent_of_its_place(x):
    both, one = RollingTrainer(3, window=WINDOW), RollingTrainer(3, window=WINDOW)
    for end in range(WINDOW, 260):
        a, b = both.advance(x, end, keys=(7, 9, 11)), one.advance(x[1:2], end, keys=(9,))
        np.testing.assert_array_equal(a.filtered[1], b.filtered[0])
