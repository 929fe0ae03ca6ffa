"""The numerical kernels: arrays in, named tuples out. The backend is chosen in `backends` and nowhere else.

`reference` has the filter's and the smoother's recursions in a few lines of NumPy; `call.Call` is what a backend is handed.
"""

from hidden_regime.kernels.backends import arithmetic, available, backend, using
from hidden_regime.kernels.call import COVARIANCES
from hidden_regime.kernels.following import can_follow, follow, follow_bar, observe, places
from hidden_regime.kernels.functions import (
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
    step,
    tails,
)
from hidden_regime.kernels.results import Decoded, Filtered, Fit, Prior, Smoothed, Step

VERSION = 5
"""Raised whenever a kernel may answer differently; part of every cache key."""

__all__ = [
    "COVARIANCES",
    "VERSION",
    "Decoded",
    "Filtered",
    "Fit",
    "Prior",
    "Smoothed",
    "Step",
    "arithmetic",
    "available",
    "backend",
    "can_follow",
    "decode_densities",
    "filter",
    "filter_densities",
    "fit",
    "follow",
    "follow_bar",
    "no_prior",
    "observe",
    "overlaps",
    "places",
    "sample_states",
    "smooth",
    "smooth_densities",
    "smooth_where_possible",
    "step",
    "tails",
    "using",
]
