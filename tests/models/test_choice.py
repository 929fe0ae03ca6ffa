"""Which start wins, by objectives written by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from hidden_regime import kernels
from hidden_regime.exceptions import TrainingError
from hidden_regime.models.choice import Scores, choose, model_at
from hidden_regime.models.task import Task, Trained


def chosen(objectives, margin, ok=None):
    n = len(objectives)
    parts = np.full((n, 1), 1.0), np.ones((n, 1, 1)), np.arange(n * 1.0).reshape(n, 1, 1), np.ones((n, 1, 1, 1))
    whole = np.array(objectives, float)
    fit = kernels.Fit(
        *parts, whole - 1, whole, np.arange(n), np.ones(n, bool), np.ones(n, bool) if ok is None else np.array(ok),
        np.tile(np.arange(9.0), (n, 1)), parts[0])  # fmt: skip
    starts = [(f"start {i}", i) for i in range(n)]
    return choose(Task(np.zeros((4, 1)), 1, margin=margin), starts, fit, Scores.of(fit), lambda i: model_at(fit, i))


@pytest.mark.parametrize(
    ("objectives", "margin", "ok", "best"),
    [
        ([1.0, 2.9], 2.0, None, 0),
        ([1.0, 3.0], 2.0, None, 0),
        ([1.0, 3.1], 2.0, None, 1),
        ([1.0, 3.1, 3.2], 2.0, None, 2),  # one challenger beats another by being better
        ([1.0, 2.9, 3.1], 2.0, None, 2),
        ([5.0, 1.0, 1.5], 2.0, [False, True, True], 2),  # the margin is the first start's alone
        ([1.0, math.nan, 9.0], 0.0, None, 2),
        ([1.0, 1.0], 0.0, None, 0),
    ],
)
def test_the_best_start_wins_and_the_first_has_the_margin(objectives, margin, ok, best):
    result = chosen(objectives, margin, ok)
    assert isinstance(result, Trained)
    assert [r.chosen for r in result.restarts] == [i == best for i in range(len(objectives))]
    assert (result.parameters.means.item(), result.objective, result.n_iter) == (best, objectives[best], best)
    assert result.history.tolist() == list(range(best + 1))


def test_no_start_is_an_error_that_names_them():
    result = chosen([1.0, 2.0], 0.0, [False, False])
    assert isinstance(result, TrainingError)
    assert "no start of ['start 0', 'start 1'] gave positive variances" in str(result)
