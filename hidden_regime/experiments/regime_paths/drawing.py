"""Days drawn from a model of paths."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from hidden_regime import kernels
from hidden_regime.experiments.checks import whole
from hidden_regime.experiments.regime_paths.model import PathModel
from hidden_regime.experiments.regime_paths.ranges import Truths, bars_with
from hidden_regime.kernels.results import Floats, Integers
from hidden_regime.models.chain import sample_paths


class Drawn(NamedTuple):
    """Days of one path.

    Attributes
    ----------
    states : (n_days,)
        By their places in the model.
    places : (n_days,)
        Days of the pool: those that are drawn, or of one asset those that night and volume are taken from.
    logs : (n_assets, n_days, 4)
        Logarithms of open, high, low and close over the close before.
    volumes : (n_assets, n_days)
        Over the usual volume.
    clipped : (n_days,) of bool
        Days of one asset whose body didn't fit into their range, so that the night took the rest.
    """

    states: Integers
    places: Integers
    logs: Floats
    volumes: Floats
    clipped: Truths


def draw(model: PathModel, number: int, *, seed: int = 0, n_days: int | None = None) -> Drawn:
    """Draw one path.

    States follow the chain. Of one asset each day's return and range come from its state's density; the night follows the return
    by that state's line, with what a day of the past had beyond it. Of several assets each day is a whole day of the past, all
    assets together, drawn with the probability of its having been in that state: so they move together as they did.

    Parameters
    ----------
    model : PathModel
    number : int
        Which path, from 0. It depends on the seed and this alone.
    seed : int
    n_days : int, optional
        Instead of the model's days.
    """
    whole("number", number, "a whole number of at least 0", low=0)
    whole("seed", seed, "a whole number of at least 0", low=0)
    rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(number,)))
    n = len(model.days) if n_days is None else whole("n_days", n_days, "a whole number above 0")
    if not model.has_density:
        p = model.parameters
        states = kernels.sample_states(p.startprob, p.transmat, rng.random((1, n)))[0]
        places = past_days(model.smoothed, states, rng.random(n))
        return Drawn(states, places, model.logs[:, places], model.volumes[:, places], np.zeros(n, np.bool_))
    found, drawn = sample_paths(model.parameters, 1, n, rng)
    x, states = found[0], drawn[0]
    places = past_days(model.smoothed, states, rng.random(n))
    level, slope = model.nights[states].T
    past = model.logs[0, places]
    nights = level + slope * x[:, 0] + (past[:, 0] - (level + slope * past[:, 3]))
    logs, clipped = bars_with(x[:, 0], x[:, 1], nights, rng.random(n))
    return Drawn(states, places, logs[None], model.volumes[:, places], clipped)


def past_days(smoothed: Floats, states: Integers, uniforms: Floats) -> Integers:
    """Days of the past, each with the probability of its having been in a state, (n_days,)."""
    out = np.empty(len(states), np.int64)
    for state in np.unique(states):
        sums = np.cumsum(smoothed[:, state])
        here = states == state
        out[here] = np.minimum(np.searchsorted(sums, uniforms[here] * sums[-1], side="right"), len(sums) - 1)
    return out
