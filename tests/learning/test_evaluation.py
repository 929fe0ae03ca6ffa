"""Figures equal scikit-learn's; a planted signal is seen, and a shuffled target finds none in the same page."""

from __future__ import annotations

import json
import re
from dataclasses import astuple, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plotly.offline import get_plotlyjs

from hidden_regime.exceptions import DataError, ParameterError
from hidden_regime.experiments.honesty.resampling import stationary_draws
from hidden_regime.learning import CombinatorialPurgedCV, PurgedKFold, evaluate, label, make_features
from hidden_regime.learning.crossing import cross, joined
from hidden_regime.learning.evaluation.baselines import momentum, next_returns
from hidden_regime.learning.evaluation.bootstrap import intervals
from hidden_regime.learning.evaluation.figures import confusion, figures, log_losses, reliability
from hidden_regime.learning.evaluation.importances import contributions, importances
from hidden_regime.learning.evaluation.trading import earned
from hidden_regime.learning.models import Recipe, fit
from tests.learning.worlds import SPEC, dataset, noise, planted


@settings(max_examples=20, deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.floats(0.001, 0.999).map(lambda p: round(p, 2) or 0.01)), min_size=4, max_size=60))
def test_figures_are_scikit_learns(rows):
    from sklearn import metrics

    y, p = np.array([float(a) for a, _ in rows]), np.clip([b for _, b in rows], 0.01, 0.99)
    found = figures(y, p)
    assert found["log_loss"] == pytest.approx(metrics.log_loss(y, p, labels=[0, 1]), rel=1e-9)
    assert found["brier"] == pytest.approx(
        metrics.brier_score_loss(y, p, pos_label=1) if len(set(y)) > 1 else np.mean((y - p) ** 2)
    )
    said = p > 0.5
    if len(set(y)) == 2:
        assert found["auc"] == pytest.approx(metrics.roc_auc_score(y, p))
    else:
        assert np.isnan(found["auc"])
    for name, theirs in (("accuracy", metrics.accuracy_score(y, said)),
                         ("precision", metrics.precision_score(y, said, zero_division=np.nan)),
                         ("recall", metrics.recall_score(y, said, zero_division=np.nan))):  # fmt: skip
        assert found[name] == pytest.approx(theirs, nan_ok=True)
    c = astuple(confusion(y, p))
    (tn, fp), (fn, tp) = metrics.confusion_matrix(y, said, labels=[0, 1])
    assert c == (tp, fp, fn, tn)


def test_intervals_are_those_of_figures_taken_again():
    """By counts of rows, as by the rows themselves."""
    rng = np.random.default_rng(0)
    p = rng.uniform(0.2, 0.8, 150).round(2)
    y = (rng.uniform(size=150) < p).astype(float)
    prior = np.full(150, 0.5)
    found = intervals(y, p, prior, 5.0, 99, 7)
    again = [figures(y[rows], p[rows]) for rows in stationary_draws(150, 5.0, 99, 7)]
    for name in figures(y, p):
        low, high = np.nanquantile([one[name] for one in again], [0.025, 0.975])
        assert found[name].value == pytest.approx(figures(y, p)[name])
        assert (found[name].low, found[name].high) == pytest.approx((low, high))
    gains = log_losses(y, prior) - log_losses(y, p)
    assert found["log_loss_gain"].value == pytest.approx(gains.mean())
    drawn = [gains[rows].mean() for rows in stationary_draws(150, 5.0, 99, 7)]
    assert found["log_loss_gain"].low == pytest.approx(np.quantile(drawn, 0.025))


def test_reliability_is_a_mean_by_bins():
    rng = np.random.default_rng(0)
    p = rng.uniform(0.2, 0.8, 5000)
    y = (rng.uniform(size=5000) < p).astype(float)
    found = reliability(y, p, 10)
    assert len(found.rows) == 10
    assert found.rows.sum() == 5000
    assert found.error < 0.03
    order = np.argsort(p)
    np.testing.assert_allclose(found.said, [part.mean() for part in np.array_split(p[order], 10)], atol=1e-3)
    off = reliability(y, np.clip(p + 0.2, 0, 1), 10)
    assert off.error == pytest.approx(0.2, abs=0.02)
    assert len(reliability(y, np.full(5000, 0.5)).rows) == 1


