"""How often tests of two Sharpe ratios find a difference where there is none: pairs of equal ones, with autocorrelated days."""

from __future__ import annotations

import math
from importlib.metadata import version

import numpy as np
import numpy.typing as npt
from scipy.signal import lfilter

from hidden_regime.experiments.honesty import paired_t_test, return_moments, sharpe_difference, sharpe_difference_bootstrap
from hidden_regime.experiments.honesty.resampling import stationary_draws

PAIRS, RESAMPLES, LEVEL = 400, 500, 0.05
LENGTHS, AUTOCORRELATIONS, CORRELATION = (500, 1000), (0.0, 0.2, 0.4), 0.6
SHARPE, DEVIATIONS = 0.05, (0.01, 0.013)
"""Of a day; a Sharpe ratio of .8 a year."""
BOUNDS = (3.0, 8.0)
TESTS = ("bootstrap", "not studentised", "Memmel", "t-test")
Floats = npt.NDArray[np.float64]


def main(quick: bool = False) -> None:
    """Print rejections in percent of pairs, by each test."""
    count = 100 if quick else PAIRS
    error = 100.0 * math.sqrt(LEVEL * (1.0 - LEVEL) / count)
    print(f"scipy {version('scipy')}, arch {version('arch')}; {count} pairs of equal Sharpe ratios, correlation {CORRELATION}")
    print(f"rejected at {LEVEL:.0%}, in percent of pairs; the standard error of a right test is {error:.1f}")
    print("   days  phi" + "".join(f"{name:>17}" for name in TESTS))
    sums = np.zeros(len(TESTS))
    for length in LENGTHS:
        for phi in AUTOCORRELATIONS:
            found = rejections(length, phi, count)
            sums += found
            print(f"  {length:>5}  {phi:.1f}" + "".join(f"{value:>17.1f}" for value in found), flush=True)
    means = sums / (len(LENGTHS) * len(AUTOCORRELATIONS))
    low, high = BOUNDS
    print("    all     " + "".join(f"{value:>17.1f}" for value in means) + f"  (goal of the first {low:.0f} to {high:.0f})")


def rejections(length: int, phi: float, count: int) -> Floats:
    """Percent of pairs that each test calls different."""
    rng = np.random.default_rng([length, round(100 * phi)])
    found = np.zeros(len(TESTS))
    for seed in range(count):
        x, y = equal_pair(rng, length, phi)
        ours = sharpe_difference_bootstrap(x, y, n_resamples=RESAMPLES, seed=seed)
        plain = _not_studentised(x, y, ours.block, seed)
        scale = np.std(x) / np.std(y)  # of one deviation equal Sharpe ratios are equal means, which is what the t-test tests
        p = (ours.p, plain, sharpe_difference(x, y).p, paired_t_test(x, scale * y).p)
        found += np.array(p) <= LEVEL
    return 100.0 * found / count


def equal_pair(rng: np.random.Generator, length: int, phi: float) -> tuple[Floats, Floats]:
    """Returns of two strategies of equal Sharpe ratios and different deviations, each an AR(1), (length,) each."""
    warm = 100
    shocks = rng.standard_normal((warm + length, 2))
    shocks[:, 1] = CORRELATION * shocks[:, 0] + math.sqrt(1.0 - CORRELATION**2) * shocks[:, 1]
    both = lfilter([1.0], [1.0, -phi], shocks, axis=0)[warm:] * math.sqrt(1.0 - phi**2)
    returns = (both + SHARPE) * np.array(DEVIATIONS)
    return returns[:, 0], returns[:, 1]


def _not_studentised(x: Floats, y: Floats, block: float, seed: int) -> float:
    """p of differences as they are: what dividing each by its own error changes."""
    d = return_moments(x).sharpe - return_moments(y).sharpe
    both = np.stack([x, y])
    more = 0
    for places in stationary_draws(len(x), block, RESAMPLES, seed):
        again = both[:, places]
        ratios = again.mean(axis=1) / again.std(axis=1, ddof=1)
        more += abs(ratios[0] - ratios[1] - d) >= abs(d)
    return (1 + more) / (RESAMPLES + 1)
