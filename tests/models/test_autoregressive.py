"""Autoregressions in the states: against all paths, statsmodels, Stata's published figures, and regressions."""

from __future__ import annotations

import itertools
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from hidden_regime import AutoregressiveHMM, GaussianHMM
from hidden_regime.exceptions import NoEvidenceWarning, ParameterError, SavedModelError, TrainingError, WindowTooShortError
from hidden_regime.models.autoregression import Lines, at_rest
from hidden_regime.models.chain import stationary_distribution

CAUSAL = ("filter_proba", "predict_online", "score_samples")
FUNDS = np.loadtxt(Path(__file__).parent / "data" / "fedfunds.csv", skiprows=1)


def random_model(seed: int, k: int = 3, d: int = 2, order: int = 2) -> AutoregressiveHMM:
    rng = np.random.default_rng(seed)
    return AutoregressiveHMM.from_parameters(
        rng.dirichlet(np.ones(k)), rng.dirichlet(np.ones(k), k), rng.normal(0, 1, (k, d)), rng.normal(0, 0.4, (k, d, order)),
        rng.uniform(0.3, 2.0, (k, d)),
    )  # fmt: skip


def two_lines(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """A calm line that goes on and a wild one that turns, and which of them it was."""
    rng = np.random.default_rng(seed)
    x, states = np.zeros(n), np.zeros(n, int)
    for t in range(1, n):
        states[t] = states[t - 1] if rng.random() < 0.97 else 1 - states[t - 1]
        const, ar, sd = ((0.2, 0.8, 0.5), (-0.5, -0.4, 1.5))[states[t]]
        x[t] = const + ar * x[t - 1] + sd * rng.normal()
    return x[:, None], states


def all_paths(model: AutoregressiveHMM, x: np.ndarray):
    """Log-likelihood, smoothed probabilities and best path by adding up all of them; shares nothing with the recursions."""
    (k, d, order), n = model.ar_.shape, len(x)
    density = np.ones((n, k))
    for t, s, f in np.ndindex(n, k, d):
        lags = [x[t - lag, f] if t >= lag else np.nan for lag in range(1, order + 1)]
        mean = model.const_[s, f] + sum(model.ar_[s, f, i] * lag for i, lag in enumerate(lags))
        if not np.isnan([x[t, f], mean]).any():
            density[t, s] *= norm(mean, math.sqrt(model.variances_[s, f])).pdf(x[t, f])
    weights = {}
    for path in itertools.product(range(k), repeat=n):
        p = model.startprob_[path[0]] * density[0, path[0]]
        for t in range(1, n):
            p *= model.transmat_[path[t - 1], path[t]] * density[t, path[t]]
        weights[path] = p
    total, smoothed = sum(weights.values()), np.zeros((n, k))
    for path, p in weights.items():
        smoothed[np.arange(n), path] += p / total
    return math.log(total), smoothed, max(weights, key=weights.get)


@pytest.mark.parametrize("seed", range(4))
def test_the_answers_are_those_of_all_paths(seed):
    model, x = random_model(seed), np.random.default_rng(seed + 100).normal(0, 2, (6, 2))
    x[seed, 1] = np.nan
    likelihood, smoothed, path = all_paths(model, x)
    assert model.score(x) == pytest.approx(likelihood, abs=1e-10)
    np.testing.assert_allclose(model.predict_proba(x), smoothed, atol=1e-12)
    ours = np.prod([smoothed[t, s] for t, s in enumerate(model.predict(x))])
    assert ours == pytest.approx(np.prod([smoothed[t, s] for t, s in enumerate(path)]))
    for t in range(1, 7):
        np.testing.assert_allclose(model.filter_proba(x)[t - 1], all_paths(model, x[:t])[1][-1], atol=1e-12)
    assert model.score(x, lengths=(2, 4)) == pytest.approx(model.score(x[:2]) + model.score(x[2:]), abs=1e-12)
    np.testing.assert_allclose(model.score_samples(x)[:2], 0.0, atol=1e-12)


# statsmodels 0.15.0, f the federal funds rate of tests/models/data/fedfunds.csv:
#   mod = MarkovRegression(f[1:], k_regimes=2, exog=f[:-1])
#   res = mod.smooth([0.6378175, 0.1306295, 0.724457, -0.0988764, 0.7631424, 1.061174, 0.6915759**2])
# whose parameters (p[0->0], p[1->0], const, slopes, sigma2) and likelihood, -264.71069, are Stata's (manual of mswitch).
FIRST = (0.6378175, 0.1306295, [0.724457, -0.0988764], [[0.7631424], [1.061174]], [0.6915759**2] * 2)
#   mod = MarkovRegression(f[2:], k_regimes=2, exog=np.column_stack([f[1:-1], f[:-2]]), switching_exog=False, switching_variance=True)
#   res = mod.smooth([0.8, 0.3, 0.1, -0.05, 1.1, -0.2, 0.3, 1.2])
SECOND = (0.8, 0.3, [0.1, -0.05], [[1.1, -0.2]] * 2, [0.3, 1.2])
#   res.llf, res.filtered_marginal_probabilities[ROWS, 0], res.smoothed_marginal_probabilities[ROWS, 0]
ROWS = np.array([0, 1, 57, 150, 223])
RECORDED = {
    "first": (FIRST, -264.71068854207635, [0.2136633211, 0.2648266594, 0.044498754, 0.5165293281, 0.1360807785],
              [0.2312537672, 0.276541631, 0.0191375761, 0.5617515332, 0.1117086444]),
    "second": (SECOND, -297.8374983081104, [0.729739446, 0.7996124536, 0.007440019, 0.8237520476, 0.8338009317],
               [0.816275571, 0.8604059254, 0.0068534299, 0.8876201786, 0.8338009317]),
}  # fmt: skip
# The greatest likelihood that statsmodels finds, .fit(start_params=..., maxiter=500).llf, with a stationary start:
#   MarkovRegression(f[1:], k_regimes=2, exog=f[:-1])                                                   Stata's, as above
#   MarkovRegression(f[1:], k_regimes=2, exog=f[:-1], switching_variance=True)                          from the parameters below
#   MarkovRegression(f[2:], k_regimes=2, exog=..., switching_exog=False, switching_variance=True)       from those of SECOND
MAXIMA = {
    "variance shared": ({"switching_variance": False}, -264.71068854268157,
                        [0.724457, -0.0988764], [0.7631424, 1.061174], [0.4782772] * 2),
    "all switch": ({}, -226.39380798015344, [0.0525575946, -0.0190390192], [1.0284827173, 0.9670747618],
                   [0.0875358618, 1.8324075568]),
    "slopes shared": ({"switching_ar": False, "order": 2}, -190.3773013413733, [0.1626595162, 0.1206163434],
                      [1.4665962054, 1.4665962054], [0.1038507453, 3.0246863007]),
}  # fmt: skip


def as_ours(stay, enter, const, ar, variances):
    """A model of statsmodels' parameters, whose chain is stationary from the row before the first density, and so from any."""
    transmat = np.array([[stay, 1 - stay], [enter, 1 - enter]])
    start = stationary_distribution(transmat)
    return AutoregressiveHMM.from_parameters(
        start, transmat, np.array(const)[:, None], np.array(ar)[:, None], np.array(variances)[:, None]
    )


@pytest.mark.parametrize("name", RECORDED)
def test_statsmodels_recorded_numbers(name):
    parameters, likelihood, filtered, smoothed = RECORDED[name]
    model, x = as_ours(*parameters), FUNDS[:, None]
    order = model.ar_.shape[2]
    assert model.score(x) == pytest.approx(likelihood, abs=1e-7)
    np.testing.assert_allclose(model.filter_proba(x)[order + ROWS, 0], filtered, atol=1e-8)
    np.testing.assert_allclose(model.predict_proba(x)[order + ROWS, 0], smoothed, atol=1e-8)
    assert model.bic(x) == pytest.approx(model.n_parameters_ * math.log(226 - order) - 2 * likelihood, abs=1e-6)


@pytest.mark.parametrize("name", MAXIMA)
def test_the_maximum_is_statsmodels(name):
    options, likelihood, const, ar, variances = MAXIMA[name]
    model = AutoregressiveHMM(2, tol=1e-9, n_iter=5000, min_covar=0.0, **options).fit(FUNDS[:, None])
    # Ours has a free first state, theirs the stationary one, worth at most the log of its probability.
    assert likelihood - 1e-6 < model.log_likelihood_ < likelihood + 1.5
    by = np.argsort(
        [abs(c - const[0]) + abs(v - variances[0]) for c, v in zip(model.const_[:, 0], model.variances_[:, 0], strict=True)]
    )
    np.testing.assert_allclose(model.const_[by, 0], const, atol=0.02)
    np.testing.assert_allclose(model.ar_[by, 0, 0], ar, atol=0.02)
    np.testing.assert_allclose(model.variances_[by, 0], variances, rtol=0.06)
    chain = model.transmat_
    stationary = AutoregressiveHMM.from_parameters(
        stationary_distribution(chain), chain, model.const_, model.ar_, model.variances_
    )
    assert likelihood - 0.1 < stationary.score(FUNDS[:, None]) < likelihood + 1e-6


def test_statsmodels_itself():
    regression = pytest.importorskip("statsmodels.tsa.regime_switching.markov_regression")
    for seed in range(3):
        x, _ = two_lines(150, seed)
        design = np.column_stack([x[1:-1, 0], x[:-2, 0]])
        mod = regression.MarkovRegression(x[2:, 0], k_regimes=2, exog=design, switching_variance=True)
        params = np.array([0.95, 0.05, 0.2, -0.4, 0.7, -0.3, 0.1, 0.05, 0.3, 2.0]) + 0.02 * np.random.default_rng(seed).random(10)
        theirs = mod.smooth(params)
        const, first, second, variances = params[2:].reshape(4, 2)
        ours = as_ours(params[0], params[1], const, np.column_stack([first, second]), variances)
        assert ours.score(x) == pytest.approx(float(theirs.llf), abs=1e-8)
        np.testing.assert_allclose(ours.filter_proba(x)[2:], theirs.filtered_marginal_probabilities, atol=1e-9)
        np.testing.assert_allclose(ours.predict_proba(x)[2:], theirs.smoothed_marginal_probabilities, atol=1e-9)


def test_one_state_is_least_squares():
    x, _ = two_lines(300, 0)
    for order in (1, 3):
        model = AutoregressiveHMM(1, order=order).fit(x)
        design = np.column_stack([np.ones(300 - order), *(x[order - lag : 300 - lag, 0] for lag in range(1, order + 1))])
        beta, squares, _, _ = np.linalg.lstsq(design, x[order:, 0], rcond=None)
        np.testing.assert_allclose([model.const_[0, 0], *model.ar_[0, 0]], beta, atol=1e-9)
        assert model.variances_[0, 0] == pytest.approx(squares[0] / (300 - order))
        assert model.n_parameters_ == order + 2


def test_it_finds_what_drew_the_data():
    x, states = two_lines(3000, 1)
    model = AutoregressiveHMM(2, order_by="volatility").fit(x)
    errors = model.standard_errors(x)
    np.testing.assert_allclose(model.const_[:, 0], [0.2, -0.5], atol=0.12)
    assert (np.abs(model.ar_[:, 0, 0] - [0.8, -0.4]) < 3.5 * errors.ar[:, 0, 0]).all()
    assert (np.abs(model.const_[:, 0] - [0.2, -0.5]) < 3.5 * errors.const[:, 0]).all()
    assert (np.abs(model.variances_[:, 0] - [0.25, 2.25]) < 3.5 * errors.covars[:, 0, 0]).all()
    assert np.mean(model.predict(x) == states) > 0.95
    assert model.bic(x) < GaussianHMM(2).fit(x).bic(x) - 300
    for s in range(2):
        own = x[model.predict(x) == s]
        assert model.means_[s, 0] == pytest.approx(own.mean(), abs=0.1)
    np.testing.assert_array_equal(model.covars_[:, 0, 0], model.variances_[:, 0])


def test_standard_errors_are_the_regressions():
    """With one state they are those of least squares, up to the sampling error of the outer products."""
    x = np.zeros((4000, 1))
    rng = np.random.default_rng(3)
    for t in range(1, 4000):
        x[t] = 1.0 + 0.6 * x[t - 1] + rng.normal()
    model = AutoregressiveHMM(1).fit(x)
    design = np.column_stack([np.ones(3999), x[:-1, 0]])
    expected = np.sqrt(np.diag(np.linalg.inv(design.T @ design)) * model.variances_[0, 0])
    errors = model.standard_errors(x)
    np.testing.assert_allclose([errors.const[0, 0], errors.ar[0, 0, 0]], expected, rtol=0.08)
    assert errors.means[0, 0] == pytest.approx(math.sqrt(model.variances_[0, 0] / 3999), rel=0.05)
    assert errors.covars[0, 0, 0] == pytest.approx(model.variances_[0, 0] * math.sqrt(2 / 3999), rel=0.1)
    shared = AutoregressiveHMM(2, switching_ar=False, switching_variance=False).fit(two_lines(500, 2)[0])
    errors = shared.standard_errors(two_lines(500, 2)[0])
    assert errors.ar[0] == errors.ar[1] and errors.covars[0] == errors.covars[1] and np.isfinite(errors.const).all()
    with pytest.raises(ParameterError, match="method"):
        model.standard_errors(x, "bootstrap")


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10**6), k=st.integers(1, 3), order=st.integers(1, 3), ar=st.booleans(), variance=st.booleans())
@pytest.mark.filterwarnings("ignore::hidden_regime.exceptions.RegimeWarning")
def test_the_likelihood_never_falls(seed, k, order, ar, variance):
    rng = np.random.default_rng(seed)
    x = np.cumsum(rng.normal(0, np.repeat([1.0, 3.0], 60)))[:, None] * rng.choice([1e-3, 1.0, 1e4]) + rng.choice([0.0, 100.0])
    x = np.column_stack([x, rng.normal(size=120)])
    x[rng.random(x.shape) < 0.03] = np.nan
    model = AutoregressiveHMM(k, order=order, switching_ar=ar, switching_variance=variance, n_iter=40)
    model.fit(x, lengths=(50, 70))
    assert (np.diff(model.history_) >= -1e-8 * max(1.0, abs(model.history_[-1]))).all()
    assert model.score(x, lengths=(50, 70)) == pytest.approx(model.log_likelihood_, abs=1e-6)
    if not ar:
        assert (model.ar_ == model.ar_[:1]).all()
    if not variance:
        assert (model.variances_ == model.variances_[:1]).all()


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10**6), n=st.integers(2, 60), order=st.integers(1, 3), data=st.data())
def test_what_is_causal_is_equal_bit_for_bit_whatever_follows(seed, n, order, data):
    model, rng = random_model(seed, order=order), np.random.default_rng(seed)
    x = rng.normal(0, 2, (n, 2))
    x[rng.random((n, 2)) < 0.1] = np.nan
    cut = data.draw(st.integers(1, n - 1))
    other = x.copy()
    other[cut:] = rng.normal(0, 50, (n - cut, 2))
    for name in CAUSAL:
        ask = getattr(model, name)
        np.testing.assert_array_equal(ask(x[:cut]), ask(x)[:cut])
        np.testing.assert_array_equal(ask(other)[:cut], ask(x)[:cut])


