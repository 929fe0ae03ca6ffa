"""Proof that a model of one's own answers as the package's own models do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from hidden_regime.exceptions import ConformanceError, NotFittedError
from hidden_regime.kernels.results import Floats
from hidden_regime.models.inputs import check_observations

ASKED = ("predict", "predict_proba", "filter_proba", "predict_online", "score")
CAUSAL = ("filter_proba", "predict_online", "score_samples")


def check_model(make_model: Callable[[], Any], X: Any, *, atol: float = 1e-8) -> None:
    """Raise unless a model fits, filters, smooths, scores, samples and saves as the package's own do.

    Parameters
    ----------
    make_model : callable
        Makes a model that isn't fitted: scikit-learn's shapes, and `filter_proba`, `predict_online`, `score_samples`,
        `transmat_`, `startprob_`.
    X : (n_samples, n_features)
        Observations with some rows or features missing, or without.
    atol : float
        How far sums may be off.

    Raises
    ------
    ConformanceError
        Names what failed and with which numbers.

    Examples
    --------
    >>> import numpy as np
    >>> from hidden_regime import GaussianHMM
    >>> from hidden_regime.testing import check_model
    >>> rng = np.random.default_rng(0)
    >>> check_model(lambda: GaussianHMM(2), rng.normal(0, np.repeat([1.0, 4.0], 100))[:, None])
    """
    x = check_observations(X)
    model = make_model()
    _refuses_before_fit(model, x)
    options, before = model.get_params(), x.copy()
    if model.fit(x) is not model:
        raise ConformanceError("fit returned something other than the model: expected self.")
    if model.get_params() != options:
        raise ConformanceError(f"fit changed the options {options} to {model.get_params()}: expected results as attributes_.")
    _same(before, x, "the data after fit")
    _same(model.filter_proba(x), make_model().fit(x).filter_proba(x), "filter_proba of a second, equal fit")
    _are_probabilities(model, x, atol)
    _knows_no_future(model, x)
    _adds_up(model, x, atol)
    _same(model.sample(50, random_state=3)[0], model.sample(50, random_state=3)[0], "a sample with the same random_state")
    again = type(model).from_dict(model.to_dict())
    for name in (*CAUSAL, "predict"):
        _same(getattr(model, name)(x), getattr(again, name)(x), f"{name} of the saved model")


def _refuses_before_fit(model: Any, x: Floats) -> None:
    for name in ASKED:
        try:
            getattr(model, name)(x)
        except NotFittedError:
            continue
        raise ConformanceError(f"{name} answered before fit: expected a NotFittedError.")


def _are_probabilities(model: Any, x: Floats, atol: float) -> None:
    tables = {name: getattr(model, name)(x) for name in ("filter_proba", "predict_proba")}
    tables |= {"transmat_": model.transmat_, "startprob_": model.startprob_[None]}
    for name, table in tables.items():
        sums = table.sum(axis=1)
        if (table < 0).any() or not np.allclose(sums, 1.0, rtol=0.0, atol=atol):
            raise ConformanceError(f"{name} has rows that sum to {sums.min()} to {sums.max()}, least entry {table.min()}.")
    for name, shape in (("filter_proba", (len(x), len(model.startprob_))), ("predict_proba", (len(x), len(model.startprob_)))):
        if tables[name].shape != shape:
            raise ConformanceError(f"{name} has the shape {tables[name].shape}: expected {shape}.")
    last = np.abs(tables["filter_proba"][-1] - tables["predict_proba"][-1]).max()
    if not last <= atol:
        raise ConformanceError(f"filter_proba and predict_proba differ by {last} in the last row, where both know the same.")


def _knows_no_future(model: Any, x: Floats) -> None:
    for name in CAUSAL:
        whole = getattr(model, name)(x)
        for n in {1, len(x) // 3, len(x) - 1} - {0}:
            _same(whole[:n], getattr(model, name)(x[:n]), f"{name} of the first {n} rows alone")


def _adds_up(model: Any, x: Floats, atol: float) -> None:
    total, parts = float(model.score(x)), float(model.score_samples(x).sum())
    if not abs(total - parts) <= atol * max(1.0, abs(total)):
        raise ConformanceError(f"score is {total}, and score_samples sum to {parts}: expected the same.")


def _same(expected: Any, found: Any, what: str) -> None:
    if not np.array_equal(expected, found, equal_nan=True):
        far = np.abs(np.asarray(expected, float) - np.asarray(found, float)) if np.shape(expected) == np.shape(found) else None
        by = "their shapes" if far is None else f"up to {np.nanmax(far)}"
        raise ConformanceError(f"{what} differs by {by}: expected the same bit for bit.")