@pytest.fixture(scope="module")
def seen():
    frame = planted(n=1000)
    return evaluate(Recipe("logistic"), make_features(frame, SPEC), label(frame, "sign", horizon=1), n_resamples=99)


def test_a_planted_signal_is_seen(seen):
    assert seen.verdict == "skill"
    assert seen.figures["auc"].low > 0.55
    assert seen.importances.columns[0].name == "return_1"
    assert seen.importances.columns[0].share_of_folds == 1.0
    assert seen.earned[0].sharpe > seen.earned[1].sharpe
    assert seen.luck.difference > 0
    assert set(seen.baselines) == {"class prior", "hold", "momentum"}
    assert "It knows something" in seen.to_html()
    assert seen.summary().loc["auc", "model"] == seen.figures["auc"].value
    assert "skill" in seen._repr_html_()


@pytest.mark.parametrize("kind", ["logistic", "lightgbm"])
def test_a_shuffled_target_finds_no_skill_in_the_same_page(kind):
    frame = planted(n=700)
    features, labels = make_features(frame, SPEC), label(frame, "sign", horizon=1)
    found = evaluate(Recipe(kind), features, labels, shuffle=1, n_resamples=99)
    assert found.verdict != "skill"
    gain, auc = found.figures["log_loss_gain"], found.figures["auc"]
    assert gain.low <= 0.0
    assert auc.low < 0.5 < auc.high + 0.05
    page = found.to_html()
    assert "the labels were dealt to other rows" in page
    assert "skill</b>" not in page.lower()


def test_pages_are_the_same_each_time_open_offline_and_escape(seen):
    frame = planted(n=1000)
    again = evaluate(Recipe("logistic"), make_features(frame, SPEC), label(frame, "sign", horizon=1), n_resamples=99)
    assert again.to_html() == seen.to_html()
    assert again.to_json() == seen.to_json()
    own = seen.to_html().replace(get_plotlyjs(), "")
    assert len(own) < 200_000
    assert not re.search(r"""(src|href)=["']https?:""", own)
    json.loads(seen.to_json())
    evil = "<script>alert(1)</script>|x"
    small = evaluate(
        Recipe("prior"),
        make_features(frame, SPEC),
        label(frame, "sign", horizon=1),
        n_resamples=99,
        title=evil,
        cv=PurgedKFold(2),
    )
    assert "<script>alert(1)" not in small.to_html()
    assert "|x" not in small.to_markdown()
    assert "<script>" not in small.to_markdown()


def test_the_prior_is_as_good_as_itself():
    frame = noise(n=400)
    found = evaluate(Recipe("prior"), make_features(frame, SPEC), label(frame, "sign", horizon=1), n_resamples=99)
    assert found.figures["log_loss_gain"].value == pytest.approx(0.0, abs=1e-12)
    assert found.verdict == "none found"
    assert {one.loss for one in found.importances.columns} == {0.0}


def test_combinatorial_paths_have_figures_of_their_own():
    frame = planted(n=500)
    found = evaluate(
        Recipe("logistic", calibration="none"), make_features(frame, SPEC), label(frame, "sign", horizon=1),
        cv=CombinatorialPurgedCV(6, 2), n_resamples=99)  # fmt: skip
    assert len(found.folds) == 15
    assert [len(values) for values in found.paths.values()] == [5] * 4
    assert min(found.paths["log_loss_gain"]) <= found.figures["log_loss_gain"].value + 0.01
    assert "Path 5" in found.to_html()
    assert "log_loss_gain" not in found.to_html().replace(get_plotlyjs(), "")


def test_models_of_returns_say_how_far_they_may_be_off():
    frame = planted(n=700)
    found = evaluate(Recipe("bayesian-ridge"), make_features(frame, SPEC), label(frame, "return", horizon=1), n_resamples=99)
    assert found.regression["correlation"] > 0.3
    assert 0.86 <= found.regression["within_90"] <= 0.94
    inside = f"{found.regression['within_90']:.0%} of the returns within the 90% intervals"
    assert inside in found.to_html() and inside in found.to_markdown()


