"""Paths of returns drawn again, in pieces that keep memory flat."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from typing import NamedTuple

import numpy as np

from hidden_regime.experiments.honesty.resampling import stationary_draws
from hidden_regime.experiments.simulation.figures import NAMES, curves_of, figures_of, sampled_steps
from hidden_regime.kernels.results import Floats, Integers

CELLS = 1 << 19
"""Numbers of a piece."""
Progress = Callable[[int, int], None]


class Drawn(NamedTuple):
    """What is kept of the paths.

    Attributes
    ----------
    figures : dict of str to (n_paths,)
    steps : (n_sampled,)
        At which curves are kept.
    curves : (n_paths, n_sampled)
    """

    figures: dict[str, Floats]
    steps: Integers
    curves: Floats


def places_of(n_obs: int, n_steps: int, block: float, n_paths: int, seed: int) -> Iterator[Integers]:
    """Places of the steps of each path, (n_steps,) each: a stationary bootstrap of any length.

    Longer paths are drawn from the observations in so many rows one after the other. Blocks that leave one enter the next, so
    that of places it is the same bootstrap.
    """
    rows = -(-n_steps // n_obs)
    for places in stationary_draws(rows * n_obs, block, n_paths, seed):
        yield places[:n_steps] % n_obs


def draw(returns: Floats, n_steps: int, block: float, n_paths: int, seed: int, per_year: float,
         progress: Progress | None = None) -> Drawn:  # fmt: skip
    """Draw paths and keep their figures, and their curves at some steps.

    Parameters
    ----------
    returns : (n_obs,)
    n_steps : int
        Of each path.
    block : float
        Mean length of blocks.
    n_paths, seed : int
        Path i is the same whatever the count.
    per_year : float
        Steps of a year.
    progress : callable, optional
        Told how many of how many paths are done.
    """
    steps = sampled_steps(n_steps)
    kept = np.empty((n_paths, len(steps)))
    figures = {name: np.empty(n_paths) for name in NAMES}
    rows = max(1, CELLS // (n_steps + 1))
    draws = places_of(len(returns), n_steps, block, n_paths, seed)
    done = 0
    while done < n_paths:
        curves = curves_of(returns[np.stack(list(islice(draws, rows)))])
        until = done + len(curves)
        kept[done:until] = curves[:, steps]
        for name, values in figures_of(curves, per_year).named().items():
            figures[name][done:until] = values
        done = until
        if progress is not None:
            progress(done, n_paths)
    return Drawn(figures, steps, kept)


def kept_of(curves: Floats, per_year: float) -> Drawn:
    """The same of curves that are there, (n_paths, n_steps + 1), from 1."""
    steps = sampled_steps(curves.shape[1] - 1)
    figures = {name: np.asarray(values, np.float64) for name, values in figures_of(curves, per_year).named().items()}
    return Drawn(figures, steps, np.ascontiguousarray(curves[:, steps]))
