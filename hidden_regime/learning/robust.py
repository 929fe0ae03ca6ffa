"""Robustness: train and test again and again on stretches of the data, and look how far apart the answers are."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from hidden_regime.exceptions import DataError, ParameterError
from hidden_regime.experiments.checks import number, whole
from hidden_regime.experiments.folders import plain, to_json
from hidden_regime.experiments.honesty.resampling import stationary_draws
from hidden_regime.experiments.workers import Workers
from hidden_regime.learning.crossing import one_fold
from hidden_regime.learning.dataset import FEWEST, Dataset
from hidden_regime.learning.evaluation.baselines import next_returns
from hidden_regime.learning.evaluation.bootstrap import usual_block
from hidden_regime.learning.evaluation.figures import auc, log_losses
from hidden_regime.learning.model_file import ModelFile
from hidden_regime.learning.models.fitting import Recipe
from hidden_regime.learning.splits.base import Split
from hidden_regime.regimes.statistics import days_per_year

if TYPE_CHECKING:
    import pandas as pd

    from hidden_regime.kernels.results import Floats

SCHEMA = "hidden-regime/robustness/1"
SHORTEST = 0.5
"""Share of the rows that a stretch has at least."""
TOGETHER = 20
"""Runs that a process has at a time: the data set goes there once for them."""
SHOWN = ("sharpe", "hold_sharpe", "difference", "drawdown", "hit_rate", "auc", "log_loss_gain")
Step = Callable[[int, int], None]


@dataclass(frozen=True, repr=False)
class Robustness:
    """Runs of a robustness check.

    Attributes
    ----------
    title : str
    asked : dict
    runs : DataFrame
        A row a run: its stretch, rows, and figures. Sharpe ratios are of a year; one that was never in the market has none.
    """

    title: str
    asked: dict[str, Any]
    runs: pd.DataFrame

    def __repr__(self) -> str:
        middle, low, high = self.interval("sharpe")
        return f"Robustness({self.title!r}: {self.verdict}, {len(self.runs)} runs, Sharpe {middle:.2f} ({low:.2f} to {high:.2f}))"

    def interval(self, name: str) -> tuple[float, float, float]:
        """Median of a figure over the runs, and the middle 95% of them."""
        values = self.runs[name].dropna().to_numpy(dtype=float)
        if not len(values):
            return math.nan, math.nan, math.nan
        low, middle, high = np.quantile(values, [0.025, 0.5, 0.975]).tolist()
        return middle, low, high

    @property
    def verdict(self) -> str:
        """One of "robust", "fragile" and "undecided": the middle 95% of the runs' Sharpe ratios, and of what they are above
        holding's, lie above 0; those of either lie below; or neither."""
        ratio, against = self.interval("sharpe"), self.interval("difference")
        if ratio[1] > 0.0 and against[1] > 0.0:
            return "robust"
        return "fragile" if ratio[2] < 0.0 or against[2] < 0.0 else "undecided"

    def to_dict(self) -> dict[str, Any]:
        """As what JSON can hold, runs and all."""
        figures = {name: dict(zip(("median", "low", "high"), self.interval(name), strict=True)) for name in SHOWN}
        whole = {
            "schema": SCHEMA, "title": self.title, "asked": self.asked, "verdict": self.verdict, "figures": figures,
            "runs": self.runs.to_dict("list"),
        }  # fmt: skip
        told: dict[str, Any] = plain(whole)
        return told

    def to_json(self) -> str:
        """As a file."""
        return to_json(self.to_dict())

    def to_html(self) -> str:
        """The page, which opens without a network."""
        from hidden_regime.learning.evaluation.robustness_page import robustness_page

        return robustness_page(self)


def robustness(
    config: ModelFile | str | Path, n_runs: int = 500, seed: int = 0, *, train: float = 0.6, shuffle: int | None = None,
    workers: int | None = 1, step: Step | None = None,
) -> Robustness:  # fmt: skip
    """Train and test a question on random stretches of its data, and resample what each test earns.

    Each run draws a stretch of at least half of the rows, trains on the first `train` of it, lets go of labels that have not
    ended, predicts the rest, and draws the days of that rest again in blocks: so runs differ by what was trained on, by what was
    tested, and by luck.

    Parameters
    ----------
    config : ModelFile or path
    n_runs, seed : int
        The same seed has the same runs, whatever the workers; more runs begin with those of fewer.
    train : float
        Share of a stretch that trains.
    shuffle : int, optional
        Deal the labels to other rows first.
    workers : int, optional
        Processes; default here: one, in this one.
    step : callable, optional
        Told of each run that is done.

    Returns
    -------
    Robustness

    Raises
    ------
    RegimeError
    """
    asked = config if isinstance(config, ModelFile) else ModelFile.read(config)
    title, data = asked.dataset()
    if shuffle is not None:
        data = data.shuffled(shuffle)
    return resample(
        asked.recipe, data, n_runs, seed, train=train, workers=workers, step=step, title=f"{asked.name}: {title}",
        told={"config": asked.to_dict(), "shuffled": shuffle})  # fmt: skip


