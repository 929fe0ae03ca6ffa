"""Triple barriers: which of three is touched first, a price above, one below, or the end of a time."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from hidden_regime.kernels.results import Floats, Integers

TIES = ("down", "up", "open")


class Touches(NamedTuple):
    """What ended each life.

    Attributes
    ----------
    side : (n,)
        1 where the barrier above was touched first, -1 the one below, 0 neither.
    t1 : (n,)
        Place of the bar that touched it, or of the last one.
    exit : (n,)
        Price there: the barrier, the open where the bar opened beyond it, or the last close.
    """

    side: Integers
    t1: Integers
    exit: Floats


def touches(
    prices: tuple[Floats, Floats, Floats, Floats], t0: Integers, upper: Floats, lower: Floats, horizon: int, tie: str
) -> Touches:
    """First touch of each life, of the bars after its own.

    Parameters
    ----------
    prices : (open, high, low, close)
        Of all bars, (n_bars,) each.
    t0 : (n,)
        Places of the bars that lives begin at; each has `horizon` bars after it.
    upper, lower : (n,)
        Barriers.
    horizon : int
    tie : str
        Where one bar touches both and opened between them: "down", "up", or "open", which takes the one that is nearer to
        the open.

    Notes
    -----
    A bar that opens beyond a barrier touched that one, whatever came later in it.
    """
    opens, highs, lows, closes = prices
    side, t1 = np.zeros(len(t0), np.int64), np.asarray(t0 + horizon, np.int64)
    out = closes[t1].astype(float)
    alive = np.ones(len(t0), bool)
    for step in range(1, horizon + 1):
        at = t0 + step
        o, h, low = opens[at], highs[at], lows[at]
        up, down = h >= upper, low <= lower
        both = up & down
        above, below = o >= upper, o <= lower
        nearer = np.log(upper / o) < np.log(o / lower)
        first_up = above | (~below & ((up & ~down) | (both & (nearer if tie == "open" else tie == "up"))))
        touched = alive & (up | down)
        rises = touched & first_up
        falls = touched & ~first_up
        side[rises], side[falls] = 1, -1
        out[rises] = np.maximum(upper, o)[rises]
        out[falls] = np.minimum(lower, o)[falls]
        t1[touched] = at[touched]
        alive &= ~touched
    return Touches(side, t1, out)
