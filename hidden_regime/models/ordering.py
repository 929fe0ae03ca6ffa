"""Which state comes first: EM leaves them in the order that the start happened to have."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from hidden_regime.exceptions import ParameterError
from hidden_regime.kernels.results import Floats
from hidden_regime.models.chain import stationary_distribution
from hidden_regime.models.parameters import Parameters

ORDERS = ("volatility", "mean", "share")

OrderBy = str | Callable[[Parameters], npt.ArrayLike] | None


def check_order(order_by: object, names: Sequence[str] | None = None) -> None:
    """Raise unless it is None, the name of an order or of a feature, or a function.

    Parameters
    ----------
    order_by : object
    names : sequence of str, optional
        Of the features; None where they aren't known yet.
    """
    if order_by is None or callable(order_by) or (isinstance(order_by, str) and (names is None or order_by in (*ORDERS, *names))):
        return
    features = "a feature's name" if not names else f"one of the features {tuple(names)}"
    raise ParameterError("order_by", order_by, f"one of {ORDERS}, {features}, a function of the parameters, or None")


def order_of(p: Parameters, order_by: OrderBy, names: Sequence[str] = ()) -> list[int]:
    """The states in an order: element i is the state that comes in place i.

    Parameters
    ----------
    p : Parameters
    order_by : str or callable
        "volatility": calm states first (by the product of the features' standard deviations); "mean": low means of the first
        feature first; "share": those first that hold most of the time in the long run; the name of a feature: low means of it
        first; a function from the parameters to a key for each state: low keys first.
    names : sequence of str
        Of the features.
    """
    check_order(order_by, names)
    if callable(order_by):
        return by_keys(order_by(p), len(p.means))
    if order_by == "volatility":
        return by_keys(np.log(p.deviations).sum(axis=1), len(p.means))
    if order_by == "share":
        return by_keys(-stationary_distribution(p.transmat, p.startprob), len(p.means))
    return by_keys(p.means[:, 0 if order_by == "mean" else list(names).index(str(order_by))], len(p.means))


def by_keys(keys: npt.ArrayLike, n_states: int) -> list[int]:
    """States by rising keys; equal ones stay as they are.

    Raises
    ------
    ParameterError
        A user's function gave something other than a number for each state.
    """
    try:
        found: Floats = np.asarray(keys, np.float64)
    except (TypeError, ValueError):
        found = np.empty(0)
    if found.shape != (n_states,) or np.isnan(found).any():
        raise ParameterError("order_by", keys, f"a function that gives a number for each of {n_states} states")
    return [int(k) for k in np.argsort(found, kind="stable")]


def check_permutation(order: Sequence[int], n_states: int) -> list[int]:
    """The places of an order, each once."""
    try:
        found = [int(k) for k in order]
        if sorted(found) != list(range(n_states)) or any(a != b for a, b in zip(found, order, strict=True)):
            raise ValueError
    except (TypeError, ValueError):
        raise ParameterError("order", order, f"each of the states 0 to {n_states - 1} once") from None
    return found
