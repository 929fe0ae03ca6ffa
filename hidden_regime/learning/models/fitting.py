"""Fit a recipe to rows: a core, calibrated on purged folds of these rows alone, or one for each regime."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from hidden_regime.exceptions import ParameterError
from hidden_regime.experiments.checks import whole
from hidden_regime.kernels.results import Floats, Integers
from hidden_regime.learning.dataset import Dataset
from hidden_regime.learning.models.calibration import METHODS, fit_calibrator
from hidden_regime.learning.models.doors import door_of
from hidden_regime.learning.splits.purged import PurgedKFold
from hidden_regime.quantconnect.learned.predictor import MODES, Predictor, RegimeSwitchingModel, Single

FEWEST = 60
"""Rows of a regime that has a model of its own."""


@dataclass(frozen=True)
class Recipe:
    """How a model is made.

    Parameters
    ----------
    kind : str
        A key of `hidden_regime.learning.models.doors.DOORS`.
    parameters : mapping
        Of that kind.
    calibration : str
        "none", "sigmoid" or "isotonic".
    inner_splits : int
        Purged folds of the training rows, on which it is calibrated and tuned.
    embargo : float
        Of these folds.
    switching : str
        "none", or one model for each regime: "mixture" or "called", see `RegimeSwitchingModel`.
    seed : int
    """

    kind: str = "logistic"
    parameters: Mapping[str, Any] = field(default_factory=dict)
    calibration: str = "sigmoid"
    inner_splits: int = 4
    embargo: float = 0.01
    switching: str = "none"
    seed: int = 0

    def __post_init__(self) -> None:
        object.__setattr__(self, "parameters", door_of(self.kind).parameters(self.parameters))
        if self.calibration not in METHODS:
            raise ParameterError("model.calibration", self.calibration, f"one of {', '.join(METHODS)}")
        if self.switching not in ("none", *MODES):
            raise ParameterError("model.switching", self.switching, f"one of none, {', '.join(MODES)}")
        whole("model.seed", self.seed, "a whole number of at least 0", low=0)
        PurgedKFold(self.inner_splits, embargo=self.embargo)  # says what is wrong with them

    @property
    def inner(self) -> PurgedKFold:
        """Folds within a training."""
        return PurgedKFold(self.inner_splits, embargo=self.embargo)

    def to_dict(self) -> dict[str, Any]:
        """As what JSON can hold."""
        return {
            "kind": self.kind, "parameters": dict(self.parameters), "calibration": self.calibration,
            "inner_splits": self.inner_splits, "embargo": self.embargo, "switching": self.switching, "seed": self.seed,
        }  # fmt: skip


def fit(recipe: Recipe, data: Dataset, rows: Integers | None = None) -> Predictor:
    """A predictor of some rows of a data set; nothing of any other row goes into it.

    Parameters
    ----------
    recipe : Recipe
    data : Dataset
    rows : (n,), optional
        Places; default: all.

    Raises
    ------
    ParameterError, DataError, MissingDependencyError
    """
    chosen = np.arange(len(data)) if rows is None else np.asarray(rows)
    general = _single(recipe, data, chosen)
    if recipe.switching == "none":
        return general
    columns = regime_columns(data)
    p = data.X[chosen][:, list(columns.values())]
    models: dict[str, Predictor] = {}
    for k, name in enumerate(columns):
        own = chosen[p.argmax(axis=1) == k]
        y = data.y[own]
        if len(own) >= FEWEST and 0.0 < y.mean() < 1.0:
            models[name] = _single(replace(recipe, inner_splits=2), data, own)
    return RegimeSwitchingModel(models, general, columns, recipe.switching)


def regime_columns(data: Dataset) -> dict[str, int]:
    """Place of each regime's filtered probability of the bar itself among the columns.

    Raises
    ------
    ParameterError
        There is none.
    """
    specs = data.features.spec.columns
    found = {str(one.of): i for i, one in enumerate(specs) if one.kind == "probability" and not one.lag}
    if not found:
        raise ParameterError(
            "model.switching", "mixture", "columns of the regimes' probabilities, such as 'probability:Bear'",
            "Add them to features.columns.")  # fmt: skip
    return found


def _single(recipe: Recipe, data: Dataset, rows: Integers) -> Predictor:
    door = door_of(recipe.kind)
    learned = data.y if door.learns == "up" else data.ret
    X, y, weight = data.X, data.y, data.weight
    core = door.fit(X[rows], learned[rows], weight[rows], recipe.parameters, recipe.seed)
    if recipe.calibration == "none" or recipe.kind == "prior":
        return Single(core)
    scores, places = zip(*inner_scores(recipe, data, rows), strict=True)
    told = np.concatenate(places)
    return Single(core, fit_calibrator(recipe.calibration, np.concatenate(scores), y[told], weight[told]))


def inner_scores(recipe: Recipe, data: Dataset, rows: Integers) -> list[tuple[Floats, Integers]]:
    """For each inner fold of some rows, scores of it by a model of the others, and the fold's rows."""
    door = door_of(recipe.kind)
    learned = data.y if door.learns == "up" else data.ret
    X, weight = data.X, data.weight
    out = []
    for split in recipe.inner.splits(data.rows(rows)):
        train, test = rows[split.train], rows[split.test]
        part = door.fit(X[train], learned[train], weight[train], recipe.parameters, recipe.seed)
        out.append((part.scores(X[test]).score, test))
    return out
