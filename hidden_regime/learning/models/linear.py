"""Linear models by scikit-learn, and the class prior, which every model has to beat."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from hidden_regime.exceptions import DataError
from hidden_regime.kernels.results import Floats
from hidden_regime.learning.models.scaling import sklearn_part, split_soft, standardise
from hidden_regime.quantconnect.learned.cores import Bayesian, Constant, Core, Linear

SOLVER = "newton-cholesky"
"""Exact to rounding in a few steps, for there are few columns."""


def prior_score(y: Floats, weight: Floats) -> float:
    """The weighted share of 1 in logits, of labels that never vary as if one more of each had come."""
    ones, zeros = float(weight @ y), float(weight @ (1.0 - y))
    if ones <= 0.0 or zeros <= 0.0:
        ones, zeros = ones + 1.0, zeros + 1.0
    return math.log(ones / zeros)


def fit_prior(X: Floats, y: Floats, weight: Floats, parameters: Mapping[str, Any], seed: int) -> Core:
    """The share of 1 among the labels, whatever the row."""
    return Constant({"kind": "constant", "score": prior_score(y, weight)})


def fit_logistic(X: Floats, y: Floats, weight: Floats, parameters: Mapping[str, Any], seed: int) -> Core:
    """Logistic regression, with a ridge of 1/C."""
    rows, labels, share = split_soft(X, y, weight)
    if len(np.unique(labels)) < 2:
        raise DataError(f"all {len(labels)} labels are {labels[0]:g}: expected both 0 and 1 to tell apart. Take more "
                        "bars, fewer folds, or another kind of label.")  # fmt: skip
    z, mean, scale = standardise(rows, share)
    share = share * (len(share) / share.sum())
    model = sklearn_part("linear_model").LogisticRegression(C=parameters["C"], solver=SOLVER, tol=1e-10)
    model.fit(z, labels, sample_weight=share)
    return Linear({
        "kind": "linear", "mean": mean.tolist(), "scale": scale.tolist(), "coef": model.coef_[0].tolist(),
        "intercept": float(model.intercept_[0]),
    })  # fmt: skip


def fit_bayesian(X: Floats, y: Floats, weight: Floats, parameters: Mapping[str, Any], seed: int) -> Core:
    """Bayesian ridge regression: its prior's width and the noise are found by the evidence."""
    z, mean, scale = standardise(X, weight)
    share = weight * (len(weight) / weight.sum())
    model = sklearn_part("linear_model").BayesianRidge()
    model.fit(z, y, sample_weight=share)
    return Bayesian({
        "kind": "bayesian", "mean": mean.tolist(), "scale": scale.tolist(), "coef": model.coef_.tolist(),
        "intercept": float(model.intercept_), "covariance": np.asarray(model.sigma_).ravel().tolist(),
        "noise": float(1.0 / model.alpha_),
    })  # fmt: skip
