"""Evaluate a recipe: train it on each split, and judge what it says of days that it never saw."""

from __future__ import annotations

from typing import Any

import numpy as np

from hidden_regime.exceptions import DataError, ParameterError
from hidden_regime.experiments.checks import whole
from hidden_regime.kernels.results import Floats
from hidden_regime.learning.crossing import Fold, Step, Tune, cross, joined
from hidden_regime.learning.dataset import Dataset
from hidden_regime.learning.evaluation import baselines
from hidden_regime.learning.evaluation.bootstrap import intervals, usual_block
from hidden_regime.learning.evaluation.evaluation import Evaluation
from hidden_regime.learning.evaluation.figures import confusion, figures, reliability
from hidden_regime.learning.evaluation.importances import importances
from hidden_regime.learning.evaluation.trading import earned, luck
from hidden_regime.learning.features.making import Features
from hidden_regime.learning.kept import KeptTrainings
from hidden_regime.learning.labels.labels import Labels
from hidden_regime.learning.models.fitting import Recipe
from hidden_regime.learning.splits.base import Splitter
from hidden_regime.learning.splits.combinatorial import CombinatorialPurgedCV
from hidden_regime.learning.splits.purged import PurgedKFold
from hidden_regime.regimes.statistics import days_per_year

NINETY = 1.6448536269514722


def evaluate(
    model: Any,
    X: Features,
    labels: Labels,
    *,
    cv: Splitter | None = None,
    tune: Tune | None = None,
    n_trials: int = 1,
    n_resamples: int = 500,
    seed: int = 0,
    shuffle: int | None = None,
    title: str = "",
    step: Step | None = None,
    workers: int | None = 1,
    kept: KeptTrainings | None = None,
) -> Evaluation:
    """Figures of a recipe out of fold, with what knows nothing beside them.

    Parameters
    ----------
    model : Recipe or TrainedModel
        How to train: of a trained model its recipe, never the model itself, which has seen all rows.
    X : Features
    labels : Labels
    cv : Splitter, optional
        Default: `PurgedKFold(5)`.
    tune : Tuner, optional
        Chooses the recipe of each training, of its rows alone.
    n_trials : int
        Recipes that were ever looked at: what the deflated Sharpe ratio counts.
    n_resamples : int
        Of the block bootstrap, at least 99.
    seed : int
    shuffle : int, optional
        Deal the labels to other rows, by this seed, before all else: whoever finds skill then is fooled.
    title : str
    step : callable, optional
        Told of each split that is done.
    workers : int, optional
        Processes that train; default here: one, this one. The evaluation is the same, whatever the number.
    kept : KeptTrainings, optional
        A folder that keeps each training until all are done: who was killed goes on there.

    Returns
    -------
    Evaluation

    Raises
    ------
    RegimeError

    Examples
    --------
    >>> from hidden_regime import load_dataset
    >>> from hidden_regime.learning import FeatureSpec, evaluate, label, make_features
    >>> from hidden_regime.learning.models import Recipe
    >>> frame = load_dataset("sp500").iloc[:800]
    >>> features = make_features(frame, FeatureSpec(["return:5", "volatility:20"]))
    >>> found = evaluate(Recipe("logistic"), features, label(frame), n_resamples=99)
    >>> found.verdict
    'none found'
    """
    recipe = model if isinstance(model, Recipe) else getattr(model, "recipe", None)
    if not isinstance(recipe, Recipe):
        raise ParameterError("model", model, "a Recipe, or a TrainedModel")
    whole("n_resamples", n_resamples, "a whole number of at least 99", low=99)
    whole("n_trials", n_trials, "a whole number of at least 1")
    splitter = PurgedKFold() if cv is None else cv
    if not hasattr(splitter, "splits"):
        raise ParameterError("cv", cv, "a splitter, such as PurgedKFold(5)")
    data = Dataset.of(X, labels)
    if not np.ptp(data.y) > 0.0:
        raise DataError(
            f"all {len(data)} labels are {data.y[0]:g}: expected some of 0 and of 1, or there is nothing to know. Take other "
            "bars, a shorter horizon, or another kind of label."
        )
    if shuffle is not None:
        data = data.shuffled(shuffle)
    folds = cross(recipe, data, splitter, tune, step, workers=workers, kept=kept)
    found = joined(folds, len(data))
    tested = np.flatnonzero(np.isfinite(found["probability"]))
    y, p, prior = data.y[tested], found["probability"][tested], found["prior"][tested]
    lives = data.labels.t1 - data.labels.t0
    block = usual_block(lives, len(tested))
    going = baselines.momentum_probability(data, folds)[tested]
    moved = baselines.next_returns(data)[tested]
    known, year = np.isfinite(moved), days_per_year(data.labels.times)
    position = (p > 0.5).astype(float)
    rules = {f"{recipe.kind}": position, "hold": np.ones(len(tested)), "momentum": baselines.momentum(data)[tested]}
    table = _table(data, tested, found, moved, position)
    return Evaluation(
        title or f"{recipe.kind} on {data.labels.kind} labels",
        {"recipe": recipe.to_dict(), "cv": splitter.to_dict(), "columns": data.names, "labels": data.labels.kind, "seed": seed,
         "n_resamples": n_resamples, "block": block, "shuffled": shuffle, "tuned": tune is not None,
         "first": str(data.labels.times[tested[0]])[:10], "last": str(data.labels.times[tested[-1]])[:10],
         "data": data.digest},
        len(tested), len(data.names), n_trials, float(data.labels.weight[tested].sum()), float(y.mean()),
        intervals(y, p, prior, block, n_resamples, seed),
        {"class prior": figures(y, prior), "hold": figures(y, np.ones(len(y)) * (1.0 - 1e-6)), "momentum": figures(y, going)},
        [_fold(data, fold, number) for number, fold in enumerate(folds, 1)],
        confusion(y, p), reliability(y, p), importances(data, folds, seed),
        tuple(earned(name, rule[known], moved[known], n_resamples, seed, days_a_year=year) for name, rule in rules.items()),
        luck(position[known], moved[known], n_trials, n_resamples, seed, days_a_year=year),
        _paths(data, splitter, folds), _regression(data, tested, found), table,
        _notes(data, y, p, position, shuffle, recipe, X))  # fmt: skip