@settings(max_examples=10, deadline=None)
@given(scale=st.floats(1e-4, 1e4), shift=st.floats(-5.0, 5.0))
def test_other_units_are_the_same_model(scale, shift):
    x, _ = two_lines(300, 4)
    model = AutoregressiveHMM(2, order_by="volatility").fit(x)
    other = AutoregressiveHMM(2, order_by="volatility").fit(scale * (x + shift))
    np.testing.assert_allclose(other.ar_, model.ar_, atol=1e-6)
    np.testing.assert_allclose(other.variances_, scale**2 * model.variances_, rtol=1e-6)
    expected = scale * (model.const_ + shift * (1.0 - model.ar_.sum(axis=2)))
    np.testing.assert_allclose(other.const_, expected, rtol=1e-5, atol=1e-6 * scale)
    np.testing.assert_allclose(other.predict_proba(scale * (x + shift)), model.predict_proba(x), atol=1e-6)
    assert other.log_likelihood_ == pytest.approx(model.log_likelihood_ - 299 * math.log(scale), abs=1e-6)


def test_missing_values_take_the_rows_that_lag_them_along():
    model, x = random_model(0, d=1, order=2), np.random.default_rng(0).normal(size=(12, 1))
    x[6] = np.nan
    scores = model.score_samples(x)
    np.testing.assert_allclose(scores[[0, 1, 6, 7, 8]], 0.0, atol=1e-12)
    assert (np.abs(scores[[2, 3, 4, 5, 9, 10, 11]]) > 0.1).all()
    np.testing.assert_allclose(model.filter_proba(x)[8], model.filter_proba(x)[5] @ np.linalg.matrix_power(model.transmat_, 3))


