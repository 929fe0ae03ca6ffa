"""Forecasts against simulation, and the choice of the number of states."""

from __future__ import annotations

import numpy as np
import pytest

from hidden_regime import GaussianHMM
from hidden_regime.exceptions import ParameterError
from hidden_regime.models.selection import plot_selection, select_n_states


@pytest.fixture(scope="module")
def model() -> GaussianHMM:
    rng = np.random.default_rng(7)
    x = np.concatenate([rng.normal(0.05, 1.0, 300), rng.normal(-0.4, 3.0, 300)])
    return GaussianHMM(2, covariance_type="full").fit(np.column_stack([x, np.abs(x)]))


def test_a_forecast_is_what_simulation_gives(model):
    X = np.random.default_rng(1).normal(0, 1, (40, 2))
    forecast = model.forecast(X, steps=5)
    rng = np.random.default_rng(2)
    n = 100_000
    states = rng.choice(2, n, p=model.filter_proba(X)[-1])
    for h in range(5):
        states = np.where(rng.random(n) < model.transmat_[states, 0], 0, 1)
        draws = model.means_[states, 0] + np.sqrt(model.covars_[states, 0, 0]) * rng.standard_normal(n)
        assert forecast.probabilities[h, 0] == pytest.approx((states == 0).mean(), abs=0.01)
        assert forecast.mean[h, 0] == pytest.approx(draws.mean(), abs=0.03)
        assert forecast.variance[h, 0] == pytest.approx(draws.var(), rel=0.03)
        for q in (0.01, 0.5, 0.95):
            assert forecast.quantile(q)[h] == pytest.approx(np.quantile(draws, q), abs=0.15)


def test_one_state_forecasts_a_gaussian():
    X = np.random.default_rng(0).normal(1.0, 2.0, (500, 1))
    forecast = GaussianHMM(1).fit(X).forecast(X, steps=2)
    assert forecast.quantile(0.025) == pytest.approx(X.mean() - 1.959964 * X.std(), abs=1e-5)
    assert forecast.variance[1, 0] == pytest.approx(X.var())


def test_samples_scores_add_up_and_are_causal(model):
    X = np.random.default_rng(3).normal(0, 1, (60, 2))
    scores = model.score_samples(X)
    assert scores.sum() == pytest.approx(model.score(X))
    np.testing.assert_array_equal(model.score_samples(X[:30]), scores[:30])


def test_icl_punishes_states_that_overlap(model):
    X = np.random.default_rng(3).normal(0, 1, (300, 1))
    split = GaussianHMM(2).fit(X)
    assert split.icl(X) > split.bic(X) + 1.0
    alone = GaussianHMM(1).fit(X)
    assert alone.icl(X) == pytest.approx(alone.bic(X))


@pytest.mark.parametrize("criterion", ["aic", "bic", "icl", "cv", "evidence"])
def test_two_states_are_recognised(criterion):
    truth = GaussianHMM(2, startprob_init=[1, 0], transmat_init=[[0.97, 0.03], [0.03, 0.97]], means_init=[[0.0], [0.0]],
                        covars_init=[[1.0], [16.0]], init=(), n_iter=1, tol=1e9).fit(np.random.default_rng(0).normal(size=(50, 1)))  # fmt: skip
    truth._parameters = truth._own_start(1)
    X, _ = truth.sample(1500, random_state=5)
    table = select_n_states(X, range(1, 4), criterion)
    assert table["best"].sum() == 1
    if criterion in ("bic", "icl", "evidence"):
        assert table.index[table["best"]][0] == 2
    else:
        assert table.index[table["best"]][0] >= 2
    assert table.loc[1, "n_parameters"] == 2


def test_wrong_questions_are_named(model):
    X = np.zeros((5, 2))
    for call, name in (
        (lambda: model.forecast(X, steps=0), "steps"),
        (lambda: model.forecast(X).quantile(1.0), "q"),
        (lambda: select_n_states(X, criterion="best"), "criterion"),
        (lambda: select_n_states(X, []), "candidates"),
    ):
        with pytest.raises(ParameterError, match=f"hidden_regime: {name} = "):
            call()


def test_the_picture_marks_the_best():
    x = np.concatenate([np.random.default_rng(0).normal(0, 1, 300), np.random.default_rng(1).normal(0, 4, 300)])[:, None]
    table = select_n_states(x, range(1, 4))
    figure = plot_selection(table, "bic")
    assert list(figure.data[1].x) == [2]
    assert figure.layout.yaxis.title.text == "BIC (lower is better)"
    above = plot_selection(table)
    assert "evidence" in above.layout.yaxis.title.text
    assert list(above.data[1].x) == [table["best"].idxmax()] == [above.data[0].x[np.argmax(above.data[0].y)]]
    with pytest.raises(ParameterError, match="criterion"):
        plot_selection(table, "cv")
