"""Several tests at once: among twenty of them one is below 0.05 by luck."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from hidden_regime.exceptions import ParameterError
from hidden_regime.experiments.checks import finite
from hidden_regime.kernels.results import Floats


def holm(p_values: npt.ArrayLike) -> Floats:
    """Holm's adjusted p values: the chance that even one of those below a level is there by luck is at most that level.

    The k-th smallest of m is multiplied by m - k + 1; none is below one before it, or above 1.

    Parameters
    ----------
    p_values : (n_tests,)

    Returns
    -------
    (n_tests,)
        In the same order.

    References
    ----------
    Holm (1979), A simple sequentially rejective multiple test procedure, Scandinavian Journal of Statistics 6.

    Examples
    --------
    >>> holm([0.01, 0.04, 0.03]).round(2).tolist()
    [0.03, 0.06, 0.06]
    """
    p = finite(p_values, "p_values", 1, "p values, in one dimension")
    if ((p < 0.0) | (p > 1.0)).any():
        raise ParameterError("p_values", p_values, "numbers from 0 to 1")
    order = np.argsort(p, kind="stable")
    out = np.empty(len(p))
    out[order] = np.minimum(np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1)), 1.0)
    return out
