"""Proof that a trainer of one's own - a queue, a cluster, a cache - gives what the package's own training gives."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from hidden_regime.exceptions import ConformanceError
from hidden_regime.models.training import Task, Trained, train


def tasks(random_state: int = 0) -> list[Task]:
    """Trainings of several kinds, of which the fourth can't be done: its observations never move."""
    rng = np.random.default_rng(random_state)
    good = [Task(rng.normal(size=(80 + i, 2)), 2, kind, n_iter=9, seed=i) for i, kind in enumerate(("diag", "full", "tied"))]
    tails = [Task(rng.standard_t(3, (80, 1)), 2, "full", n_iter=5, emission="student_t"), Task(rng.normal(size=(60, 1)), 3)]
    return [*good, Task(np.ones((80, 1)), 2), *tails]


def check_trainer(trainer: Callable[[Sequence[Task]], Any], *, atol: float = 1e-9, random_state: int = 0) -> None:
    """Raise unless a trainer's results are those of `hidden_regime.models.training.train`, each in its task's place.

    Parameters
    ----------
    trainer : callable
        From a sequence of tasks to a sequence of `Trained` or `TrainingError`.
    atol : float
        How far parameters and log-likelihoods may be off.
    random_state : int
        Seed of the observations.

    Raises
    ------
    ConformanceError
        Names the order of the tasks, the task and the figure.

    Examples
    --------
    >>> from hidden_regime.many.parallel import BatchTrainer
    >>> from hidden_regime.testing import check_trainer
    >>> check_trainer(BatchTrainer("threading", 2))
    """
    given = tasks(random_state)
    expected = [result for task in given for result in train([task])]
    n = len(given)
    orders = {"no task": [], "one task": [0], "all tasks": list(range(n)), "all tasks, the last first": list(range(n))[::-1],
              "one task twice": [1, 1]}  # fmt: skip
    for name, places in orders.items():
        try:
            found = list(trainer([given[i] for i in places]))
        except Exception as error:
            raise ConformanceError(
                f"{name}: the trainer raised {type(error).__name__}: {error}. Expected a TrainingError in the place of a task "
                "that can't be trained, and the others' results."
            ) from error
        if len(found) != len(places):
            raise ConformanceError(f"{name}: {len(found)} results: expected {len(places)}, one for each task.")
        for place, result in zip(places, found, strict=True):
            _compare(f"{name}: the result of task {place}", result, expected[place], atol)


def _compare(what: str, came: Any, expected: Any, atol: float) -> None:
    if type(came) is not type(expected):
        raise ConformanceError(f"{what} is a {type(came).__name__}: expected a {type(expected).__name__}.")
    if not isinstance(expected, Trained):
        return
    figures: dict[str, Any] = {**came.parameters.arrays(), "log_likelihood": came.log_likelihood, "n_iter": came.n_iter}
    right: dict[str, Any] = {**expected.parameters.arrays(), "log_likelihood": expected.log_likelihood, "n_iter": expected.n_iter}
    for name, value in right.items():
        if np.shape(value) != np.shape(figures[name]) or (value is None) != (figures[name] is None):
            raise ConformanceError(f"{what} has a {name} of shape {np.shape(figures[name])}: expected {np.shape(value)}.")
        if value is not None and not np.allclose(figures[name], value, rtol=0.0, atol=atol, equal_nan=True):
            off = float(np.nanmax(np.abs(np.asarray(figures[name]) - np.asarray(value))))
            raise ConformanceError(f"{what} has a {name} that is off by {off:.3g}: expected at most {atol:g}.")
