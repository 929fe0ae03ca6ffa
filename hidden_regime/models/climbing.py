"""Expectation-maximisation of any model: the loop, and which of several starts wins."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Sequence
from typing import Any, Generic, NamedTuple, TypeVar

import numpy as np

from hidden_regime.exceptions import ConvergenceWarning
from hidden_regime.kernels.results import Floats

P = TypeVar("P")
E = TypeVar("E")


class Climb(NamedTuple, Generic[P]):
    """Where EM from one start came to; `history` is the log-likelihood plus log-prior at each iteration and never falls."""

    start: str
    parameters: P
    log_likelihood: float
    history: Floats
    converged: bool

    def named(self, start: str) -> Climb[P]:
        """The same way, as that of another start."""
        return self._replace(start=start)

    @property
    def objective(self) -> float:
        """Log-likelihood plus log-prior at the end."""
        return float(self.history[-1])


def climb(
    start: P,
    expect: Callable[[P], tuple[float, float, E]],
    maximise: Callable[[P, E], P],
    *,
    name: str,
    n_iter: int,
    tol: float,
) -> Climb[P]:
    """EM from one start.

    Parameters
    ----------
    start : object
        Parameters of the model.
    expect : callable
        The E-step: log-likelihood, log-prior, and what the M-step needs to know.
    maximise : callable
        The M-step: parameters that are no worse.
    name : str
        Of the start.
    n_iter : int
        Largest number of M-steps.
    tol : float
        Stop when the objective gains less, in nats.
    """
    p, history, converged, likelihood = start, [], False, math.nan
    for i in range(n_iter + 1):
        likelihood, log_prior, evidence = expect(p)
        history.append(likelihood + log_prior)
        converged = i > 0 and history[-1] - history[-2] < tol
        if converged or i == n_iter:
            break
        p = maximise(p, evidence)
    return Climb(name, p, likelihood, np.array(history), converged)


def highest(climbs: Sequence[Climb[P]]) -> Climb[P]:
    """The climb of the best objective; of equal ones the first."""
    return max(climbs, key=lambda one: one.objective if math.isfinite(one.objective) else -math.inf)


def report(model: Any, climbs: Sequence[Climb[P]], chosen: Climb[P], stacklevel: int = 3) -> None:
    """Give a model what there is to tell of its fit: `log_likelihood_`, `n_iter_`, `converged_`, `history_`, `restarts_`."""
    import pandas as pd

    rows = [(c.start, c.log_likelihood, c.objective, len(c.history) - 1, c.converged, c is chosen) for c in climbs]
    model.restarts_ = pd.DataFrame(rows, columns=["start", "log_likelihood", "objective", "n_iter", "converged", "chosen"])
    model.log_likelihood_, model.n_iter_ = chosen.log_likelihood, len(chosen.history) - 1
    model.converged_, model.history_ = chosen.converged, chosen.history
    if not chosen.converged:
        text = f"EM stopped after n_iter = {model.n_iter_} iterations before it gained less than tol. Raise n_iter."
        warnings.warn(ConvergenceWarning(text), stacklevel=stacklevel)