def test_parts_of_trees_sum_to_the_margin():
    data = dataset(planted(n=500))
    folds = cross(Recipe("lightgbm", calibration="none"), data, PurgedKFold(2))
    X = data.X[folds[0].split.test]
    parts = contributions(folds[0].predictor, X)
    np.testing.assert_allclose(parts.sum(axis=1), folds[0].predictor.core.scores(X).score, atol=1e-9)
    assert all(one.contribution is not None for one in importances(data, folds, 0, repeats=1).columns)


def test_losses_by_permutation_are_a_loss_that_is_taken_again():
    data = dataset(planted(n=500))
    fold = cross(Recipe("logistic", calibration="none"), data, PurgedKFold(2))[:1]
    found = {one.name: one for one in importances(data, fold, 4, repeats=1).columns}
    rows, y = data.X[fold[0].split.test], data.y[fold[0].split.test]
    dealt = rows.copy()
    dealt[:, 0] = dealt[np.random.default_rng([4, 0]).permutation(len(rows)), 0]
    after = log_losses(y, fold[0].predictor.predict(dealt).probability).mean()
    assert found["return_1"].loss == pytest.approx(after - log_losses(y, fold[0].probability).mean())


def test_what_a_position_earns_begins_at_the_next_open():
    frame = planted(n=300)
    data = dataset(frame)
    at = 20
    t0 = int(data.labels.t0[at])
    opens = frame["open"].to_numpy()
    assert next_returns(data)[at] == pytest.approx(opens[t0 + 2] / opens[t0 + 1] - 1)
    closes = frame["close"].to_numpy()
    assert momentum(data)[at] == float(closes[t0] > closes[max(t0 - 20, 0)])


@pytest.mark.parametrize("kind", ["prior", "logistic", "bayesian-ridge", "lightgbm"])
def test_of_labels_that_never_vary_nothing_is_known(kind):
    frame = planted(n=300)
    features, labels = make_features(frame, SPEC), label(frame, "sign", horizon=1)
    ones = replace(labels, table=labels.table.assign(value=1.0))
    with pytest.raises(DataError, match="there is nothing to know"):
        evaluate(Recipe(kind), features, ones, n_resamples=99)


def test_a_training_without_one_class_says_what_the_prior_says():
    data = dataset(planted(n=300))
    value = np.r_[np.ones(200), data.y[200:]]
    data = replace(data, labels=replace(data.labels, table=data.labels.table.assign(value=value)))
    rows = np.arange(200)
    prior, ridge = (fit(Recipe(kind), data, rows).predict(data.X[200:]).probability for kind in ("prior", "bayesian-ridge"))
    np.testing.assert_allclose(ridge, prior, rtol=1e-12)


def test_what_a_rule_earns_on_noise_is_nothing_within_its_error():
    """The 95% interval of the Sharpe ratio holds 0 in 90 to 99 of 100 families of noise, by 500 resamples each."""
    held = 0
    for seed in range(100):
        data = dataset(noise(seed, 500))
        said = joined(cross(Recipe("logistic", calibration="none"), data, PurgedKFold(3)), len(data))["probability"]
        moved = next_returns(data)
        known = np.isfinite(moved)
        found = earned("rule", (said > 0.5).astype(float)[known], moved[known], 500, seed)
        held += found.sharpe_low <= 0.0 <= found.sharpe_high
    assert 90 <= held <= 99


def test_wrong_questions_are_named():
    frame = planted(n=300)
    parts = make_features(frame, SPEC), label(frame, "sign", horizon=1)
    with pytest.raises(ParameterError, match="model = 3"):
        evaluate(3, *parts)
    with pytest.raises(ParameterError, match="cv = 5"):
        evaluate(Recipe(), *parts, cv=5)
    for wrong in ({"n_resamples": 5}, {"n_trials": 0}, {"shuffle": -1}):
        with pytest.raises(ParameterError, match=next(iter(wrong))):
            evaluate(Recipe(), *parts, **wrong)
