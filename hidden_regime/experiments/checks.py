"""What numbers have to be, with errors that say which one isn't."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from hidden_regime.exceptions import ParameterError
from hidden_regime.kernels.results import Floats


def finite(values: npt.ArrayLike, name: str, dimensions: int, expected: str) -> Floats:
    """As an array of finite floats of that many dimensions, or an error that says what came instead."""
    try:
        x = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise ParameterError(name, values, expected) from None
    if x.ndim != dimensions:
        raise ParameterError(name, values, expected)
    if not np.isfinite(x).all():
        place = tuple(int(i) for i in np.argwhere(~np.isfinite(x))[0])
        at = place[0] if len(place) == 1 else place
        raise ParameterError(
            f"{name}[{at}]", float(x[place]), "a finite number", "A day without a position has the return 0; leave out others."
        )
    return x


def number(name: str, value: float, expected: str, *, low: float = -math.inf, above: float = -math.inf) -> float:
    """A finite number of at least `low` that is above `above`, or an error."""
    good = isinstance(value, (int, float, np.integer, np.floating)) and not isinstance(value, bool)
    if not good or not math.isfinite(value) or value < low or value <= above:
        raise ParameterError(name, value, expected)
    return float(value)


def whole(name: str, value: int, expected: str, *, low: int = 1) -> int:
    """An integer of at least `low`, or an error."""
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < low:
        raise ParameterError(name, value, expected)
    return int(value)
