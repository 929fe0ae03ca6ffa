"""Whether numbers that came from outside make a model. A checksum proves that they arrived, not that they make sense."""

from __future__ import annotations

from typing import Any

import numpy as np

from hidden_regime.models.emissions import emission_named
from hidden_regime.models.parameters import Parameters

LARGEST = 1e150
"""Of means, standard deviations and shapes: the squares of larger ones are no numbers any more. One over it is the smallest
spread."""

ROUNDING = 1e-6
"""By how much a sum of probabilities may miss 1."""


def is_count(value: object, least: int = 0, most: int = 2**53) -> bool:
    """Whether a value is a plain integer in a range; True and 1.0 are none."""
    return type(value) is int and least <= value <= most


def is_number(value: object) -> bool:
    """Whether a value is a finite plain number that a float holds."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) <= 1e308


def are_numbers(value: Any, shape: tuple[int, ...]) -> bool:
    """Whether a value is an array of finite doubles of this shape."""
    return isinstance(value, np.ndarray) and value.dtype == np.float64 and value.shape == shape and bool(np.isfinite(value).all())


def are_probabilities(value: Any, shape: tuple[int, ...]) -> bool:
    """Whether a value is an array of probabilities of this shape that sum to 1 along its last axis."""
    return are_numbers(value, shape) and bool(
        (value >= 0.0).all() and (value <= 2.0).all() and (np.abs(value.sum(axis=-1) - 1.0) <= ROUNDING).all()
    )


def are_covariances(value: Any, shape: tuple[int, ...]) -> bool:
    """Whether a value is an array of symmetric positive definite matrices."""
    if not are_numbers(value, shape) or (np.abs(value) > LARGEST**2).any():
        return False
    variances = np.diagonal(value, axis1=-2, axis2=-1)
    if not ((variances > LARGEST**-2) & (variances < LARGEST**2)).all():
        return False
    sd = np.sqrt(variances)
    with np.errstate(over="ignore"):
        related = value / sd[..., :, None] / sd[..., None, :]
    if not np.isfinite(related).all() or (np.abs(related - np.swapaxes(related, -2, -1)) > ROUNDING).any():
        return False
    try:
        np.linalg.cholesky(value)
    except np.linalg.LinAlgError:
        return False
    return True


def fault(p: Parameters, n_states: int, n_features: int, *, emission: str | None = None) -> str:
    """What keeps some numbers from being a model of this size; nothing if they are one.

    Parameters
    ----------
    p : Parameters
    n_states, n_features : int
    emission : str, optional
        Name of the density that they have to be of; None takes any.
    """
    k, d = n_states, n_features
    if not are_probabilities(p.startprob, (k,)):
        return f"startprob: expected {k} probabilities that sum to 1"
    if not are_probabilities(p.transmat, (k, k)):
        return f"transmat: expected {k} rows of {k} probabilities that sum to 1"
    if not are_numbers(p.means, (k, d)) or (np.abs(p.means) > LARGEST).any():
        return f"means: expected finite numbers of shape ({k}, {d})"
    if not are_covariances(p.covars, (k, d, d)):
        return f"covars: expected positive definite matrices of shape ({k}, {d}, {d})"
    density = p.density if emission is None else emission_named(emission)
    expected = {shape.name: shape for shape in density.shapes}
    if (p.degrees is not None) != ("degrees" in expected):
        return f"degrees: expected {'some' if expected else 'none'} for this emission"
    for name, shape in expected.items():
        value = getattr(p, name)
        if not are_numbers(value, (k,)) or not ((value > shape.above) & (value < LARGEST)).all():
            return f"{name}: expected {k} numbers above {shape.above:g}"
    return "" if p.density is density else f"emission: expected {emission!r}"
