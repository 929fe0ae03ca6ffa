"""Calibration: from scores out of fold to probabilities that come true as often as they say."""

from __future__ import annotations

from typing import Any

import numpy as np

from hidden_regime.exceptions import ParameterError
from hidden_regime.kernels.results import Floats
from hidden_regime.learning.models.linear import SOLVER, prior_score
from hidden_regime.learning.models.scaling import sklearn_part, split_soft

METHODS = ("none", "sigmoid", "isotonic")


def fit_calibrator(method: str, score: Floats, y: Floats, weight: Floats) -> dict[str, Any] | None:
    """A calibrator of scores that no model has trained on.

    Parameters
    ----------
    method : str
        "none", "sigmoid" (Platt) or "isotonic".
    score : (n,)
        Out of fold.
    y : (n,)
        Labels, 0 and 1 or between.
    weight : (n,)

    Returns
    -------
    dict or None
        What `hidden_regime.quantconnect.learned.cores.Calibrator` reads.

    References
    ----------
    Platt (1999), Probabilistic outputs for support vector machines; Niculescu-Mizil and Caruana (2005), Predicting good
    probabilities with supervised learning, ICML.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> score = rng.normal(size=4000)
    >>> y = (rng.uniform(size=4000) < 1 / (1 + np.exp(-0.5 * score))).astype(float)
    >>> round(fit_calibrator("sigmoid", score, y, np.ones(4000))["a"], 1)
    0.5
    """
    if method not in METHODS:
        raise ParameterError("model.calibration", method, f"one of {', '.join(METHODS)}")
    if method == "none":
        return None
    x, labels, share = split_soft(score[:, None], y, weight)
    if len(np.unique(labels)) < 2 or (method == "sigmoid" and not float(x.std()) > 1e-12):  # nothing to turn into anything
        return {"kind": "sigmoid", "a": 0.0, "b": prior_score(labels, share)}
    share = share * (len(share) / share.sum())
    if method == "sigmoid":
        spread = float(x.std())
        model = sklearn_part("linear_model").LogisticRegression(C=1e6, solver=SOLVER, tol=1e-10)
        model.fit(x / spread, labels, sample_weight=share)
        return {"kind": "sigmoid", "a": float(model.coef_[0, 0]) / spread, "b": float(model.intercept_[0])}
    model = sklearn_part("isotonic").IsotonicRegression(y_min=0.0, y_max=1.0, out_of_bounds="clip")
    model.fit(x[:, 0], labels, sample_weight=share)
    return {"kind": "isotonic", "x": model.X_thresholds_.tolist(), "y": model.y_thresholds_.tolist()}