def resample(
    recipe: Recipe, data: Dataset, n_runs: int = 500, seed: int = 0, *, train: float = 0.6, workers: int | None = 1,
    step: Step | None = None, title: str = "", told: dict[str, Any] | None = None,
) -> Robustness:  # fmt: skip
    """As `robustness`, of a recipe and a data set."""
    import pandas as pd

    whole("n_runs", n_runs, "a number of runs of at least 1")
    whole("seed", seed, "a whole number of at least 0", low=0)
    if not 0.1 <= number("train", train, "a share from 0.1 to 0.9") <= 0.9:
        raise ParameterError("train", train, "a share from 0.1 to 0.9")
    if len(data) < 2 * FEWEST:
        raise DataError(f"{len(data)} rows: expected at least {2 * FEWEST} to draw stretches of.")
    moved = next_returns(data)
    block = usual_block(data.labels.t1 - data.labels.t0, len(data))
    run = partial(_run, recipe=recipe, data=data, moved=moved, seed=seed, train=train, block=block)
    hands = Workers(workers)
    several = 1 if hands.count == 1 else TOGETHER
    bunches = [range(i, min(i + several, n_runs)) for i in range(0, n_runs, several)]
    rows: list[dict[str, Any]] = []
    for found in hands.map(partial(_runs, run=run), bunches, _lost):
        rows += found
        if step is not None:
            step(len(rows), n_runs)
    asked = {
        "recipe": recipe.to_dict(), "n_runs": n_runs, "seed": seed, "train": train, "block": block, "shortest": SHORTEST,
        "rows": len(data), "data": data.digest, **(told or {}),
    }  # fmt: skip
    return Robustness(title or recipe.kind, asked, pd.DataFrame(rows))


def stretch(n: int, number: int, seed: int) -> tuple[int, int]:
    """First row and number of rows of a run's stretch."""
    rng = np.random.default_rng([seed, number])
    least = max(int(SHORTEST * n), 2)
    length = int(rng.integers(least, n + 1))
    return int(rng.integers(0, n - length + 1)), length


def _run(number: int, *, recipe: Recipe, data: Dataset, moved: Floats, seed: int, train: float, block: float) -> dict[str, Any]:
    begin, length = stretch(len(data), number, seed)
    edge = begin + round(length * train)
    test = np.arange(edge, begin + length)
    rows = np.arange(begin, edge)
    rows = rows[data.labels.t1[rows] < data.labels.t0[edge]]
    fold = one_fold(recipe, data, Split(rows, test, edge - begin - len(rows)))
    drawn = next(iter(stationary_draws(len(test), min(block, len(test)), 1, seed * 1_000_003 + number)))
    returns = moved[test][drawn]
    known = np.isfinite(returns)
    position = (fold.probability[drawn] > 0.5).astype(float)[known]
    held = returns[known]
    got = position * held
    y, p, prior = data.y[test][drawn], fold.probability[drawn], fold.prior[drawn]
    curve = np.cumprod(1.0 + got)
    year = math.sqrt(days_per_year(data.labels.times))
    own, hold = _sharpe(got) * year, _sharpe(held) * year
    return {
        "run": number, "first": str(data.labels.times[begin])[:10], "tested_from": str(data.labels.times[edge])[:10],
        "last": str(data.labels.times[begin + length - 1])[:10], "train_rows": len(rows), "test_rows": len(test),
        "sharpe": own, "hold_sharpe": hold, "difference": own - hold,
        "drawdown": float((1.0 - curve / np.maximum.accumulate(np.maximum(curve, 1.0))).max(initial=0.0)),
        "hit_rate": float((got[position > 0.0] > 0.0).mean()) if position.any() else math.nan,
        "exposure": float(position.mean()), "auc": auc(y, p),
        "log_loss_gain": float((log_losses(y, prior) - log_losses(y, p)).mean()),
    }  # fmt: skip


def _runs(numbers: range, *, run: Callable[[int], dict[str, Any]]) -> list[dict[str, Any]]:
    return [run(number) for number in numbers]


def _lost(numbers: range) -> list[dict[str, Any]]:
    raise DataError(f"runs from {numbers.start} on: their process died twice. Take fewer workers.")


def _sharpe(returns: Floats) -> float:
    """Of a bar."""
    spread = float(returns.std(ddof=1)) if len(returns) > 1 else 0.0
    return float(returns.mean()) / spread if spread > 1e-12 else math.nan
