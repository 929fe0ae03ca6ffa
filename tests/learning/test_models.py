"""Models answer as their libraries do, from plain arrays, calibrated on rows that they didn't train on."""

from __future__ import annotations

import json

import numpy as np
import pytest
from scipy.stats import norm

from hidden_regime.exceptions import DataError, MissingDependencyError, ParameterError, SavedModelError
from hidden_regime.learning import FeatureSpec, PurgedKFold, make_features
from hidden_regime.learning.crossing import cross, joined
from hidden_regime.learning.evaluation.bootstrap import intervals
from hidden_regime.learning.models import DOORS, Recipe, RegimeSwitchingModel, door_of, fit
from hidden_regime.learning.models.calibration import fit_calibrator
from hidden_regime.learning.models.reading import any_core
from hidden_regime.quantconnect.learned.cores import Calibrator, Linear, core_of
from hidden_regime.quantconnect.learned.predictor import Single, predict_row, predictor_of
from hidden_regime.testing import check_causal_function
from tests.learning.worlds import dataset, noise, planted


@pytest.fixture(scope="module")
def table():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(400, 4)) * [1, 5, 0.1, 2] + [0, 3, 0, -1]
    y = (X[:, 0] + 0.3 * X[:, 3] + rng.normal(size=400) > 0).astype(float)
    ret = 0.01 * X[:, 0] + rng.normal(0, 0.02, 400)
    return X, y, ret, rng.uniform(0.2, 1.0, 400)


def test_logistic_regression_is_scikit_learns(table):
    from sklearn.linear_model import LogisticRegression

    X, y, _, weight = table
    core = door_of("logistic").fit(X, y, weight, {"C": 0.5}, 0)
    share = weight / weight.sum()
    mean = share @ X
    z = (X - mean) / np.sqrt(share @ (X - mean) ** 2)
    theirs = LogisticRegression(C=0.5, tol=1e-8, max_iter=1000).fit(z, y, sample_weight=weight * len(y) / weight.sum())
    np.testing.assert_allclose(Single(core).predict(X).probability, theirs.predict_proba(z)[:, 1], rtol=1e-6)  # its other solver


def test_bayesian_ridge_is_scikit_learns(table):
    from sklearn.linear_model import BayesianRidge

    X, _, ret, _ = table
    weight = np.ones(len(X))
    found = Single(door_of("bayesian-ridge").fit(X, ret, weight, {}, 0)).predict(X)
    z = (X - X.mean(axis=0)) / X.std(axis=0)
    mean, sd = BayesianRidge().fit(z, ret, sample_weight=weight).predict(z, return_std=True)
    np.testing.assert_allclose(found.mean, mean, rtol=1e-9, atol=1e-15)
    np.testing.assert_allclose(found.sd, sd, rtol=1e-9)
    np.testing.assert_allclose(found.probability, norm.cdf(mean / sd), rtol=1e-9)


def test_trees_are_lightgbms_and_the_same_each_time(table):
    import lightgbm

    X, y, _, weight = table
    parameters = DOORS["lightgbm"].parameters({"trees": 20, "least_rows": 10})
    core = door_of("lightgbm").fit(X, y, weight, parameters, 3)
    assert core.content == door_of("lightgbm").fit(X, y, weight, parameters, 3).content
    theirs = lightgbm.Booster(model_str=core.content["text"])
    np.testing.assert_allclose(Single(core).predict(X).probability, theirs.predict(X), rtol=1e-12)
    assert np.corrcoef(y, theirs.predict(X))[0, 1] > 0.5


@pytest.mark.parametrize("kind", ["prior", "logistic", "bayesian-ridge", "lightgbm"])
@pytest.mark.parametrize("calibration", ["none", "sigmoid", "isotonic"])
def test_a_row_alone_has_the_bits_that_it_has_among_others(kind, calibration):
    data = dataset(planted(n=400))
    predictor = fit(Recipe(kind, calibration=calibration), data)
    again = predictor_of(json.loads(json.dumps(predictor.to_dict())))
    whole = predictor.predict(data.X)
    for i in (0, 7, 200):
        alone = predict_row(again, data.X[i].tolist())
        assert alone[0] == whole.probability[i]
        assert alone[1] == whole.mean[i] or np.isnan(whole.mean[i])
    assert ((whole.probability >= 0) & (whole.probability <= 1)).all()