@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize("gap", [0, 2])
def test_a_forecast_is_what_simulation_gives(order, gap):
    model = random_model(7, k=2, order=order)
    x = np.random.default_rng(1).normal(3.0, 1.0, (20, 2))
    x[20 - gap :] = np.nan
    forecast = model.forecast(x, 4)
    assert repr(forecast).startswith("<Forecast of 4 steps from 2 states")
    paths, states = model.simulate(x, 4, n_paths=100_000, random_state=0)
    np.testing.assert_allclose((states == 0).mean(axis=0), forecast.probabilities[:, 0], atol=0.01)
    np.testing.assert_allclose(paths.mean(axis=0), forecast.mean, atol=0.03)
    np.testing.assert_allclose(paths.var(axis=0), forecast.variance, rtol=0.03)
    for q in (0.05, 0.5, 0.95):
        for f in range(2):
            away = np.abs(forecast.quantile(q, f) - np.quantile(paths[:, :, f], q, axis=0))
            assert (away < 0.3).all()  # where few Gaussians are taken for one
            assert away[0] < 0.06 or gap  # exact in the step after the last row
    if gap == 0:  # one step ahead is exact, what score_samples says of the next row
        row = np.array([[0.5, -0.2]])
        assert forecast.log_density(np.tile(row, (4, 1)))[0] == pytest.approx(model.score_samples(np.r_[x, row])[-1], abs=1e-10)


