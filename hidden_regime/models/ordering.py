"""Which state comes first: EM leaves them in the order that the start happened to have."""

from __future__ import annotations

import numpy as np

from hidden_regime.exceptions import ParameterError
from hidden_regime.models.chain import stationary_distribution
from hidden_regime.models.parameters import Parameters

ORDERS = ("volatility", "mean", "share")


def check_order(order_by: object) -> None:
    """Raise unless it is the name of an order, or None."""
    if order_by is not None and order_by not in ORDERS:
        raise ParameterError("order_by", order_by, f"one of {ORDERS}, or None")


def order_of(p: Parameters, order_by: str) -> list[int]:
    """The states in an order: element i is the state that comes in place i.

    Parameters
    ----------
    p : Parameters
    order_by : "volatility", "mean" or "share"
        Calm states first (by the product of the features' standard deviations), low means of the first feature first, or those
        first that hold most of the time in the long run.
    """
    if order_by == "volatility":
        key = np.log(p.deviations).sum(axis=1)
    elif order_by == "mean":
        key = p.means[:, 0]
    else:
        key = -stationary_distribution(p.transmat, p.startprob)
    return [int(k) for k in np.argsort(key, kind="stable")]
