"""Paths of bars, drawn of the model: path i depends on the seed and on i alone."""

from __future__ import annotations

import numpy as np

from hidden_regime import kernels
from hidden_regime.experiments.regime_paths.model import PathModel
from hidden_regime.kernels.results import Floats, Integers
from hidden_regime.regimes.bar_paths import bar_paths
from hidden_regime.regimes.return_paths import ReturnPaths


def draw(model: PathModel, n_days: int, seed: int, number: int = 0) -> tuple[Floats, Floats, Integers]:
    """A path of days.

    States follow the chain. Of one asset, return and log range of a day are drawn from the state's density, and
    `hidden_regime.regimes.bar_paths` makes the bar that has them. Of several, a whole day of history is drawn with the
    probability that it was of that state, so that assets move together as they did.

    Parameters
    ----------
    model : PathModel
    n_days : int
    seed, number : int
        The same two draw the same path, however many there are.

    Returns
    -------
    bars : (n_days, n_assets, 4)
        Logarithms of open, high, low and close over the close before.
    volumes : (n_days, n_assets)
        Over their median.
    states : (n_days,)
    """
    rng = np.random.default_rng([seed, number])
    states = kernels.sample_states(model.startprob, model.transmat, rng.random((1, n_days)))[0]
    if model.is_parametric:
        return *_of_density(model, states, rng), states
    days = _of_history(model, states, rng)
    return model.bars[days], model.volumes[days], states


def _of_density(model: PathModel, states: Integers, rng: np.random.Generator) -> tuple[Floats, Floats]:
    normal = rng.standard_normal((len(states), 2))
    roots = np.linalg.cholesky(model.covars)
    drawn = model.means[states] + np.einsum("nij,nj->ni", roots[states], normal)
    deviations = np.sqrt(model.covars[states, 0, 0])
    paths = ReturnPaths(drawn[None, :, 0], states[None], deviations[None], drawn[None, :, 1])
    names = [str(k) for k in range(model.n_states)]
    # What was drawn is what a detector sees again.
    made = bar_paths(paths, 1.0, model.night, rng, names=names, keep_ranges=True)
    closes = np.log(made.close[0])
    before = np.concatenate([[0.0], closes[:-1]])
    bars = np.stack([np.log(column[0]) - before for column in (made.open, made.high, made.low, made.close)], 1)
    volumes = model.volumes[_of_history(model, states, rng)]
    return bars[:, None, :], volumes


def _of_history(model: PathModel, states: Integers, rng: np.random.Generator) -> Integers:
    """Places of days, each drawn with the probability that it was of the state."""
    ranks = rng.random(len(states))
    days = np.zeros(len(states), dtype=np.int64)
    for state in range(model.n_states):
        of_state = states == state
        if of_state.any():
            edges = np.cumsum(model.posteriors[:, state])
            days[of_state] = np.searchsorted(edges, ranks[of_state] * edges[-1], side="right")
    return np.minimum(days, len(model.days) - 1)
