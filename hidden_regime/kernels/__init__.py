"""The numerical kernels: arrays in, named tuples out. The backend is chosen in `choice` and nowhere else."""

from hidden_regime.kernels.choice import arithmetic, available, backend, using
from hidden_regime.kernels.functions import (
    COVARIANCES,
    decode,
    decode_densities,
    filter,
    filter_densities,
    fit,
    no_prior,
    overlaps,
    sample_states,
    smooth,
    smooth_densities,
    smooth_where_possible,
    statistics,
    step,
)
from hidden_regime.kernels.results import Decoded, Filtered, Fit, Prior, Smoothed, Statistics, Step

VERSION = 3
"""Raised whenever a kernel may answer differently; part of every cache key."""

__all__ = [
    "COVARIANCES",
    "VERSION",
    "Decoded",
    "Filtered",
    "Fit",
    "Prior",
    "Smoothed",
    "Statistics",
    "Step",
    "arithmetic",
    "available",
    "backend",
    "decode",
    "decode_densities",
    "filter",
    "filter_densities",
    "fit",
    "no_prior",
    "overlaps",
    "sample_states",
    "smooth",
    "smooth_densities",
    "smooth_where_possible",
    "statistics",
    "step",
    "using",
]
