"""What an optimisation costs, by the formula of QuantConnect's own pages."""

from __future__ import annotations

import math

from hidden_regime.exceptions import ParameterError

CREDITS = 100
"""QuantConnect Credits (QCC) to the dollar."""
NODE_PRICES = {"O2-8": 0.15, "O4-12": 0.30, "O8-16": 0.60}
"""Dollars an hour, as lean-cli 1.0.230 had them (August 2026). The server's own estimate has more say."""
OVERHEAD, MARGIN = 30.0, 1.5
"""Seconds that each backtest waits, and by how much more its time is taken to be."""


def optimization_hours(seconds: float, n_backtests: int) -> float:
    """Hours that are charged for: hundredths, rounded up, a tenth at least.

    Parameters
    ----------
    seconds : float
        Of one backtest.
    n_backtests : int
    """
    if not (math.isfinite(seconds) and seconds >= 0):
        raise ParameterError("seconds", seconds, "a number of seconds of at least 0")
    if n_backtests < 1:
        raise ParameterError("n_backtests", n_backtests, "at least 1")
    total = (OVERHEAD + MARGIN * seconds) * n_backtests
    return max(0.1, _up(total * 100 / 3600) / 100)


def optimization_cost(seconds: float, n_backtests: int, price: float) -> float:
    """Dollars of an optimisation: cents, rounded up, one at least.

    Parameters
    ----------
    seconds : float
        Of one backtest.
    n_backtests : int
    price : float
        Of a node, in dollars an hour.

    Examples
    --------
    >>> optimization_cost(26, 2, NODE_PRICES["O2-8"])
    0.02
    >>> round(10 * optimization_cost(60, 50, NODE_PRICES["O2-8"]), 2)  # a walk-forward of ten windows
    2.6
    """
    if not (math.isfinite(price) and price >= 0):
        raise ParameterError("price", price, "dollars an hour, at least 0")
    return max(0.01, _up(price * optimization_hours(seconds, n_backtests) * 100) / 100)


def _up(value: float) -> int:
    """The next whole number, where binary fractions add nothing: 15.000000000000002 is 15."""
    return math.ceil(round(value, 9))
