"""Proof that a value knows nothing of the future: cut it off, lengthen it, change it, and look whether the past moves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from hidden_regime.exceptions import CausalityError, ParameterError

if TYPE_CHECKING:
    import pandas as pd


def check_causal(
    make_detector: Callable[[], Any], frame: pd.DataFrame, *, cuts: Sequence[int] | None = None, random_state: int = 0
) -> None:
    """Raise unless a detector's values depend on no later bar, bit for bit, and are the same one bar at a time.

    Parameters
    ----------
    make_detector : callable
        Makes a fresh detector with `run(frame)` and, if it has one, `update(bar)`.
    frame : DataFrame
        Bars, long enough for some trainings.
    cuts : sequence of int, optional
        Numbers of bars after which the future is cut off and changed; by default five, spread over the second half.
    random_state : int
        Seed of the changes.

    Raises
    ------
    CausalityError
        Names the first value that moved, and what in the future moved it.

    Examples
    --------
    >>> from hidden_regime import RegimeDetector, load_dataset
    >>> from hidden_regime.testing import check_causal
    >>> check_causal(lambda: RegimeDetector(2, lookback=60), load_dataset("sp500").iloc[:200])
    """
    check_causal_function(lambda bars: make_detector().run(bars), frame, cuts=cuts, random_state=random_state)
    if hasattr(make_detector(), "update"):
        _check_streaming(make_detector, frame)


def check_causal_function(
    function: Callable[[pd.DataFrame], Any], frame: pd.DataFrame, *, cuts: Sequence[int] | None = None, random_state: int = 0
) -> None:
    """Raise unless row t of what a function makes of a frame depends on rows up to t alone, bit for bit.

    Parameters
    ----------
    function : callable
        From a frame to a frame, series or array with a row for each of its rows.
    frame : DataFrame
        With at least one column of numbers.
    cuts, random_state
        As in `check_causal`.

    Raises
    ------
    CausalityError
        Names the first value that moved, and what in the future moved it.

    Examples
    --------
    >>> import pandas as pd
    >>> from hidden_regime.testing import check_causal_function
    >>> frame = pd.DataFrame({"close": range(1, 41)}, dtype=float)
    >>> check_causal_function(lambda f: f["close"].rolling(5).mean(), frame)
    >>> check_causal_function(lambda f: f["close"] - f["close"].mean(), frame)
    Traceback (most recent call last):
    hidden_regime.exceptions.CausalityError: hidden_regime: ... row 0 ...
    """
    n = len(frame)
    places = [int(n * share) for share in (0.5, 0.6, 0.7, 0.8, 0.95)] if cuts is None else [int(c) for c in cuts]
    if not places or min(places) < 1 or max(places) >= n:
        raise ParameterError("cuts", places, f"numbers of rows from 1 to {n - 1}")
    whole = _table(function(frame), n)
    rng = np.random.default_rng(random_state)
    for cut in places:
        _compare(whole, _table(function(frame.iloc[:cut]), cut), cut, f"cutting the rows from {cut} on")
        changed = frame.copy()
        numbers = changed.select_dtypes("number").columns
        # One factor a row keeps a bar a bar: its low stays below its high.
        factors = np.exp(rng.normal(0.0, 0.1, n - cut))[:, None]
        values = changed[numbers].to_numpy(dtype=float, copy=True)
        values[cut:] *= factors
        for i, name in enumerate(numbers):
            changed[name] = values[:, i]
        _compare(whole, _table(function(changed), n), cut, f"changing the rows from {cut} on")


def _check_streaming(make_detector: Callable[[], Any], frame: pd.DataFrame) -> None:
    from hidden_regime.bars.columns import PRICES, plain
    from hidden_regime.bars.frames import frame_to_bars
    from hidden_regime.regimes.table import states_to_frame

    if not hasattr(frame, "columns"):
        return
    detector = make_detector()
    further = [name for name in frame.select_dtypes("number").columns if plain(name) not in (*PRICES, "volume")]
    states = [detector.update(bar) for bar in frame_to_bars(frame, further)]
    whole = _table(make_detector().run(frame), len(frame))
    streamed = _table(states_to_frame(states, frame.index, detector.n_states), len(frame))
    _compare(whole, streamed, len(frame), "taking one bar at a time")


def _table(result: Any, n: int) -> pd.DataFrame:
    import pandas as pd

    table = result.reset_index(drop=True) if isinstance(result, (pd.DataFrame, pd.Series)) else pd.DataFrame(np.asarray(result))
    table = table.to_frame() if isinstance(table, pd.Series) else table
    if len(table) != n:
        raise CausalityError(f"the function made {len(table)} rows of {n}: expected a row for each, to compare them.")
    return table


def _compare(whole: pd.DataFrame, other: pd.DataFrame, cut: int, what: str) -> None:
    if list(whole.columns) != list(other.columns):
        # Columns that appear later (a regime's first probability) must be empty before.
        both = [c for c in whole.columns if c in other.columns]
        for column in [c for c in whole.columns if c not in both]:
            present = np.flatnonzero(whole[column].iloc[:cut].notna() & (whole[column].iloc[:cut] != 0))
            if len(present):
                raise CausalityError(f"{what} takes the column {column!r} away, which has a value in row {present[0]}.")
        whole, other = whole[both], other[both]
    for column in whole.columns:
        a, b = whole[column].iloc[:cut].to_numpy(), other[column].iloc[:cut].to_numpy()
        same = (a == b) | (_missing(a) & _missing(b))
        if not same.all():
            row = int(np.argmin(same))
            raise CausalityError(f"{what} moves row {row} of {column!r} from {a[row]!r} to {b[row]!r}: it looks ahead.")


def _missing(values: Any) -> Any:
    import pandas as pd

    return np.asarray(pd.isna(values))
