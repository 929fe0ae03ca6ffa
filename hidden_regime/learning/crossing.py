"""Predictions of rows by models that know nothing of them: the one place where models meet splits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from hidden_regime.kernels.results import Floats
from hidden_regime.learning.dataset import Dataset
from hidden_regime.learning.models.fitting import Recipe, fit
from hidden_regime.learning.models.linear import prior_score
from hidden_regime.learning.splits.base import Split, Splitter
from hidden_regime.quantconnect.learned.cores import logistic
from hidden_regime.quantconnect.learned.predictor import Predictor

Tune = Callable[[Dataset, Any], Recipe]
"""From a data set and the rows of a training to the recipe for these rows."""
Step = Callable[[int, int], None]


@dataclass(frozen=True)
class Fold:
    """A model and what it said of its test.

    Attributes
    ----------
    split : Split
    predictor : Predictor
    recipe : Recipe
        What tuning chose, if it was asked for.
    probability, mean, sd, prior : (n_test,)
        `prior` is the share of 1 in the training.
    """

    split: Split
    predictor: Predictor
    recipe: Recipe
    probability: Floats
    mean: Floats
    sd: Floats
    prior: Floats


def cross(recipe: Recipe, data: Dataset, cv: Splitter, tune: Tune | None = None, step: Step | None = None) -> list[Fold]:
    """Train on each split, and predict its test.

    Parameters
    ----------
    recipe : Recipe
    data : Dataset
    cv : Splitter
    tune : callable, optional
        Chooses the recipe for a training, of its rows alone.
    step : callable, optional
        Told of each split that is done, and how many there are.
    """
    splits = list(cv.splits(data.labels))
    out = []
    for number, split in enumerate(splits, 1):
        out.append(one_fold(recipe if tune is None else tune(data, split.train), data, split))
        if step is not None:
            step(number, len(splits))
    return out


def one_fold(recipe: Recipe, data: Dataset, split: Split) -> Fold:
    """One training and its test."""
    predictor = fit(recipe, data, split.train)
    found = predictor.predict(data.X[split.test])
    share = logistic(np.array([prior_score(data.y[split.train], data.weight[split.train])]))[0]
    return Fold(split, predictor, recipe, *found, np.full(len(split.test), share))


def joined(folds: list[Fold], n_rows: int) -> dict[str, Floats]:
    """Means over the folds that test a row, (n_rows,) each; NaN of rows that none tests."""
    count = np.zeros(n_rows)
    names = ("probability", "mean", "sd", "prior")
    total = {name: np.zeros(n_rows) for name in names}
    for fold in folds:
        count[fold.split.test] += 1.0
        for name in names:
            total[name][fold.split.test] += getattr(fold, name)
    with np.errstate(divide="ignore", invalid="ignore"):
        return {name: np.where(count > 0.0, values / count, np.nan) for name, values in total.items()}