def _table(data: Dataset, tested: Any, found: dict[str, Floats], moved: Floats, position: Floats) -> Any:
    import pandas as pd

    labels = data.labels.table.iloc[tested]
    return pd.DataFrame(
        {"probability": found["probability"][tested], "prior": found["prior"][tested], "mean": found["mean"][tested],
         "sd": found["sd"][tested], "y": data.y[tested], "ret": labels["ret"].to_numpy(), "next": moved, "position": position},
        index=labels.index)  # fmt: skip


def _fold(data: Dataset, fold: Fold, number: int) -> dict[str, Any]:
    test, y = fold.split.test, data.y[fold.split.test]
    own = figures(y, fold.probability)
    return {
        "number": number, "first": str(data.labels.times[test[0]])[:10], "last": str(data.labels.times[test[-1]])[:10],
        "train_rows": len(fold.split.train), "test_rows": len(test), "purged_rows": fold.split.purged, **own,
        "prior_log_loss": figures(y, fold.prior)["log_loss"], "parameters": dict(fold.recipe.parameters),
    }  # fmt: skip


def _paths(data: Dataset, splitter: Splitter, folds: list[Fold]) -> dict[str, list[float]] | None:
    if not isinstance(splitter, CombinatorialPurgedCV):
        return None
    out: dict[str, list[float]] = {"log_loss": [], "brier": [], "auc": [], "log_loss_gain": []}
    for path in splitter.paths(data.labels):
        p, prior = np.zeros(len(data)), np.zeros(len(data))
        for number, rows in path:
            places = np.searchsorted(folds[number].split.test, rows)
            p[rows], prior[rows] = folds[number].probability[places], folds[number].prior[places]
        own = figures(data.y, p)
        for name in ("log_loss", "brier", "auc"):
            out[name].append(own[name])
        out["log_loss_gain"].append(figures(data.y, prior)["log_loss"] - own["log_loss"])
    return out


def _regression(data: Dataset, tested: Any, found: dict[str, Floats]) -> dict[str, float] | None:
    mean, sd, ret = found["mean"][tested], found["sd"][tested], data.ret[tested]
    if not np.isfinite(mean).all():
        return None
    spread = float(np.std(mean)) * float(np.std(ret))
    rest = float(((ret - mean) ** 2).sum())
    return {
        "correlation": float(np.cov(mean, ret, ddof=0)[0, 1]) / spread if spread > 0.0 else float("nan"),
        "r2": 1.0 - rest / float(((ret - ret.mean()) ** 2).sum()),
        "within_90": float((np.abs(ret - mean) <= NINETY * sd).mean()),
    }


def _notes(
    data: Dataset, y: Floats, p: Floats, position: Floats, shuffle: int | None, recipe: Recipe, X: Features
) -> tuple[str, ...]:
    said = []
    if shuffle is not None:
        said.append("the labels were dealt to other rows: any skill on this page is luck")
    if position.all() or not position.any():
        said.append(f"the rule was {'always' if position.all() else 'never'} in the market: its figures are those of "
                    f"{'holding' if position.all() else 'cash'}")  # fmt: skip
    if X.answer.startswith("no"):
        said.append(f"regimes at all: {X.answer}")
    if X.own:
        said.append(f"{', '.join(X.own)}: functions of one's own, which no strategy can have")
    said.append(
        f"labels overlap: {len(y):,} rows are worth {data.labels.weight.sum():,.0f} that don't, and resamples are of blocks"
    )
    said.append(
        "a fold with few ups is tested by models that saw many, so an AUC over all folds is below one half without skill: hold "
        "it against the class prior's, and see each fold's"
    )
    said.append("what the rules earn is before costs; a backtest of the strategy has them")
    return tuple(said)