def test_a_forecast_from_too_few_rows_begins_with_what_the_states_are_like():
    x, _ = two_lines(400, 5)
    model = AutoregressiveHMM(2, order=3).fit(x)
    forecast = model.forecast(x[:2], 300)
    assert forecast.probabilities[0] == pytest.approx(model.startprob_ @ np.linalg.matrix_power(model.transmat_, 2))
    drawn = model.sample(20_000, random_state=0)[0]
    np.testing.assert_allclose(forecast.mean[-1], drawn.mean(axis=0), atol=0.1)
    np.testing.assert_allclose(forecast.variance[-1], drawn.var(axis=0), rtol=0.15)
    assert np.isfinite(forecast.quantile(0.01)).all()
    assert model.simulate(x[:2], 5, n_paths=3, random_state=0)[0].shape == (3, 5, 1)


def test_a_state_that_cant_be_reached_says_nothing_of_a_forecast():
    model = AutoregressiveHMM.from_parameters(
        [1.0, 0.0], [[1.0, 0.0], [0.5, 0.5]], [[0.5], [9.0]], [[[0.5]], [[0.9]]], [[4.0], [1.0]]
    )
    forecast = model.forecast([[1.0], [3.0]], 3)
    assert forecast.probabilities.tolist() == [[1.0, 0.0]] * 3
    np.testing.assert_allclose(forecast.mean[:, 0], [2.0, 1.5, 1.25])
    np.testing.assert_allclose(forecast.variance[:, 0], [4.0, 5.0, 5.25])
    np.testing.assert_allclose(forecast.quantile(0.05)[0], norm(2.0, 2.0).ppf(0.05), atol=1e-9)
    assert forecast.log_density([[2.0], [0.0], [0.0]])[0] == pytest.approx(norm(2.0, 2.0).logpdf(2.0))


