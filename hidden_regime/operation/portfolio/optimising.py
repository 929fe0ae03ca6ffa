"""The door to skfolio, which finds the weights: of one window of returns and one covariance."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from hidden_regime.exceptions import MissingDependencyError, ParameterError, StudyError
from hidden_regime.kernels.results import Floats

HRP, MIN_VOL, MAX_SHARPE, EQUAL = "hrp", "min-vol", "max-sharpe", "equal"
METHODS = (HRP, MIN_VOL, MAX_SHARPE, EQUAL)


def check_method(method: str) -> None:
    """Raise unless it is one."""
    if method not in METHODS:
        raise ParameterError("method", method, f"one of {', '.join(METHODS)}")


def equal(n: int) -> Floats:
    """The same for each."""
    return np.full(n, 1.0 / n)


def optimal_weights(method: str, returns: Floats, covariance: Floats) -> Floats:
    """Weights of at least 0 that sum to 1.

    Parameters
    ----------
    method : str
        "hrp" (hierarchical risk parity: clusters by correlation, halves by inverse variance), "min-vol" (least variance),
        "max-sharpe" (most mean over deviation; where no mean is above 0, there is none, and the least variance is held), "equal".
    returns : (n_days, n)
        For their means.
    covariance : (n, n)

    Returns
    -------
    (n,) array

    Raises
    ------
    MissingDependencyError
        skfolio isn't installed.
    StudyError
        No weights could be found.

    Examples
    --------
    >>> import numpy as np
    >>> returns = np.random.default_rng(0).normal(0.001, 0.01, (300, 2))
    >>> optimal_weights("min-vol", returns, np.diag([1.0, 3.0])).round(3).tolist()
    [0.75, 0.25]
    """
    check_method(method)
    n = returns.shape[1]
    if method == EQUAL:
        return equal(n)
    found = _fitted(MIN_VOL if method == MAX_SHARPE and not returns.mean(axis=0).max() > 0.0 else method, returns, covariance)
    if found.shape != (n,) or not np.isfinite(found).all() or not found.sum() > 0.0:
        raise StudyError(f"{method}: skfolio found no weights ({found.tolist()}).")
    above = np.maximum(found, 0.0)  # a solver's zero may be a little below
    return np.asarray(above / above.sum(), dtype=np.float64)


def shrunk(returns: Floats) -> Floats:
    """Covariance of (n_days, n) returns by Ledoit and Wolf (2004), (n, n).

    Raises
    ------
    MissingDependencyError
        skfolio isn't installed.
    """
    return np.asarray(_models().shrunk(returns), dtype=np.float64)


def _models() -> Any:
    try:
        from hidden_regime.operation.portfolio import models
    except ImportError as error:
        raise MissingDependencyError(
            f"portfolios need skfolio ({error}). pip install 'hidden-regime[portfolio]', or take method equal."
        ) from error
    return models


def _fitted(method: str, returns: Floats, covariance: Floats) -> npt.NDArray[np.float64]:
    if method == HRP and len(covariance) == 2:  # halves of one each: there is no tree to find, and skfolio 0.7 stumbles over it
        return np.asarray(1.0 / np.diag(covariance), dtype=np.float64)
    models = _models()
    # In units in which variances are near 1: no weight depends on the units, and the solvers' tolerances do.
    unit = float(np.sqrt(np.diag(covariance).mean()))
    returns, covariance = returns / unit, covariance / unit**2
    model: Any = models.hierarchical(covariance) if method == HRP else models.mean_risk(covariance, most=method == MAX_SHARPE)
    try:
        model.fit(returns)
    except Exception as error:  # whatever the solver raises, none of it is the user's
        raise StudyError(f"{method}: no weights could be found ({type(error).__name__}: {str(error)[:200]}).") from error
    return np.asarray(model.weights_, dtype=np.float64)