def test_calibrators_are_scikit_learns():
    from sklearn.isotonic import IsotonicRegression
    from sklearn.linear_model import LogisticRegression

    rng = np.random.default_rng(1)
    score, weight = rng.normal(0, 2, 800), rng.uniform(0.5, 1.0, 800)
    y = (rng.uniform(size=800) < 1 / (1 + np.exp(-0.4 * score - 0.2))).astype(float)
    grid = np.linspace(-7, 7, 40)
    sigmoid = Calibrator(fit_calibrator("sigmoid", score, y, weight), "logit").probability(grid)
    theirs = LogisticRegression(C=1e9, tol=1e-10).fit(score[:, None], y, sample_weight=weight).predict_proba(grid[:, None])
    np.testing.assert_allclose(sigmoid, theirs[:, 1], atol=1e-4)
    isotonic = Calibrator(fit_calibrator("isotonic", score, y, weight), "logit").probability(grid)
    model = IsotonicRegression(y_min=0, y_max=1, out_of_bounds="clip").fit(score, y, sample_weight=weight)
    np.testing.assert_allclose(isotonic, model.predict(grid), atol=1e-12)
    flat = Calibrator(fit_calibrator("sigmoid", np.zeros(800), y, weight), "logit").probability(np.zeros(1))
    assert flat[0] == pytest.approx(np.average(y, weights=weight), abs=0.01)


def test_calibration_sees_no_row_that_its_scores_were_trained_on():
    """Calibrating on the training rows themselves would leave an overfit model as sure as it is wrong."""
    data = dataset(noise(n=500))
    sharp = {"trees": 150, "leaves": 16, "least_rows": 5, "learning_rate": 0.2, "ridge": 0.0}
    raw, calibrated = (fit(Recipe("lightgbm", sharp, calibration=how), data, np.arange(350)) for how in ("none", "sigmoid"))
    spread = [np.std(one.predict(data.X[360:]).probability) for one in (raw, calibrated)]
    assert spread[0] > 0.2
    assert spread[1] < 0.06


def test_soft_labels_are_both_by_their_shares(table):
    X, _, _, weight = table
    p = np.random.default_rng(2).uniform(size=len(X))
    doubled = np.concatenate([X, X]), np.repeat([1.0, 0.0], len(X)), np.concatenate([weight * p, weight * (1 - p)])
    for kind in ("logistic", "lightgbm"):
        soft, hard = (door_of(kind).fit(*one, DOORS[kind].parameters({}), 0) for one in ((X, p, weight), doubled))
        np.testing.assert_allclose(soft.scores(X).score, hard.scores(X).score, rtol=1e-9)


@pytest.mark.parametrize("kind", ["logistic", "bayesian-ridge", "lightgbm"])
def test_a_signal_is_found_and_noise_is_not(kind):
    """Skill by the rule of the page, of three folds and small resamples."""

    def gain(frame, seed):
        data = dataset(frame)
        folds = cross(Recipe(kind, calibration="none"), data, PurgedKFold(3))
        found = joined(folds, len(data))
        return intervals(data.y, found["probability"], found["prior"], 8.0, 99, seed)["log_loss_gain"]

    assert all(gain(planted(seed), seed).low > 0 for seed in range(3))
    assert sum(gain(noise(seed, 400), seed).low > 0 for seed in range(25)) <= 3


def test_switching_weighs_models_by_what_is_known_of_the_regime(prices):
    spec = FeatureSpec(
        ["return:5", "volatility:20", "probability:Bear", "probability:Sideways", "probability:Bull"], {"lookback": 120}
    )
    data = dataset(prices, spec, horizon=5)
    mixture, called = (fit(Recipe("logistic", switching=mode), data) for mode in ("mixture", "called"))
    assert set(mixture.models) <= {"Bear", "Sideways", "Bull"}
    assert len(mixture.models) >= 2
    X = data.X[::40]
    expected = sum(
        X[:, 2 + k] * mixture.models.get(name, mixture.fallback).predict(X).probability
        for k, name in enumerate(("Bear", "Sideways", "Bull"))
    )
    np.testing.assert_allclose(mixture.predict(X).probability, expected, atol=1e-9)
    likeliest = [("Bear", "Sideways", "Bull")[k] for k in X[:, 2:].argmax(axis=1)]
    for i, name in enumerate(likeliest):
        own = called.models.get(name, called.fallback).predict(X[i : i + 1]).probability[0]
        assert called.predict(X).probability[i] == own
    again = predictor_of(json.loads(json.dumps(mixture.to_dict())))
    assert (again.predict(X).probability == mixture.predict(X).probability).all()

    def predicted(frame):
        table = make_features(frame, spec).table
        out = np.full(len(table), np.nan)
        known = table.notna().all(axis=1).to_numpy()
        if known.any():
            out[known] = mixture.predict(table.to_numpy()[known]).probability
        return out

    check_causal_function(predicted, prices.iloc[:400], cuts=[250, 390])


