"""Days drawn again in blocks, so that what depends on its neighbours goes on doing so."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from hidden_regime.exceptions import MissingDependencyError
from hidden_regime.experiments.checks import finite, number, whole
from hidden_regime.kernels.results import Floats


def stationary_draws(n_obs: int, block: float, n_resamples: int, seed: int = 0) -> Iterator[npt.NDArray[np.int64]]:
    """Places of the days of each resample of the stationary bootstrap.

    Blocks begin anywhere, with lengths of a geometric distribution, and go on at the beginning when they reach the end: so a
    resample is as stationary as what it is drawn from.

    Parameters
    ----------
    n_obs : int
    block : float
        Mean length of a block in days, at least 1; 1 draws single days.
    n_resamples, seed : int

    Yields
    ------
    (n_obs,) of int64
        Each is written anew: none changes as the next one is drawn.

    References
    ----------
    Politis and Romano (1994), The stationary bootstrap, Journal of the American Statistical Association 89.

    Examples
    --------
    >>> next(stationary_draws(8, 4.0, 1)).tolist()
    [6, 7, 0, 1, 2, 3, 4, 0]
    """
    n = whole("n_obs", n_obs, "a whole number of at least 1")
    length = number("block", block, "a mean length in days of at least 1", low=1.0)
    count = whole("n_resamples", n_resamples, "a whole number of at least 1")
    drawing = _arch().StationaryBootstrap(length, np.empty(n), seed=np.random.default_rng(seed))
    return (np.array(drawing.update_indices(), dtype=np.int64) for _ in range(count))


def block_length(*series: npt.ArrayLike, squares: bool = False) -> float:
    """Mean length of blocks that the stationary bootstrap of some series needs: the longest that one of them asks for.

    Parameters
    ----------
    *series : (n_obs,)
        Returns of trading days.
    squares : bool
        Ask for the squares of the returns, too: days of large moves cluster for longer than returns of one sign, and drawdowns
        are made of such clusters.

    Returns
    -------
    float
        Days, at least 1: of a series that never varies 1.

    References
    ----------
    Politis and White (2004), Automatic block-length selection for the dependent bootstrap, Econometric Reviews 23, as
    corrected by Patton, Politis and White (2009).

    Examples
    --------
    >>> from hidden_regime.data import load_dataset
    >>> returns = load_dataset("sp500")["close"].pct_change().dropna()
    >>> round(block_length(returns), 1), round(block_length(returns, squares=True), 1)
    (9.1, 136.2)
    """
    found = 1.0
    for i, one in enumerate(series):
        x = finite(one, f"series[{i}]", 1, "returns of trading days, in one dimension")
        for values in (x, x**2) if squares else (x,):
            found = max(found, _politis_white(values))
    return found


def _politis_white(x: Floats) -> float:
    # Of fewer days no correlation can be told, and of what never varies there is none.
    if len(x) < 10 or not float(np.ptp(x)) > 1e-12 * float(np.abs(x).max()):
        return 1.0
    length = float(_arch().optimal_block_length(x)["stationary"].iloc[0])
    return length if np.isfinite(length) else 1.0


def _arch() -> Any:
    try:
        import arch.bootstrap
    except ImportError as error:
        raise MissingDependencyError("resampling needs arch: pip install 'hidden-regime[research]'.") from error
    return arch.bootstrap
