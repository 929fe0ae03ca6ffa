"""Filters that know how the reference market was made: the chain, and what each regime's returns are.

A return of an asset in regime k is ``beta (m_k + s_k T6) + drift + noise_k T5``, with independent Student-t variables of 6 and
5 degrees of freedom scaled to variance one. The sum's density has no closed form: `density_of_sum` convolves the two on a grid.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from hidden_regime import kernels

MARKET_MEAN, MARKET_SD = np.array([-0.0016, 0.0001, 0.00075]), np.array([0.0210, 0.0095, 0.0060])
DURATION = np.array([45.0, 70.0, 140.0])
EXITS = np.array([[0.0, 0.65, 0.35], [0.4, 0.0, 0.6], [0.3, 0.7, 0.0]])
TRANSMAT = np.diag(1 - 1 / DURATION) + EXITS / DURATION[:, None]
"""Of the worst regime, the middle one and the best, as everything here."""

WILDER = np.array([1.5, 1.0, 1.0])
"""An asset's own noise in each regime, over the usual."""

DEGREES_OF_MARKET, DEGREES_OF_NOISE = 6.0, 5.0
STEP, REACH = 2e-5, 0.4
"""Grid of the convolution: the step is 1/30 of the smallest noise; beyond the reach a density is taken to be that at the end."""


class Asset(NamedTuple):
    """How an asset follows the market."""

    beta: float
    noise: float
    drift: float


ASSETS = {
    "SPY": Asset(1.0, 0.0006, 0.0),
    "QQQ": Asset(1.15, 0.0040, 0.0001),
    "IWM": Asset(1.20, 0.0045, -0.00005),
    "AAPL": Asset(1.25, 0.0130, 0.0006),
}


def unit_t_density(x: np.ndarray, degrees: float, sd: float) -> np.ndarray:
    """Density of a Student-t variable with this standard deviation."""
    scale = sd * math.sqrt((degrees - 2) / degrees)
    log_norm = math.lgamma((degrees + 1) / 2) - math.lgamma(degrees / 2) - 0.5 * math.log(degrees * math.pi) - math.log(scale)
    return np.exp(log_norm - (degrees + 1) / 2 * np.log1p((x / scale) ** 2 / degrees))


def density_of_sum(sd: float, noise: float) -> tuple[np.ndarray, np.ndarray]:
    """Grid, and density there of sd T6 + noise T5: the convolution of both, normalised on the grid."""
    from scipy.signal import fftconvolve

    n = round(REACH / STEP)
    grid = np.arange(-n, n + 1) * STEP
    both = fftconvolve(unit_t_density(grid, DEGREES_OF_MARKET, sd), unit_t_density(grid, DEGREES_OF_NOISE, noise), mode="same")
    return grid, np.maximum(both, 1e-300) / (both.sum() * STEP)


def means_of(asset: Asset) -> np.ndarray:
    """Mean return of each regime."""
    return asset.beta * MARKET_MEAN + asset.drift


def student_densities(returns: np.ndarray, asset: Asset) -> np.ndarray:
    """Log-density of each return in each regime, (n_samples, n_states): the true one, up to the grid."""
    out = np.empty((len(returns), len(MARKET_MEAN)))
    for k, mean in enumerate(means_of(asset)):
        grid, density = density_of_sum(asset.beta * MARKET_SD[k], asset.noise * WILDER[k])
        out[:, k] = np.interp(returns - mean, grid, np.log(density))
    return out


def gaussian_densities(x: np.ndarray, means: np.ndarray, covars: np.ndarray) -> np.ndarray:
    """Normal log-densities, (n_samples, n_states), of x (n_samples, n_features), means (n_states, n_features) and matrices."""
    apart = x[:, None] - means
    distance = np.einsum("tki,kij,tkj->tk", apart, np.linalg.inv(covars), apart)
    return -0.5 * (distance + np.linalg.slogdet(covars)[1] + x.shape[1] * math.log(2 * math.pi))


def own_moments(x: np.ndarray, truth: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and covariance of the observations in each true regime, in hindsight."""
    own = [x[truth == k] for k in range(len(MARKET_MEAN))]
    return np.array([w.mean(axis=0) for w in own]), np.array([np.cov(w.T, bias=True) for w in own])


def filtered(log_densities: np.ndarray) -> np.ndarray:
    """Probabilities of the regimes after each bar, by who knows the chain; (n_samples, n_states) both."""
    n, k = log_densities.shape
    job = np.array([[0, 0, n]])
    return kernels.filter_densities(log_densities[None], job, np.full((1, k), 1 / k), TRANSMAT[None]).filtered[0]