def test_a_mixture_has_the_variance_of_what_is_mixed(table):
    X, _, ret, weight = table
    low, high = (Single(door_of("bayesian-ridge").fit(X, ret + shift, weight, {}, 0)) for shift in (-0.05, 0.05))
    rows = np.column_stack([X[:5], np.full(5, 0.3)])
    one, two = low.predict(X[:5]), high.predict(X[:5])

    class Narrow:
        def __init__(self, inner):
            self.inner = inner

        def predict(self, X):
            return self.inner.predict(X[:, :4])

    found = RegimeSwitchingModel({"Bull": Narrow(high)}, Narrow(low), {"Bull": 4}).predict(rows)
    mean = 0.7 * one.mean + 0.3 * two.mean
    np.testing.assert_allclose(found.mean, mean, rtol=1e-12)
    variance = 0.7 * (one.sd**2 + (one.mean - mean) ** 2) + 0.3 * (two.sd**2 + (two.mean - mean) ** 2)
    np.testing.assert_allclose(found.sd, np.sqrt(variance), rtol=1e-9)


def test_bayesian_intervals_cover_what_they_say():
    """2,000 rows of the world that the model believes in: its 90% intervals hold 88 to 92% of them."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(2150, 3))
    y = X @ [0.01, -0.005, 0.0] + rng.normal(0, 0.02, 2150)
    predictor = Single(door_of("bayesian-ridge").fit(X[:150], y[:150], np.ones(150), {}, 0))
    found = predictor.predict(X[150:])
    inside = np.abs(y[150:] - found.mean) <= 1.6449 * found.sd
    assert 0.88 <= inside.mean() <= 0.92
    assert (found.sd > 0.018).all()


def test_a_gaussian_process_is_kept_without_a_pickle(table):
    X, _, ret, weight = table
    core = door_of("gaussian-process").fit(X[:80], ret[:80], weight[:80], {}, 0)
    again = any_core(json.loads(json.dumps(core.content)))
    a, b = core.scores(X[80:90]), again.scores(X[80:90])
    assert (a.mean == b.mean).all()
    assert (a.sd == b.sd).all()
    with pytest.raises(SavedModelError, match="can't run in a strategy"):
        core_of(core.content)
    with pytest.raises(SavedModelError, match="damaged"):
        any_core(core.content | {"skops": core.content["skops"][:-40] + "A" * 40})
    with pytest.raises(DataError, match="2000"):
        door_of("gaussian-process").fit(np.zeros((2001, 1)), np.zeros(2001), np.ones(2001), {}, 0)


def test_xgboost_comes_by_the_same_door(table):
    X, y, _, weight = table
    parameters = DOORS["xgboost"].parameters({})
    try:
        import xgboost  # noqa: F401
    except ImportError:
        with pytest.raises(MissingDependencyError, match="xgboost"):
            door_of("xgboost").fit(X, y, weight, parameters, 0)
        return
    core = door_of("xgboost").fit(X, y, weight, parameters, 0)
    assert (any_core(core.content).scores(X).score == core.scores(X).score).all()


@pytest.mark.parametrize(
    "wrong", [{"kind": "x"}, {"calibration": "x"}, {"switching": "x"}, {"seed": -1}, {"parameters": {"depth": 3}}, {"inner_splits": 1},
              {"parameters": {"C": "x"}}])  # fmt: skip
def test_recipes_that_can_t_be_are_named(wrong):
    with pytest.raises(ParameterError):
        Recipe(**wrong)


def test_what_can_t_be_trained_is_said():
    data = dataset(planted(n=300))
    with pytest.raises(ParameterError, match="probability:Bear"):
        fit(Recipe(switching="mixture"), data)
    with pytest.raises(DataError, match="both 0 and 1"):
        door_of("logistic").fit(data.X, np.ones(len(data)), data.weight, {"C": 1.0}, 0)


@pytest.mark.parametrize("key", ["coef", "mean", "scale", "intercept"])
def test_damaged_arrays_are_refused(table, key):
    X, y, _, weight = table
    content = door_of("logistic").fit(X, y, weight, {"C": 1.0}, 0).content
    for wrong in (None, "x", [1.0], [float("nan")] * 4):
        with pytest.raises(SavedModelError):
            Linear(content | {key: wrong})
    for wrong in ({"kind": "x"}, None, [], {"kind": "single"}, {"kind": "switching", "models": 3}):
        with pytest.raises(SavedModelError):
            predictor_of(wrong)
