"""The numerical kernels: arrays in, named tuples out. The backend is chosen here and nowhere else."""

from hidden_regime.kernels.functions import decode, filter, fit, no_prior, smooth, statistics, step
from hidden_regime.kernels.results import Decoded, Filtered, Fit, Prior, Smoothed, Statistics, Step

VERSION = 1
"""Raised whenever a kernel may answer differently; part of every cache key."""


def backend() -> str:
    """Name of the backend that serves the kernels."""
    return "numba"


__all__ = [
    "VERSION",
    "Decoded",
    "Filtered",
    "Fit",
    "Prior",
    "Smoothed",
    "Statistics",
    "Step",
    "backend",
    "decode",
    "filter",
    "fit",
    "no_prior",
    "smooth",
    "statistics",
    "step",
]
