"""Predictions of rows by models that know nothing of them: the one place where models meet splits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

import numpy as np

from hidden_regime.exceptions import DataError
from hidden_regime.experiments.trials.digests import digest_of, package_digest
from hidden_regime.experiments.workers import Workers
from hidden_regime.kernels.results import Floats, Integers
from hidden_regime.learning.dataset import Dataset
from hidden_regime.learning.kept import KeptTrainings
from hidden_regime.learning.models.fitting import Recipe, fit
from hidden_regime.learning.models.linear import prior_score
from hidden_regime.learning.models.reading import any_core
from hidden_regime.learning.splits.base import Split, Splitter
from hidden_regime.learning.versions import versions
from hidden_regime.quantconnect.learned.cores import logistic
from hidden_regime.quantconnect.learned.predictor import Predictor, predictor_of

Step = Callable[[int, int], None]


class Tune(Protocol):
    """From a data set and the rows of a training to the recipe for these rows, such as a `Tuner`."""

    def __call__(self, data: Dataset, rows: Integers) -> Recipe:
        """The recipe."""
        ...

    @property
    def fresh(self) -> Tune:
        """The same, as if it had never been asked: what it does for one training depends on no other."""
        ...

    @property
    def history(self) -> list[dict[str, Any]]:
        """Its trials."""
        ...

    def take(self, trials: list[dict[str, Any]]) -> None:
        """Take the trials of a training that a fresh one did."""
        ...

    def to_dict(self) -> dict[str, Any]:
        """What it is, as JSON can hold it."""
        ...


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


def cross(
    recipe: Recipe, data: Dataset, cv: Splitter, tune: Tune | None = None, step: Step | None = None, *,
    workers: int | None = 1, kept: KeptTrainings | None = None,
) -> list[Fold]:  # fmt: skip
    """Train on each split, and predict its test.

    Parameters
    ----------
    recipe : Recipe
    data : Dataset
    cv : Splitter
    tune : Tuner, optional
        Chooses the recipe for a training, of its rows alone.
    step : callable, optional
        Told of each split that is done, and how many there are.
    workers : int, optional
        Processes; default here: one, this one. Folds are the same, whatever the number.
    kept : KeptTrainings, optional
        Keeps each training that is done, until its `forget`: who was killed goes on there.
    """
    splits = list(cv.splits(data.labels))
    jobs = [_job(recipe, data, split.train, tune, kept) for split in splits]
    train = partial(_trained, recipe=recipe, data=data, tune=None if tune is None else tune.fresh, kept=kept)
    out = []
    for split, found in zip(splits, Workers(workers).map(train, jobs, _lost), strict=True):
        out.append(_tested(*_made(found, tune), data, split))
        if step is not None:
            step(len(out), len(splits))
    return out


def one_training(
    recipe: Recipe, data: Dataset, rows: Integers, tune: Tune | None = None, kept: KeptTrainings | None = None
) -> tuple[Predictor, Recipe]:
    """The model of some rows, and the recipe that it was made by; arguments are those of `cross`."""
    found = _trained(_job(recipe, data, rows, tune, kept), recipe=recipe, data=data, tune=tune, kept=kept)
    return _made(found, tune)


def _job(recipe: Recipe, data: Dataset, rows: Integers, tune: Tune | None, kept: KeptTrainings | None) -> tuple[str, Integers]:
    key = ""
    if kept is not None:
        key = training_key(recipe, data, tune, rows)
        kept.wanted.append(key)
    return key, rows


def _made(found: dict[str, Any], tune: Tune | None) -> tuple[Predictor, Recipe]:
    if tune is not None:
        tune.take(found["trials"])
    return predictor_of(found["predictor"], any_core), Recipe(**found["recipe"])


def training_key(recipe: Recipe, data: Dataset, tune: Tune | None, rows: Integers) -> str:
    """Digest of all that a training depends on: data, rows, recipe, tuning, this package and the libraries below it."""
    places = [data.labels.n_bars, *(one.tolist() for one in (data.labels.t0, rows))]
    tuned = None if tune is None else tune.to_dict()
    return digest_of(recipe.to_dict(), tuned, data.digest, places, package_digest(), versions())


def _trained(
    job: tuple[str, Integers], *, recipe: Recipe, data: Dataset, tune: Tune | None, kept: KeptTrainings | None
) -> dict[str, Any]:
    """One training, as JSON can hold it: what was kept of it, or done now."""
    key, rows = job
    found = None if kept is None else kept.get(key)
    if found is None:
        asker = None if tune is None else tune.fresh
        chosen = recipe if asker is None else asker(data, rows)
        trials = [] if asker is None else asker.history
        found = {"recipe": chosen.to_dict(), "predictor": fit(chosen, data, rows).to_dict(), "trials": trials}
        if kept is not None:
            kept.put(key, found)
    return found


def _lost(job: tuple[str, Integers]) -> dict[str, Any]:
    raise DataError(f"the training of {len(job[1])} rows: its process died twice. Take fewer workers.")


def one_fold(recipe: Recipe, data: Dataset, split: Split) -> Fold:
    """One training and its test."""
    return _tested(fit(recipe, data, split.train), recipe, data, split)


def _tested(predictor: Predictor, recipe: Recipe, data: Dataset, split: Split) -> Fold:
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
