"""From a question to a model: data, features, labels, out-of-fold evaluation, and a model of all rows."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from hidden_regime.experiments.folders import plain
from hidden_regime.learning.crossing import Step, one_training
from hidden_regime.learning.dataset import Dataset
from hidden_regime.learning.drift import inactivity, memory
from hidden_regime.learning.evaluation.evaluating import evaluate
from hidden_regime.learning.evaluation.evaluation import Evaluation
from hidden_regime.learning.evaluation.figures import log_losses
from hidden_regime.learning.kept import KeptTrainings
from hidden_regime.learning.model_file import ModelFile
from hidden_regime.learning.trained import TrainedModel
from hidden_regime.learning.tuning import Tuner
from hidden_regime.learning.versions import versions

QUANTILES = 21
"""Points of each column's distribution that are kept, for drift."""


def train(
    config: ModelFile | str | Path, *, shuffle: int | None = None, trials_before: int = 0, step: Step | None = None,
    workers: int | None = 1, kept: KeptTrainings | None = None,
) -> TrainedModel:  # fmt: skip
    """Train a model, and evaluate how it was made.

    The recipe is evaluated by training it anew on each outer training; tuning, scaling and calibration see that training alone.
    The model itself is then made by the same recipe of all rows, and is never evaluated: there is nothing left to do it on.

    Parameters
    ----------
    config : ModelFile or path
        The question.
    shuffle : int, optional
        Deal the labels to other rows, by this seed: a model without anything to find.
    trials_before : int
        Recipes that were looked at before this one: the deflated Sharpe ratio counts them.
    step : callable, optional
        Told of each training that is done.
    workers, kept
        Processes of the outer trainings, and what keeps those that are done; see `evaluate`.

    Returns
    -------
    TrainedModel

    Raises
    ------
    RegimeError

    Examples
    --------
    >>> from hidden_regime.learning import ModelFile, train
    >>> config = ModelFile("up", {"source": "sp500", "end": "2002-12-31"}, {"columns": ["return:5", "volatility:20"]},
    ...                    validation={"n_resamples": 99})
    >>> model = train(config)
    >>> model.facts["verdict"]
    'none found'
    """
    asked = config if isinstance(config, ModelFile) else ModelFile.read(config)
    title, data = asked.dataset()
    log = [
        f"{title}: {len(data.frame)} bars from {_day(data.frame.index[0])} to {_day(data.frame.index[-1])}",
        f"{len(data)} rows of {len(data.names)} columns, {data.labels.kind} labels, worth {data.weight.sum():.0f} that are apart",
    ]
    tuner = Tuner(asked.recipe, asked.n_trials, asked.recipe.seed) if asked.n_trials else None
    n_folds = sum(1 for _ in asked.splitter.splits(data.labels))
    evaluation = evaluate(
        asked.recipe, data.features, data.labels, cv=asked.splitter, tune=tuner,
        n_trials=max(asked.n_trials * n_folds, 1) + trials_before, n_resamples=asked.n_resamples, seed=asked.recipe.seed,
        shuffle=shuffle, title=f"{asked.name}: {title}", step=step,
        workers=workers, kept=kept)  # fmt: skip
    log.append(f"{n_folds} outer trainings, {evaluation.n_rows} rows tested: {evaluation.verdict}")
    whole = data if shuffle is None else data.shuffled(shuffle)
    predictor, recipe = one_training(asked.recipe, whole, np.arange(len(whole)), tuner, kept)
    if tuner is not None:
        log.append(f"{tuner.count} trials; for all rows: {dict(recipe.parameters)}")
    log.append(f"model of all {len(whole)} rows: {recipe.kind}, calibration {recipe.calibration}, switching {recipe.switching}")
    facts = _facts(title, whole, shuffle) | {
        "verdict": evaluation.verdict, "n_trials": evaluation.n_trials,
        "log_loss_gain": asdict(evaluation.figures["log_loss_gain"]),
        "log_loss": evaluation.figures["log_loss"].value, "auc": plain(evaluation.figures["auc"].value),
        "trials_before": trials_before, **_reference(evaluation),
    }  # fmt: skip
    origin = data.frame.index[0].date()
    return TrainedModel(asked, recipe, predictor, origin, facts, tuple(log), evaluation, tuner.history if tuner else [])


def _facts(title: str, data: Dataset, shuffle: int | None) -> dict[str, Any]:
    X = data.X
    shares = np.linspace(0.0, 1.0, QUANTILES)
    return {
        "title": title, "rows": len(data), "columns": data.names, "first": _day(data.labels.times[0]),
        "last": _day(data.labels.times[-1]), "trained_until": _day(data.frame.index[int(data.labels.t1.max())]),
        "data_digest": data.digest, "features_digest": data.features.spec.digest,
        "shuffled": shuffle, "regimes_at_all": data.features.answer, "base_rate": float(data.y.mean()),
        "versions": versions(),
        "memory": {name: memory(X[:, j]) for j, name in enumerate(data.names)},
        "reference": {name: np.quantile(X[:, j], shares).tolist() for j, name in enumerate(data.names)},
    }  # fmt: skip


def _reference(evaluation: Evaluation) -> dict[str, Any]:
    """What a model in use is held against: its losses out of fold, and how long its rule stood still."""
    table = evaluation.table
    losses = log_losses(table["y"].to_numpy(), table["probability"].to_numpy())
    position, moved = (table[name].to_numpy() for name in ("position", "next"))
    got = (position * moved)[np.isfinite(moved)]
    return {
        "oof_log_losses": losses.round(9).tolist(), "oof_returns": got.round(9).tolist(),
        "accuracy": evaluation.figures["accuracy"].value, "longest_quiet": inactivity(position, position)[1],
    }  # fmt: skip


def _day(time: Any) -> str:
    return str(time)[:10]
