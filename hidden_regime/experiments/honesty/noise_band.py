"""What the probability of backtest overfitting is on pure noise of the same shape: the band that belongs beside it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from hidden_regime.exceptions import ParameterError
from hidden_regime.experiments.checks import number, whole
from hidden_regime.experiments.honesty.overfitting import checked_blocks, out_of_sample_ranks, share_overfitted
from hidden_regime.kernels.results import Floats


@dataclass(frozen=True, eq=False)
class NoiseBand:
    """PBO of panels without any skill.

    Attributes
    ----------
    low, high : float
        The quantiles that were asked for.
    mean, sd : float
    values : (n_panels,)
        In rising order.
    correlation : float
        Of each two trials of a panel.
    """

    low: float
    high: float
    mean: float
    sd: float
    values: Floats
    correlation: float

    def share_up_to(self, value: float) -> float:
        """Share of the panels of noise whose PBO is at most this: how easily luck alone has it."""
        return float((self.values <= value).mean())

    def __repr__(self) -> str:
        return f"<NoiseBand: {self.low:.2f} to {self.high:.2f}, mean {self.mean:.2f}, of {len(self.values)} panels of noise>"


def pbo_noise_band(
    n_days: int,
    n_trials: int,
    *,
    n_blocks: int = 16,
    correlation: float = 0.0,
    n_panels: int = 200,
    seed: int = 0,
    quantiles: tuple[float, float] = (0.05, 0.95),
) -> NoiseBand:
    """The band of PBO that pure noise of that shape gives.

    Parameters
    ----------
    n_days, n_trials, n_blocks : int
        As of the study; see `pbo`.
    correlation : float
        Of each two trials, from 0 to below 1: the study's mean (`effective_trials`).
    n_panels : int
        Panels of noise.
    seed : int
        The same seed has the same band. A panel depends on the seed and its number alone.
    quantiles : two floats
        Of the band.

    Notes
    -----
    A panel is drawn as sums of blocks, which is all PBO sees. A day's returns are sqrt(c) f + sqrt(1 - c) e with a common f, so
    that a block's sums are normal, and the squares about its mean sum to (sqrt(c) F + sqrt(1 - c) g)^2 + (1 - c) h: g normal,
    h chi-squared with n - 2 degrees of freedom, and F^2, which all trials share, chi-squared with n - 1.

    Examples
    --------
    >>> pbo_noise_band(1000, 50, n_blocks=8)
    <NoiseBand: 0.20 to 0.81, mean 0.50, of 200 panels of noise>
    """
    whole("n_days", n_days, "an integer of at least 4", low=4)
    whole("n_trials", n_trials, "an integer of at least 2", low=2)
    whole("n_panels", n_panels, "an integer of at least 1")
    whole("seed", seed, "an integer of at least 0", low=0)
    n_blocks = checked_blocks(n_blocks, n_days, n_trials)
    if number("correlation", correlation, "a number from 0 to below 1", low=0.0) >= 1.0:
        raise ParameterError("correlation", correlation, "a number from 0 to below 1")
    low, high = quantiles
    if not 0.0 <= low <= high <= 1.0:
        raise ParameterError("quantiles", quantiles, "two numbers from 0 to 1, the lower one first")
    length = n_days // n_blocks
    values = np.empty(n_panels)
    for i in range(n_panels):
        sums = _noise(np.random.default_rng([seed, i]), n_blocks, length, n_trials, float(correlation))
        values[i] = share_overfitted(out_of_sample_ranks(sums, length), n_trials)
    values.sort()
    ends = np.quantile(values, [low, high])
    return NoiseBand(float(ends[0]), float(ends[1]), float(values.mean()), float(values.std()), values, float(correlation))


def _noise(rng: np.random.Generator, n_blocks: int, length: int, n_trials: int, correlation: float) -> Floats:
    """Sums of returns and of squares of each block, (n_blocks, 2, n_trials)."""
    common, own = math.sqrt(correlation), math.sqrt(1.0 - correlation)
    total = math.sqrt(length) * (common * rng.normal(size=(n_blocks, 1)) + own * rng.normal(size=(n_blocks, n_trials)))
    shared = np.sqrt(rng.chisquare(length - 1, (n_blocks, 1)))
    along = rng.normal(size=(n_blocks, n_trials))
    across = rng.chisquare(length - 2, (n_blocks, n_trials)) if length > 2 else 0.0
    away = (common * shared + own * along) ** 2 + own**2 * across
    return np.stack([total, away + total**2 / length], axis=1)
