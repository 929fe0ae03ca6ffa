"""Which of a training's starts wins."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from hidden_regime import kernels
from hidden_regime.exceptions import TrainingError
from hidden_regime.models.parameters import Parameters
from hidden_regime.models.task import Restart, Task, Trained


class Scores(NamedTuple):
    """How the starts of many tasks ended, as plain numbers, which are quick to compare."""

    usable: list[bool]
    objective: list[float]
    log_likelihood: list[float]
    n_iter: list[int]
    converged: list[bool]

    @classmethod
    def of(cls, fit: kernels.Fit) -> Scores:
        """Of what the kernels gave."""
        usable = fit.ok & np.isfinite(fit.objective)
        return cls(*(a.tolist() for a in (usable, fit.objective, fit.log_likelihood, fit.n_iter, fit.converged)))


def choose(
    task: Task, starts: Sequence[tuple[str, int]], fit: kernels.Fit, scores: Scores, model: Callable[[int], Parameters]
) -> Trained | TrainingError:
    """The start of the best objective; to beat the first one, a later start needs the task's margin.

    Parameters
    ----------
    task : Task
    starts : sequence of (str, int)
        Name of each of the task's starts and its place in the fit, in the task's order.
    fit : Fit
    scores : Scores
        Of the fit.
    model : callable
        The fitted model of a place.
    """
    _, objective, score, n_iter, converged = scores
    best, first = -1, starts[0][1]
    for _, n in starts:
        lead = task.margin if best == first else 0.0
        if scores.usable[n] and (best < 0 or objective[n] > objective[best] + lead):
            best = n
    if best < 0:
        return TrainingError(
            f"no start of {[name for name, _ in starts]} gave positive variances: raise min_covar (now {task.min_covar:g}), or "
            "ask for fewer states."
        )
    table = tuple([Restart(name, score[n], objective[n], n_iter[n], converged[n], n == best) for name, n in starts])
    history = fit.history[best, : n_iter[best] + 1]
    return Trained(model(best), score[best], objective[best], n_iter[best], converged[best], history, table)


def model_at(fit: kernels.Fit, n: int) -> Parameters:
    """A model that the kernels fitted."""
    return Parameters(fit.startprob[n], fit.transmat[n], fit.means[n], fit.covars[n])
