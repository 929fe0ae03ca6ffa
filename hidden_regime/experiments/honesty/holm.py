"""Several tests at once: what is left of each p when all of them may speak."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from hidden_regime.exceptions import ParameterError
from hidden_regime.experiments.checks import finite
from hidden_regime.kernels.results import Floats


def holm(p: npt.ArrayLike) -> Floats:
    """p-values adjusted for being several, by Holm's step-down rule: at most 5 of 100 families have one below 0.05 by luck.

    In rising order the i-th of m is multiplied by m - i + 1, and none is below the one before it.

    Parameters
    ----------
    p : (n_tests,)

    Returns
    -------
    (n_tests,)

    References
    ----------
    Holm (1979), A simple sequentially rejective multiple test procedure, Scandinavian Journal of Statistics 6.

    Examples
    --------
    >>> holm([0.01, 0.04, 0.03]).round(2).tolist()
    [0.03, 0.06, 0.06]
    """
    x = finite(p, "p", 1, "p-values, in one dimension")
    if len(x) and (x.min() < 0.0 or x.max() > 1.0):
        raise ParameterError("p", p, "p-values between 0 and 1")
    order = np.argsort(x, kind="stable")
    out = np.empty(len(x))
    out[order] = np.minimum(np.maximum.accumulate(x[order] * np.arange(len(x), 0, -1)), 1.0)
    return out
