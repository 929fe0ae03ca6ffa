"""A density of one's own, by the recipe: a class, a line in EMISSIONS, and a model of two lines. Here the Laplace density."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from scipy import stats

from hidden_regime import RegimeDetector, StudentTHMM, load_dataset
from hidden_regime.cache.entry import pack, unpack
from hidden_regime.cache.key import task_key
from hidden_regime.exceptions import ParameterError, SavedModelError
from hidden_regime.models.em import EMModel
from hidden_regime.models.emissions import EMISSIONS, emission_named
from hidden_regime.models.parameters import Evidence, Parameters
from hidden_regime.models.soundness import fault
from hidden_regime.models.task import Task
from hidden_regime.models.training import train


def widths(p):
    """b of each state and feature; covars hold the variances 2 b^2."""
    return np.sqrt(0.5 * np.diagonal(p.covars, axis1=1, axis2=2))


def weighted_median(x, weight):
    order = np.argsort(x, kind="stable")
    total = np.cumsum(weight[order])
    return x[order][np.searchsorted(total, 0.5 * total[-1])]


class Laplace:
    """A product over the features of exp(-|x - mean| / b) / 2b; observations that are only known are two points each."""

    shapes = ()
    fits_kernel = filters_in_kernel = False

    def begin(self, start, fixed):
        variances = np.diagonal(start.covars * start.tails[:, None, None], axis1=1, axis2=2)
        return start.but(covars=variances[:, :, None] * np.eye(variances.shape[1]), degrees=None, emission="laplace")

    def log_density(self, x, p):
        b = widths(p)
        return np.nan_to_num(-np.log(2 * b) - np.abs(x[:, None] - p.means) / b).sum(axis=2)

    def tails(self, p):
        return np.ones(len(p.means))

    def cdf(self, z, p):
        return stats.laplace.cdf(z, scale=np.sqrt(0.5))

    def ppf(self, q, p):
        return np.full(len(p.means), stats.laplace.ppf(q, scale=np.sqrt(0.5)))

    def shocks(self, p, states, rng):
        return rng.laplace(0.0, widths(p)[states])

    def points(self, prior, k, i):
        away = np.sqrt(0.5 * prior.covars[k, i, i])
        return prior.means[k, i] + np.array([-away, away]), np.full(2, 0.5 * prior.weight[k])

    def maximise(self, x, gamma, p, kind, floor, prior, *, fixed):
        means, covars = p.means.copy(), p.covars.copy()
        for k, i in np.ndindex(means.shape):
            seen = ~np.isnan(x[:, i])
            known, counts = self.points(prior, k, i)
            values, weight = np.concatenate([x[seen, i], known]), np.concatenate([gamma[seen, k], counts])
            if weight.sum() > 1e-12:
                means[k, i] = weighted_median(values, weight)
                b = (weight * np.abs(values - means[k, i])).sum() / weight.sum()
                covars[k, i, i] = max(2 * b * b, floor[i])
        return p.but(means=means, covars=covars)

    def log_prior(self, p, prior):
        out = np.zeros(len(p.means))
        for k, i in np.ndindex(p.means.shape):
            known, counts = self.points(prior, k, i)
            out[k] += (counts * stats.laplace.logpdf(known, p.means[k, i], widths(p)[k, i])).sum()
        return out


class LaplaceHMM(EMModel):
    emission = "laplace"


@pytest.fixture(autouse=True)
def _registered(monkeypatch):
    monkeypatch.setitem(EMISSIONS, "laplace", Laplace())


@pytest.fixture(scope="module")
def x():
    rng = np.random.default_rng(4)
    state = np.repeat([0, 1, 0, 1], 100)
    x = np.array([[0.0, 1.0], [2.0, -1.0]])[state] + rng.laplace(0, np.array([[0.5, 1.0], [2.0, 0.3]])[state])
    x[[5, 250], [0, 1]] = np.nan
    x[30] = np.nan
    return x


def oracle(x, p):
    """Log-densities by scipy, a row, a state and a feature at a time."""
    b = np.sqrt(np.array([np.diag(c) for c in p.covars]) / 2)
    return np.array([
        [sum(stats.laplace.logpdf(row[i], p.means[k, i], b[k, i]) for i in range(len(row)) if not np.isnan(row[i]))
         for k in range(len(p.means))] for row in x])  # fmt: skip


def test_the_density_is_scipys(x):
    p = LaplaceHMM(2).fit(x)._parameters
    np.testing.assert_allclose(p.log_density(x), oracle(x, p), atol=1e-10)


def test_the_likelihood_is_the_sum_over_all_paths(x):
    model = LaplaceHMM(2).fit(x)
    rows, p = x[245:254], model._parameters
    logs, total = oracle(rows, p), []
    for path in product(range(2), repeat=len(rows)):
        steps = np.log(p.transmat[path[:-1], path[1:]]).sum() if len(path) > 1 else 0.0
        total.append(np.log(max(p.startprob[path[0]], 1e-300)) + steps + logs[range(len(rows)), path].sum())
    assert model.score(rows) == pytest.approx(np.logaddexp.reduce(total), abs=1e-9)


@pytest.mark.parametrize(
    "options", [{}, {"prior_weight": 20.0}, {"half_life": 80.0}, {"stay_weight": 9.0, "stay_duration": 50.0}]
)
def test_the_objective_never_falls_and_beats_what_is_near(x, options):
    model = LaplaceHMM(2, n_init=1, **options).fit(x)
    assert model.n_iter_ > 2 and model.converged_
    assert (np.diff(model.history_) > -1e-9).all()
    assert set(model.restarts_["start"]) == {"volatility", "kmeans", "random"}
    if not options:
        best, p = model.score(x), model._parameters
        for name in ("means", "covars"):
            for change in (0.97, 1.03):
                near = LaplaceHMM(2).fit(x)
                near._parameters = p.but(**{name: getattr(p, name) * change})
                assert near.score(x) < best


def test_one_state_has_the_median_and_the_mean_absolute_deviation():
    y = np.random.default_rng(0).laplace(3.0, 2.0, (401, 1))
    model = LaplaceHMM(1).fit(y)
    assert model.means_[0, 0] == np.median(y)
    b = np.abs(y - np.median(y)).mean()
    assert model.covars_[0, 0] == pytest.approx(2 * b * b, rel=1e-12)
    # The information of a mean is 1 / b^2 a row.
    assert model.standard_errors(y).means[0, 0] == pytest.approx(b / np.sqrt(401), rel=0.01)


def test_a_prior_pulls_like_the_observations_that_it_stands_for():
    y = np.random.default_rng(0).laplace(3.0, 2.0, (40, 1))
    known = np.array([[8.0], [12.0]] * 30)
    memory = Evidence(np.array([60.0]), np.array([[10.0]]), np.array([[[2 * 2.0**2]]]))
    pulled, joined = train([
        Task(y, 1, "diag", emission="laplace", memory=memory, min_covar=0.0),
        Task(np.concatenate([y, known]), 1, "diag", emission="laplace", min_covar=0.0),
    ])  # fmt: skip
    np.testing.assert_allclose(pulled.parameters.covars, joined.parameters.covars, rtol=1e-12)
    assert pulled.objective == pytest.approx(joined.objective, abs=1e-9)


def test_it_is_saved_and_loaded(x, tmp_path):
    model = LaplaceHMM(2, order_by="mean").fit(x)
    model.save(tmp_path / "model")
    for again in (LaplaceHMM.load(tmp_path / "model"), LaplaceHMM.from_dict(model.to_dict())):
        assert again._parameters.emission == "laplace"
        np.testing.assert_array_equal(again.filter_proba(x), model.filter_proba(x))
        assert again.score(x) == model.score(x)
    plain = model.to_dict()
    del plain["fitted"]["parameters"]["emission"]
    with pytest.raises(SavedModelError, match="emission"):
        LaplaceHMM.from_dict(plain)


def test_it_is_cached_under_a_key_of_its_own(x):
    task = Task(x, 2, "diag", emission="laplace")
    result = train([task])[0]
    for read in (unpack("k", pack("k", result), task), unpack("k", pack("k", result))):
        np.testing.assert_array_equal(read.parameters.log_density(x), result.parameters.log_density(x))
    warm = task.but(warm=result.parameters)
    keys = {task_key(t) for t in (task, task.but(emission="gaussian"), warm, warm.but(warm=result.parameters.but(emission="")))}
    assert len(keys) == 4


def test_it_forecasts_and_draws(x):
    model = LaplaceHMM.from_parameters([1.0], [[1.0]], [[1.0, 4.0]], [[2.0, 8.0]])
    forecast = model.forecast(x, 2)
    np.testing.assert_allclose(forecast.variance, [[2.0, 8.0]] * 2)
    np.testing.assert_allclose(forecast.quantile(0.01, 1), stats.laplace.ppf(0.01, 4.0, 2.0), rtol=1e-9)
    at = np.array([[0.3, 9.0], [1.0, 1.0]])
    np.testing.assert_allclose(forecast.log_density(at), stats.laplace.logpdf(at, [1.0, 4.0], [1.0, 2.0]).sum(axis=1))
    drawn, _ = model.sample(4000, 1)
    assert stats.kstest(drawn[:, 1], stats.laplace(4.0, 2.0).cdf).pvalue > 0.01


def test_it_starts_from_another_densitys_covariances(x):
    gaussian, student, laplace = (emission_named(name) for name in ("gaussian", "student_t", "laplace"))
    p = StudentTHMM(2).fit(x)._parameters
    for density in (gaussian, laplace, student):
        q = density.begin(p, None)
        assert q.density is density
        np.testing.assert_allclose(q.deviations, p.deviations)
    assert student.begin(p, None) is p
    np.testing.assert_allclose(student.begin(laplace.begin(p, None), 5.0).deviations, p.deviations)


def test_names_of_no_density_are_refused(x):
    for name in ("cauchy", None, ["gaussian"]):
        with pytest.raises(ParameterError, match="'gaussian' or 'student_t' or 'laplace'"):
            train([Task(x, 2, emission=name)])


def test_parameters_of_another_density_are_no_model(x):
    p = Parameters(np.ones(1), np.ones((1, 1)), np.zeros((1, 1)), np.ones((1, 1, 1)))
    assert fault(p, 1, 1, emission="gaussian") == ""
    assert fault(p, 1, 1, emission="laplace") == "emission: expected 'laplace'"
    assert fault(p.but(emission="laplace"), 1, 1, emission="gaussian") == "emission: expected 'gaussian'"
    assert fault(p, 1, 1, emission="student_t") == "degrees: expected some for this emission"
    for degrees in (2.0, np.nan, 5e305):  # whose gamma function is no number any more
        assert fault(p.but(degrees=np.array([degrees])), 1, 1) == "degrees: expected 1 numbers above 2"


def test_a_detector_sees_regimes_by_it():
    frame = load_dataset("sp500").iloc[:420]
    detector = RegimeDetector(2, emission="laplace", lookback=120, n_iter=30)
    states = detector.run(frame.iloc[:400])
    p = detector.model.parameters
    assert p.emission == "laplace" and detector.n_trainings > 5
    assert detector.expected_moments[1] == pytest.approx(p.deviations[detector.state.state, 0])
    known = states.dropna(subset=["prob_0"])
    np.testing.assert_allclose(known[["prob_0", "prob_1"]].sum(axis=1), 1.0)
    # The last bar's step, by hand: what was known before it, a transition, and scipy's densities.
    now, before = known.iloc[-1], known.iloc[-2]
    assert now["trained_at"] == before["trained_at"]
    row = np.array([np.log(frame["close"].iloc[399] / frame["close"].iloc[398]), np.nan])
    joint = before[["prob_0", "prob_1"]].to_numpy(float) @ p.transmat * np.exp(oracle(detector.course.rows.latest(1), p)[0])
    assert detector.course.rows.latest(1)[0, 0] == pytest.approx(row[0])
    np.testing.assert_allclose(now[["prob_0", "prob_1"]].to_numpy(float), joint / joint.sum(), rtol=1e-9)
    assert now["log_likelihood"] == pytest.approx(np.log(joint.sum()), rel=1e-9)
    again = RegimeDetector.from_dict(detector.to_dict())
    rest = detector.extend(frame.iloc[400:])
    assert again.extend(frame.iloc[400:]).equals(rest)
    assert detector.model.parameters.emission == again.model.parameters.emission == "laplace"


def test_assets_together_are_each_what_they_are_alone():
    frames = {name: load_dataset(name).iloc[:200] for name in ("aapl", "ibm")}
    detector = RegimeDetector(2, emission="laplace", lookback=120, n_iter=20)
    together = detector.run(frames)
    for name, frame in frames.items():
        assert together[name].equals(detector.clone().run(frame))
