"""Returns of closed trades, one after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hidden_regime.exceptions import StudyError
from hidden_regime.experiments.result import Result
from hidden_regime.kernels.results import Floats

if TYPE_CHECKING:
    import pandas as pd

INSTEAD = "kind='bootstrap' draws trading days again, whatever was held on them."


def trade_returns(result: Result) -> Floats:
    """Return of each closed trade in order: profit less fees, over the equity at the last close before its first day.

    Parameters
    ----------
    result : Result

    Returns
    -------
    (n_trades,)
        Where nothing was held between the trades they multiply to what the account became.

    Raises
    ------
    StudyError
        There are fewer than two trades, or some were open at the same time: no return of one alone says what both did.
    """
    trades = result.trades
    if len(trades) < 2:
        raise StudyError(f"{result.name} has {len(trades)} closed trades: expected at least two to draw from. {INSTEAD}")
    trades = trades.sort_values(["entry_time", "exit_time"], kind="stable").reset_index(drop=True)
    entries, exits = trades["entry_time"].to_numpy("datetime64[ns]"), trades["exit_time"].to_numpy("datetime64[ns]")
    over = np.flatnonzero(entries[1:] < np.maximum.accumulate(exits)[:-1])
    if len(over):
        raise StudyError(f"{result.name}: {_told(trades, int(over[0]), len(over))} {INSTEAD}")
    curve = result.equity["equity"].dropna()
    days, values = curve.index.to_numpy("datetime64[D]"), curve.to_numpy(np.float64)
    before = np.searchsorted(days, entries.astype("datetime64[D]"), "left") - 1
    at_entry = values[np.maximum(before, 0)]
    if not (at_entry > 0.0).all():
        raise StudyError(
            f"{result.name}: equity was not above 0 when a trade began: expected an account that can lose. {INSTEAD}"
        )
    profit = trades["profit_loss"].to_numpy(np.float64) - trades["fees"].to_numpy(np.float64)
    return np.asarray(profit / at_entry)


def _told(trades: pd.DataFrame, place: int, count: int) -> str:
    later = trades.iloc[place + 1]
    reach = trades.iloc[: place + 1]
    other = reach.iloc[int(reach["exit_time"].to_numpy().argmax())]
    return (
        f"{count} of {len(trades)} trades begin before an earlier one has ended, as {later['symbol']} of "
        f"{later['entry_time']:%Y-%m-%d %H:%M} and {other['symbol']} until {other['exit_time']:%Y-%m-%d %H:%M}: expected trades "
        "one after the other, for those that overlap depend on each other."
    )
