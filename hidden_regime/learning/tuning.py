"""Tuning by Optuna, within a training alone: no test ever has a say in what is chosen for it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from hidden_regime.exceptions import MissingDependencyError, ParameterError
from hidden_regime.experiments.checks import whole
from hidden_regime.kernels.results import Integers
from hidden_regime.learning.dataset import Dataset
from hidden_regime.learning.evaluation.figures import log_losses
from hidden_regime.learning.models.calibration import fit_calibrator
from hidden_regime.learning.models.doors import door_of
from hidden_regime.learning.models.fitting import Recipe, inner_scores
from hidden_regime.quantconnect.learned.cores import Calibrator


@dataclass
class Tuner:
    """Chooses a recipe's parameters for the rows of a training.

    Each trial trains on purged folds of these rows and is judged by its log loss there. A choice is the same for the same rows,
    whatever was asked before.

    Parameters
    ----------
    recipe : Recipe
        With the parameters that the first trial has.
    n_trials : int
    seed : int

    Attributes
    ----------
    history : list of dict
        Every trial of every training: `training`, `trial`, `value` (log loss) and its parameters.
    """

    recipe: Recipe
    n_trials: int
    seed: int = 0
    history: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        whole("tuning.trials", self.n_trials, "a number of trials of at least 1")
        if not door_of(self.recipe.kind).ranges:
            raise ParameterError("tuning.trials", self.n_trials, f"0 for {self.recipe.kind}, which has nothing to tune")

    @property
    def count(self) -> int:
        """Trials so far."""
        return len(self.history)

    @property
    def fresh(self) -> Tuner:
        """The same, without trials."""
        return replace(self, history=[])

    def take(self, trials: list[dict[str, Any]]) -> None:
        """Take the trials of another training."""
        number = self._next
        self.history += [one | {"training": number} for one in trials]

    def to_dict(self) -> dict[str, Any]:
        """What it is, as JSON can hold it."""
        ranges = {name: list(limits) for name, limits in door_of(self.recipe.kind).ranges.items()}
        return {"recipe": self.recipe.to_dict(), "n_trials": self.n_trials, "seed": self.seed, "ranges": ranges}

    @property
    def _next(self) -> int:
        return 1 + max((one["training"] for one in self.history), default=0)

    def __call__(self, data: Dataset, rows: Integers) -> Recipe:
        """The recipe for a training of some rows."""
        optuna = _optuna()
        training = self._next
        study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=self.seed))
        ranges = door_of(self.recipe.kind).ranges
        study.enqueue_trial({name: self.recipe.parameters[name] for name in ranges})
        for number in range(self.n_trials):
            trial = study.ask()
            chosen = {name: _suggest(trial, name, *limits) for name, limits in ranges.items()}
            recipe = replace(self.recipe, parameters=dict(self.recipe.parameters) | chosen)
            value = inner_loss(recipe, data, rows)
            study.tell(trial, value)
            self.history.append({"training": training, "trial": number, "value": value, **chosen})
        best = min((one for one in self.history if one["training"] == training), key=lambda one: (one["value"], one["trial"]))
        return replace(self.recipe, parameters=dict(self.recipe.parameters) | {name: best[name] for name in ranges})


def inner_loss(recipe: Recipe, data: Dataset, rows: Integers) -> float:
    """Weighted log loss of a recipe on the purged folds of some rows, each calibrated on the others, as its predictor will be."""
    found = inner_scores(recipe, data, rows)
    link = "logit" if door_of(recipe.kind).learns == "up" else "probit"
    losses, weights = [], []
    for k, (score, told) in enumerate(found):
        others = [one for i, one in enumerate(found) if i != k]
        known = np.concatenate([places for _, places in others])
        seen = np.concatenate([scores for scores, _ in others])
        calibrator = fit_calibrator(recipe.calibration, seen, data.y[known], data.weight[known])
        losses.append(log_losses(data.y[told], Calibrator(calibrator, link).probability(score)))
        weights.append(data.weight[told])
    return float(np.average(np.concatenate(losses), weights=np.concatenate(weights)))


def _suggest(trial: Any, name: str, low: float, high: float, scale: str) -> float:
    if scale == "whole":
        return int(trial.suggest_int(name, int(low), int(high)))
    return float(trial.suggest_float(name, low, high, log=scale == "log"))


def _optuna() -> Any:
    try:
        import optuna
    except ImportError as error:
        raise MissingDependencyError("tuning needs optuna: pip install 'hidden-regime[research]'.") from error
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    return optuna
