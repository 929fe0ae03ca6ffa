"""What a model goes by: the loss that a column's rows dealt anew add, out of fold, and whether all folds agree."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from hidden_regime.kernels.results import Floats
from hidden_regime.learning.crossing import Fold
from hidden_regime.learning.dataset import Dataset
from hidden_regime.learning.evaluation.figures import log_losses
from hidden_regime.quantconnect.learned.cores import Trees
from hidden_regime.quantconnect.learned.predictor import Predictor, Single

REPEATS = 5


@dataclass(frozen=True)
class Importance:
    """Of one column.

    Attributes
    ----------
    name : str
    loss, sd : float
        Nats a row that are lost without it: mean and standard deviation over the folds.
    share_of_folds : float
        Folds in which anything is lost: 1 is stable, a half is noise.
    contribution : float or None
        Of trees, the mean absolute part that it has in a margin (LightGBM's exact SHAP values).
    """

    name: str
    loss: float
    sd: float
    share_of_folds: float
    contribution: float | None


class Importances(NamedTuple):
    """Of all columns, and how far the folds agree on their order.

    Attributes
    ----------
    columns : tuple of Importance
        The most important first.
    agreement : float
        Mean rank correlation of two folds, from -1 to 1; NaN of one fold.
    """

    columns: tuple[Importance, ...]
    agreement: float


def importances(data: Dataset, folds: list[Fold], seed: int, repeats: int = REPEATS) -> Importances:
    """By permutation in each test, with models that know nothing of it.

    Parameters
    ----------
    data : Dataset
    folds : list of Fold
    seed : int
    repeats : int
        Deals of each column in each fold.
    """
    X, y = data.X, data.y
    lost = np.zeros((len(folds), X.shape[1]))
    parts = [contributions(fold.predictor, X[fold.split.test]) for fold in folds]
    for f, fold in enumerate(folds):
        rows, labels = X[fold.split.test], y[fold.split.test]
        own = log_losses(labels, fold.probability).mean()
        rng = np.random.default_rng([seed, f])
        for j in range(X.shape[1]):
            for _ in range(repeats):
                dealt = rows.copy()
                dealt[:, j] = dealt[rng.permutation(len(rows)), j]
                lost[f, j] += (log_losses(labels, fold.predictor.predict(dealt).probability).mean() - own) / repeats
    known = [part for part in parts if part is not None]
    shared = np.mean([np.abs(part[:, :-1]).mean(axis=0) for part in known], axis=0) if known else None
    found = [
        Importance(
            name, float(lost[:, j].mean()), float(lost[:, j].std(ddof=1)) if len(folds) > 1 else 0.0,
            float((lost[:, j] > 0.0).mean()), None if shared is None else float(shared[j]))
        for j, name in enumerate(data.names)
    ]  # fmt: skip
    return Importances(tuple(sorted(found, key=lambda one: (-one.loss, one.name))), _agreement(lost))


def contributions(predictor: Predictor, X: Floats) -> Floats | None:
    """Part of each column in each row's margin, and the rest in the last one, (n, n_features + 1): they sum to the margin.

    None of what isn't trees.
    """
    if not isinstance(predictor, Single) or not isinstance(predictor.core, Trees):
        return None
    return np.asarray(predictor.core.booster.predict(X, pred_contrib=True, num_threads=1), dtype=np.float64)


def _agreement(lost: Floats) -> float:
    if len(lost) < 2:
        return float("nan")
    ranks = lost.argsort(axis=1).argsort(axis=1).astype(float)
    ranks -= ranks.mean(axis=1, keepdims=True)
    sizes = np.sqrt((ranks**2).sum(axis=1))
    if not (sizes > 0.0).all():
        return float("nan")
    found = (ranks @ ranks.T) / np.outer(sizes, sizes)
    return float(found[np.triu_indices(len(lost), 1)].mean())
