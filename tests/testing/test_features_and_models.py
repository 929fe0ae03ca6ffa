"""The shipped suites for features and models: ours pass, and each kind of fault is named."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from hidden_regime import (
    AutoregressiveHMM,
    Column,
    ContinuousJumpModel,
    CovariateHMM,
    Feature,
    GaussianHMM,
    JumpModel,
    SparseJumpModel,
    StudentTHMM,
    load_dataset,
)
from hidden_regime.bars.features import FEATURES
from hidden_regime.exceptions import ConformanceError, FeatureError, ParameterError
from hidden_regime.testing import check_feature, check_model


@pytest.fixture(scope="module")
def frame():
    return load_dataset("aapl").iloc[:150]


@pytest.fixture(scope="module")
def x():
    rng = np.random.default_rng(1)
    out = rng.normal(0, np.repeat([1.0, 4.0, 1.0], 60)[:, None], (180, 2))
    out[[3, 90]] = np.nan
    return out


@pytest.mark.parametrize("feature", FEATURES.values(), ids=FEATURES)
def test_the_built_in_features_pass(feature, frame):
    check_feature(feature, frame)


def test_a_column_passes(frame):
    check_feature(Column("volume"), frame)


counter = itertools.count()


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (lambda bars: float(next(counter)), "remembers something"),
        (lambda bars: float(np.random.default_rng().normal()), "draws at random"),
        (lambda bars: float(bars.append(bars[0]) or 1.0), "changed the bars"),
        (lambda bars: float("nan"), "no value at any of 149 bars"),
    ],
    ids=["counts", "draws", "writes", "nothing"],
)
def test_faults_of_features_are_named(function, words, frame):
    with pytest.raises(ConformanceError, match=words):
        check_feature(Feature("own", function, 2), frame)


def test_a_feature_that_wants_more_than_it_says_fails(frame):
    with pytest.raises(FeatureError, match="IndexError"):
        check_feature(Feature("own", lambda bars: bars[-3].close, 2), frame)
    with pytest.raises(ParameterError, match="more than the 150"):
        check_feature(Feature("own", lambda bars: 1.0, 150), frame)


OURS = {
    "gaussian": lambda: GaussianHMM(2),
    "student": lambda: StudentTHMM(2),
    "jump": lambda: JumpModel(2, penalty=5.0),
    "covariate": lambda: CovariateHMM(2),
    "autoregressive": lambda: AutoregressiveHMM(2),
    "sparse": lambda: SparseJumpModel(2, penalty=5.0),
    "continuous": lambda: ContinuousJumpModel(2, penalty=5.0),
}


@pytest.mark.parametrize("make", OURS.values(), ids=OURS)
def test_our_models_pass(make, x):
    check_model(make, x)


class Early(GaussianHMM):
    def predict(self, X, **options):
        return super().predict(X, **options) if hasattr(self, "transmat_") else np.zeros(len(X))


class Other(GaussianHMM):
    def fit(self, X, *rest, **options):
        super().fit(X, *rest, **options)


class Changes(GaussianHMM):
    def fit(self, X, *rest, **options):
        super().fit(X, *rest, **options)
        self.tol = 0.5
        return self


class Hindsight(GaussianHMM):
    def filter_proba(self, X, lengths=None):
        return self.predict_proba(X, lengths)


class Loose(GaussianHMM):
    def filter_proba(self, X, lengths=None):
        return 0.9 * super().filter_proba(X, lengths)


class Wrong(GaussianHMM):
    def score(self, X, *rest, **options):
        return super().score(X, *rest, **options) + 1.0


class Random(GaussianHMM):
    def sample(self, n_samples=1, **options):
        return super().sample(n_samples)


@pytest.mark.parametrize(
    ("model", "words"),
    [(Early, "predict answered before fit"), (Other, "something other than the model"), (Changes, "fit changed the options"),
     (Hindsight, "filter_proba of the first"), (Loose, r"rows that sum to 0\.[89]\d+ to 0\.9"), (Wrong, "score_samples sum to"),
     (Random, "sample with the same random_state differs")],
)  # fmt: skip
def test_faults_of_models_are_named(model, words, x):
    with pytest.raises(ConformanceError, match=words):
        check_model(lambda: model(2), x)
