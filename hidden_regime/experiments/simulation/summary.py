"""What many paths say: a fan, quantiles and probabilities, each with what the number of paths leaves open."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from hidden_regime.experiments.simulation.figures import BY_LENGTH, NAMES
from hidden_regime.kernels.results import Floats

LEVELS = (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99)


@dataclass(frozen=True)
class Fan:
    """Quantiles of the curves over time; they are exact at the steps that are kept.

    Attributes
    ----------
    steps : tuple of int
        Days or trades from the start.
    levels : tuple of float
    values : tuple of tuple of float
        Of each level the quantile at each step; the start is 1.
    source : tuple of float or None
        The source's own curve at the same steps, None after its end.
    """

    steps: tuple[int, ...]
    levels: tuple[float, ...]
    values: tuple[tuple[float, ...], ...]
    source: tuple[float | None, ...]

    @classmethod
    def from_dict(cls, told: dict[str, Any]) -> Fan:
        """What JSON holds of it."""
        return cls(tuple(told["steps"]), tuple(told["levels"]), tuple(map(tuple, told["values"])), tuple(told["source"]))


@dataclass(frozen=True)
class Figure:
    """One figure over all paths.

    Attributes
    ----------
    name : str
    n : int
        Paths that have it: what never varies has no Sharpe ratio.
    mean : float or None
    quantiles : tuple of float
        At `LEVELS`; empty where no path has the figure.
    errors : tuple of float
        Their Monte Carlo standard errors: half the distance between the order statistics one binomial deviation below and above.
    source : float or None
        The source's own.
    place : float or None
        Share of paths below the source, ties by half; None where paths have another length and the figure grows with it.
    """

    name: str
    n: int
    mean: float | None
    quantiles: tuple[float, ...]
    errors: tuple[float, ...]
    source: float | None
    place: float | None

    def at(self, level: float) -> float | None:
        """The quantile at one of the levels."""
        return self.quantiles[LEVELS.index(level)] if self.quantiles else None


@dataclass(frozen=True)
class Probability:
    """Share of paths on which something happened.

    Attributes
    ----------
    what : "loss", "ruin", "drawdown" or "benchmark"
        The end below the start; any close below `level` of the start; a drawdown of at least `level`; a total return above the
        benchmark's on the same path.
    level : float or None
    count, n : int
        Paths on which it happened, and all.
    value : float
    se : float
        Monte Carlo standard error, sqrt(p (1 - p) / n).
    """

    what: str
    level: float | None
    count: int
    n: int
    value: float
    se: float

    @property
    def bound(self) -> float | None:
        """Where it never or always happened: how far from 0 or 1 it still may be, with 95% confidence; 3 / n."""
        return min(1.0, 3.0 / self.n) if self.count in (0, self.n) else None


def share(what: str, level: float | None, happened: Any) -> Probability:
    """Of the paths on which it happened, (n_paths,) of bool."""
    n, count = len(happened), int(np.sum(happened))
    p = count / n
    return Probability(what, level, count, n, p, math.sqrt(p * (1.0 - p) / n))


def figure_of(name: str, values: Floats, source: float | None, *, same_length: bool) -> Figure:
    """A figure of all paths, (n_paths,) with NaN where a path has none."""
    have = np.sort(values[np.isfinite(values)])
    n = len(have)
    own = None if source is None or not math.isfinite(source) else float(source)
    if not n:
        return Figure(name, 0, None, (), (), own, None)
    quantiles = tuple(float(q) for q in np.quantile(have, LEVELS))
    place = None
    if own is not None and (same_length or name not in BY_LENGTH):
        place = float((np.searchsorted(have, own, "left") + np.searchsorted(have, own, "right")) / 2.0 / n)
    return Figure(name, n, float(have.mean()), quantiles, tuple(_errors(have)), own, place)


def _errors(have: Floats) -> list[float]:
    n = len(have)
    out = []
    for q in LEVELS:
        spread = math.sqrt(q * (1.0 - q) / n)
        low, high = np.quantile(have, [max(q - spread, 0.0), min(q + spread, 1.0)])
        out.append(float(high - low) / 2.0)
    return out


def figures_summary(table: Any, source: dict[str, float | None], *, same_length: bool) -> tuple[Figure, ...]:
    """Each figure of a table of paths."""
    return tuple(figure_of(name, table[name].to_numpy(np.float64), source.get(name), same_length=same_length) for name in NAMES)


def probabilities_of(table: Any, ruin: float, drawdowns: Sequence[float]) -> tuple[Probability, ...]:
    """What may happen on the paths of a table."""
    lowest, fall = table["lowest"].to_numpy(np.float64), table["drawdown"].to_numpy(np.float64)
    found = [share("loss", None, table["total_return"].to_numpy(np.float64) < 0.0), share("ruin", ruin, lowest < ruin)]
    found += [share("drawdown", level, fall >= level) for level in drawdowns]
    if "benchmark_return" in table:
        held = table["benchmark_return"].to_numpy(np.float64)
        known = np.isfinite(held)
        if known.any():
            found.append(share("benchmark", None, (table["total_return"].to_numpy(np.float64) > held)[known]))
    return tuple(found)


def fan_of(steps: Any, curves: Floats, source: Floats) -> Fan:
    """The fan of curves at their steps, (n_paths, n_sampled), beside the source's own whole curve."""
    values = np.quantile(curves, LEVELS, axis=0)
    own = tuple(float(source[step]) if step < len(source) else None for step in steps)
    return Fan(tuple(int(step) for step in steps), LEVELS, tuple(tuple(map(float, row)) for row in values), own)
