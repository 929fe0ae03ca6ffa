"""Moves that no market makes: splits that nobody took out of the prices, and bars with a wrong number."""

from __future__ import annotations

import math
import warnings
from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from hidden_regime.bars.columns import ADJUSTED, PRICES, plain
from hidden_regime.exceptions import SuspectPriceWarning, UnadjustedPricesWarning

if TYPE_CHECKING:
    import pandas as pd

    from hidden_regime.kernels.results import Floats

RATIOS = (1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 10.0, 12.0, 15.0, 20.0, 25.0, 30.0, 40.0, 50.0, 100.0)
"""New shares for an old one. Smaller ones look like what a bad day has done to real companies."""
AWAY = 0.03
"""How far, as a logarithm, the day's own move may take a price from the ratio."""
BEYOND = 1.2
"""A move of more than this (to 30%, or by 230%) is a split of the nearest ratio, however far the day took it: small shares are
merged when they fall."""
WILD = 10.0
"""Usual moves that make a jump; the usual one is the median's, of the `AROUND` bars before or after, as standard deviation."""
TAKEN_BACK = 7.0
"""Usual moves that make a wrong bar of one whose next takes it back; of twenty years of two indices and three shares none did
after more than 3, or 6 by a model that was never trained again."""
AROUND = 63
BACK = 0.25
"""Share of a jump that may be left when the next bar has taken it back."""


def split_of(move: float) -> str:
    """The split that a move of the log price looks like, such as "4:1" or "1:20"; empty for none."""
    size = abs(move)
    ratio = min(RATIOS, key=lambda one: abs(size - math.log(one)))
    if abs(size - math.log(ratio)) > AWAY and not BEYOND < size < math.log(2 * RATIOS[-1]):
        return ""
    shares = (f"{2 * ratio:.0f}", "2") if ratio % 1 else (f"{ratio:.0f}", "1")
    return ":".join(shares if move < 0 else shares[::-1])


def factor_of(split: str) -> float:
    """What a split multiplies the prices before it by: 0.5 for "2:1"."""
    new, old = split.split(":")
    return float(old) / float(new)


def is_back(move: float, next_move: float) -> bool:
    """Whether a move was taken back by the next one."""
    return abs(move + next_move) < BACK * abs(move)


def warn_of_doubtful_prices(frame: pd.DataFrame, stacklevel: int = 3) -> None:
    """Warn of what looks like a split or a wrong bar in a frame of bars that a detector has taken.

    Adjusted closes beside the others tell of splits better, and whoever reads the frame has asked them.
    """
    columns = {plain(name): name for name in frame.columns}
    if set(ADJUSTED) & set(columns):
        return
    arrays = [frame[columns.get(name, columns["close"])].to_numpy(dtype=np.float64) for name in PRICES]
    warn_of_jumps(frame.index, arrays, [columns[name] for name in PRICES if name in columns], stacklevel + 1)


def warn_of_jumps(index: pd.Index, arrays: Sequence[Floats], names: Sequence[Hashable], stacklevel: int) -> None:
    """Warn of splits and wrong bars in a history of prices; what isn't a price is none of its business.

    Parameters
    ----------
    index : Index
    arrays : sequence of (n,)
        Open, high, low and close.
    names : sequence
        Columns of the frame that hold prices.
    stacklevel : int
        Of the caller that the warning is shown at.
    """
    opens, highs, lows, closes = arrays
    if len(closes) < 3 or not all(bool(((a > 0.0) & (a < math.inf)).all()) for a in arrays):
        return
    logs = np.log(closes)
    moves = np.diff(logs)
    size = np.abs(moves)
    usual = float(np.median(size)) / 0.6745
    if not usual > 1e-6:  # a price that hardly ever moves: any move is wild
        return
    wild = np.flatnonzero(size > WILD * usual)
    gaps = np.log(opens[1:]) - logs[:-1]
    has_opens = bool((opens != closes).any())
    splits, wrong = [], np.flatnonzero((highs > 3 * np.maximum(opens, closes)) | (3 * lows < np.minimum(opens, closes))).tolist()
    for i in wild.tolist():
        sides = size[max(i - AROUND, 0) : i], size[i + 2 : i + 2 + AROUND]
        if size[i] <= WILD * max(float(np.median(side)) for side in sides if len(side)) / 0.6745:
            continue  # a wild time begins or ends, or goes on
        if i + 1 < len(moves) and is_back(moves[i], moves[i + 1]):
            wrong.append(i + 1)
        elif not (i > 0 and is_back(moves[i - 1], moves[i])) and split_of(moves[i]):
            ratio = split_of(gaps[i] if has_opens else moves[i])  # an open is nearer to it than the close that follows
            splits += [(i + 1, ratio)] if ratio else []
    if splits:
        at, ratio = splits[0]
        warnings.warn(
            UnadjustedPricesWarning(
                f"frame: the close goes from {closes[at - 1]:g} to {closes[at]:g} at {index[at]}, as at a split of {ratio}"
                f"{_others(splits)}: a detector that has a model leaves its return out. If it is a split, adjust the prices "
                f"before it: frame.loc[frame.index < {str(index[at])!r}, {list(names)}] *= {factor_of(ratio):g}."
            ),
            stacklevel=stacklevel,
        )
    if wrong:
        at = min(wrong)
        warnings.warn(
            SuspectPriceWarning(
                f"frame: the bar of {index[at]} is far from those around it (close {closes[at]:g} after "
                f"{closes[max(at - 1, 0)]:g}, high {highs[at]:g}, low {lows[at]:g}){_others(wrong)}. A detector leaves "
                f"out what the next bar takes back, once it has a model; that bar's regime may be false. If it is wrong, "
                f"correct it or leave it out: frame = frame.drop(frame.index[{at}])."
            ),
            stacklevel=stacklevel,
        )


def _others(found: Sequence[object]) -> str:
    return f" ({len(found)} in all)" if len(found) > 1 else ""