def test_prices_in_thousands_keep_their_digits():
    rng = np.random.default_rng(0)
    x = 4000.0 + np.cumsum(rng.normal(0, np.repeat([1.0, 4.0, 1.0], 150)))[:, None]
    model = AutoregressiveHMM(2, order_by="volatility").fit(x)
    np.testing.assert_allclose(np.sqrt(model.variances_[:, 0]), [1.0, 4.0], rtol=0.2)
    forecast = model.forecast(x, 2)
    now = model.filter_proba(x)[-1] @ model.transmat_
    levels = model.const_[:, 0] + model.ar_[:, 0, 0] * x[-1]
    expected = now @ (model.variances_[:, 0] + (levels - now @ levels) ** 2)
    assert forecast.variance[0, 0] == pytest.approx(expected, rel=1e-6)


def test_saved_and_in_another_order_it_is_the_same(tmp_path):
    x, _ = two_lines(300, 4)
    model = AutoregressiveHMM(2, order=2, order_by="mean").fit(pd.DataFrame(x, columns=["r"]))
    model.save(tmp_path / "m")
    again = AutoregressiveHMM.load(tmp_path / "m")
    np.testing.assert_array_equal(again.predict_proba(x), model.predict_proba(x))
    np.testing.assert_array_equal(again.forecast(x, 3).variance, model.forecast(x, 3).variance)
    turned = AutoregressiveHMM.from_dict(model.to_dict()).relabel([1, 0])
    np.testing.assert_array_equal(turned.ar_, model.ar_[::-1])
    np.testing.assert_allclose(turned.filter_proba(x), model.filter_proba(x)[:, ::-1], atol=1e-12)
    damaged = model.to_dict()
    damaged["fitted"]["extra"]["variances"]["array"][0][0] = -1.0
    with pytest.raises(SavedModelError, match="variances"):
        AutoregressiveHMM.from_dict(damaged)
    with pytest.raises(ParameterError, match=r"order = 1.*fit"):
        model.set_params(order=1).filter_proba(x)


