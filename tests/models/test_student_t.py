"""The Student-t model against scipy's density, and against what drew the data."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from hidden_regime import GaussianHMM, StudentTHMM
from hidden_regime.models.parameters import Parameters


def parameters(degrees):
    covars = np.array([[[2.0, 0.6], [0.6, 1.0]], [[0.5, -0.1], [-0.1, 3.0]]])
    return Parameters(np.full(2, 0.5), np.full((2, 2), 0.5), np.array([[0.0, 1.0], [2.0, -1.0]]), covars, degrees)


def test_the_density_is_scipys():
    p = parameters(np.array([3.0, 12.0]))
    x = np.random.default_rng(0).normal(size=(20, 2))
    x[3, 1] = x[5, 0] = np.nan
    x[7] = np.nan
    found = p.log_density(x)
    for k in range(2):
        joint = stats.multivariate_t(p.means[k], p.covars[k], df=p.degrees[k])
        for t in range(20):
            if t == 7:
                expected = 0.0
            elif np.isnan(x[t]).any():
                i = int(np.flatnonzero(~np.isnan(x[t]))[0])
                expected = stats.t.logpdf(x[t, i], p.degrees[k], p.means[k, i], np.sqrt(p.covars[k, i, i]))
            else:
                expected = joint.logpdf(x[t])
            assert found[t, k] == pytest.approx(expected, abs=1e-10)


def test_it_finds_what_drew_the_data():
    rng = np.random.default_rng(2)
    truth = Parameters(np.array([1.0, 0.0]), np.array([[0.98, 0.02], [0.05, 0.95]]), np.array([[0.05], [-0.1]]),
                       np.array([[[0.25]], [[4.0]]]), np.array([4.0, 8.0]))  # fmt: skip
    from hidden_regime.models.chain import sample_paths

    x, _ = sample_paths(truth, 1, 8000, rng)
    model = StudentTHMM(2).fit(x[0])
    order = np.argsort(model.scales_[:, 0])
    np.testing.assert_allclose(model.scales_[order, 0], [0.25, 4.0], rtol=0.15)
    np.testing.assert_allclose(model.degrees_[order], [4.0, 8.0], rtol=0.35)
    np.testing.assert_allclose(model.covars_[order, 0], [0.5, 4.0 * 8 / 6], rtol=0.2)
    np.testing.assert_allclose(model.transmat_[np.ix_(order, order)], truth.transmat, atol=0.02)
    assert model.bic(x[0]) < GaussianHMM(2).fit(x[0]).bic(x[0])
    assert model.n_parameters_ == GaussianHMM(2).fit(x[0]).n_parameters_ + 2


def test_gaussian_data_have_many_degrees():
    x = np.random.default_rng(1).normal(size=(4000, 1))
    model = StudentTHMM(1).fit(x)
    assert model.degrees_[0] > 30
    assert model.log_likelihood_ == pytest.approx(GaussianHMM(1).fit(x).log_likelihood_, abs=1.5)


def test_an_outlier_is_no_regime():
    rng = np.random.default_rng(3)
    x = np.concatenate([rng.normal(0, 1, 300), rng.normal(0, 3, 300)])[:, None]
    x[[100, 200]] = 7.0
    calm = StudentTHMM(2, degrees=4).fit(x).predict_online(x)
    assert (calm[[100, 200]] == calm[150]).all()


def test_limits_are_named():
    with pytest.raises(ValueError, match="hidden_regime: degrees = 2"):
        StudentTHMM(2, degrees=2.0).fit(np.random.default_rng(0).normal(size=(100, 1)))
    assert "degrees=5.0" in repr(StudentTHMM(2, degrees=5.0))


def test_fixed_degrees_hold_in_a_warm_start():
    x = np.random.default_rng(0).normal(size=(200, 1))
    model = StudentTHMM(2, warm_start=True).fit(x)
    assert model.set_params(degrees=5.0).fit(x).degrees_.tolist() == [5.0, 5.0]
