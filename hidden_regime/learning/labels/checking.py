"""Proof that a label ends when it says: that nothing after its end moves it, and nothing after its start its barriers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from hidden_regime.exceptions import CausalityError, ParameterError
from hidden_regime.learning.labels.labels import Labels

if TYPE_CHECKING:
    import pandas as pd


def check_label_function(
    function: Callable[[pd.DataFrame], Labels], frame: pd.DataFrame, *, cuts: Sequence[int] | None = None, random_state: int = 0
) -> None:
    """Raise unless each label depends on bars up to its `t1` alone: what purges training by it may rely on it then.

    Parameters
    ----------
    function : callable
        From a frame to its `Labels`.
    frame : DataFrame
    cuts : sequence of int, optional
        Numbers of bars after which the future is changed; default: five, spread over the second half.
    random_state : int

    Raises
    ------
    CausalityError
        Names the first label that moved though it had ended.

    Examples
    --------
    >>> from dataclasses import replace
    >>> from hidden_regime import load_dataset
    >>> from hidden_regime.learning.labels import check_label_function, label
    >>> frame = load_dataset("sp500").iloc[:200]
    >>> check_label_function(lambda f: label(f, "sign", horizon=5), frame)
    >>> def early(f):
    ...     found = label(f, "sign", horizon=5)
    ...     return replace(found, table=found.table.assign(t1=found.t0 + 1))
    >>> check_label_function(early, frame)
    Traceback (most recent call last):
    hidden_regime.exceptions.CausalityError: hidden_regime: ... looks ahead ...
    """
    n = len(frame)
    places = [int(n * share) for share in (0.5, 0.6, 0.7, 0.8, 0.95)] if cuts is None else [int(cut) for cut in cuts]
    if not places or min(places) < 1 or max(places) >= n:
        raise ParameterError("cuts", places, f"numbers of rows from 1 to {n - 1}")
    whole = function(frame)
    if not isinstance(whole, Labels):
        raise ParameterError("function", whole, "a function that gives Labels")
    rng = np.random.default_rng(random_state)
    for cut in places:
        changed = frame.copy()
        numbers = changed.select_dtypes("number").columns
        factors = np.exp(np.cumsum(rng.normal(0.0, 0.1, n - cut)))[:, None]
        values = changed[numbers].to_numpy(dtype=float, copy=True)
        values[cut:] *= factors
        changed[numbers] = values
        other = function(changed)
        ended = whole.table[whole.t1 < cut]
        again = other.table.reindex(ended.index)
        for name in ("value", "t1", "ret"):
            same = (ended[name].to_numpy() == again[name].to_numpy()) | (ended[name].isna() & again[name].isna()).to_numpy()
            if not same.all():
                at = int(np.argmin(same))
                raise CausalityError(
                    f"changing the bars from {cut} on moves {name!r} of the label at {ended.index[at]} from "
                    f"{ended[name].iloc[at]!r} to {again[name].iloc[at]!r}, though it says that it ended at bar "
                    f"{int(ended['t1'].iloc[at])}: it looks ahead of its end."
                )