def test_wrong_options_and_windows_are_named():
    x, _ = two_lines(100, 0)
    for options in (
        {"order": 0},
        {"order": 1.5},
        {"switching_ar": 1},
        {"switching_variance": None},
        {"init": ()},
        {"init": "kmeans"},
    ):
        with pytest.raises(ParameterError, match=next(iter(options))):
            AutoregressiveHMM(2, **options).fit(x)
    with pytest.raises(WindowTooShortError, match="fewer lags"):
        AutoregressiveHMM(2, order=8).fit(x[:20])
    with pytest.raises(WindowTooShortError, match="fewer lags"):
        AutoregressiveHMM(2).fit(x[:20], lengths=[1] * 20)
    with pytest.raises(TrainingError, match="without an error"):
        AutoregressiveHMM(2).fit(0.5 ** np.arange(30.0)[:, None])
    good = ([0.5, 0.5], np.full((2, 2), 0.5), [[0.0], [1.0]], np.zeros((2, 1, 1)), [[1.0], [1.0]])
    for place, bad, name in ((2, [[0.0]], "const"), (3, np.zeros((2, 1)), "ar"), (3, "no", "ar"), (4, [[1.0], [0.0]], "variances"),
                             (1, np.full((2, 2), 0.6), "transmat")):  # fmt: skip
        with pytest.raises(ParameterError, match=name):
            AutoregressiveHMM.from_parameters(*good[:place], bad, *good[place + 1 :])


def test_a_state_that_nothing_was_seen_to_follow_has_the_average_row():
    x = np.r_[np.random.default_rng(0).normal(0, 1, 60), 1000.0][:, None]
    with pytest.warns(NoEvidenceWarning, match="average row"):
        model = AutoregressiveHMM(2, order_by="mean", init=("kmeans",)).fit(x)
    assert model.transmat_[1, 0] > 0.9


def test_lines_left_to_themselves_come_to_rest_where_they_do():
    ar = np.array([[[0.5, 0.2]], [[1.0, 0.0]]])
    model = AutoregressiveHMM.from_parameters([0.5, 0.5], np.full((2, 2), 0.5), [[1.0], [2.0]], ar, [[1.0], [3.0]])
    np.testing.assert_allclose(model.means_[:, 0], [1.0 / 0.3, 2.0])
    means, variances = at_rest(Lines(model.const_, model.ar_, model.variances_))
    phi = (0.5, 0.2)  # the textbook's variance of an AR(2)
    expected = (1 - phi[1]) / ((1 + phi[1]) * ((1 - phi[1]) ** 2 - phi[0] ** 2))
    np.testing.assert_allclose(variances[:, 0], [expected, 3.0])
    np.testing.assert_array_equal(means, model.means_)
