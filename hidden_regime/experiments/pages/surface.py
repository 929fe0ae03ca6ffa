"""The mean objective over the values of two parameters, for a heat map."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hidden_regime.experiments.analysis import ParameterReport, valued
from hidden_regime.kernels.results import Floats

if TYPE_CHECKING:
    from hidden_regime.experiments.studies.study import Study

MOST = 12
"""Values that stay apart; numbers with more are put into `BINS` bins of equal width."""
BINS = 6


@dataclass(frozen=True, eq=False)
class Axis:
    """Cells along one parameter: their labels, the middle of each where values are binned, and the cell of each value."""

    name: str
    labels: tuple[str, ...]
    places: dict[str, int]
    binned: bool


@dataclass(frozen=True, eq=False)
class Surface:
    """Mean of the objective in each cell.

    Attributes
    ----------
    across, up : Axis
    mean : (n_up, n_across)
        NaN where nothing was tried.
    counts : (n_up, n_across)
        Sets in each cell.
    best : (int, int) or None
        Cell (up, across) of the study's best trial.
    """

    across: Axis
    up: Axis
    mean: Floats
    counts: Floats
    best: tuple[int, int] | None


def surface_of(study: Study, across: ParameterReport, up: ParameterReport) -> Surface:
    """The surface over two parameters, each different set once."""
    trials = [t for t in valued(study) if across.name in t.parameters and up.name in t.parameters]
    axes = [_axis(one, [t.parameters[one.name] for t in trials]) for one in (across, up)]
    shape = len(axes[1].labels), len(axes[0].labels)
    total, counts = np.zeros(shape), np.zeros(shape)
    for trial in trials:
        cell = axes[1].places[trial.parameters[up.name]], axes[0].places[trial.parameters[across.name]]
        total[cell] += (trial.values or (0.0,))[0]
        counts[cell] += 1
    mean = np.full(shape, np.nan)
    np.divide(total, counts, out=mean, where=counts > 0)
    best = None
    if study.best is not None and study.best.parameters.get(across.name) in axes[0].places:
        best = axes[1].places[study.best.parameters[up.name]], axes[0].places[study.best.parameters[across.name]]
    return Surface(axes[0], axes[1], mean, counts, best)


def most_important(parameters: Sequence[ParameterReport]) -> list[ParameterReport]:
    """The two parameters that a heat map is of, of those that vary, the most important first: numbers before texts."""
    return sorted(parameters, key=lambda one: not one.numeric)[:2]


def _axis(one: ParameterReport, texts: Sequence[str]) -> Axis:
    if not one.numeric or len(one.levels) <= MOST:
        values = [level.value for level in one.levels]
        order = {float(v) if one.numeric else v: i for i, v in enumerate(values)}
        return Axis(one.name, tuple(values), {t: order[float(t) if one.numeric else t] for t in texts}, False)
    numbers = np.array([float(text) for text in texts])
    edges = np.linspace(numbers.min(), numbers.max(), BINS + 1)
    places = np.clip(np.searchsorted(edges, numbers, side="right") - 1, 0, BINS - 1)
    labels = tuple(f"{(low + high) / 2:.4g}" for low, high in zip(edges, edges[1:], strict=False))
    return Axis(one.name, labels, dict(zip(texts, places.tolist(), strict=True)), True)
