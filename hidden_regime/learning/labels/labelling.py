"""The kinds of labels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from hidden_regime.bars.frames import frame_to_columns
from hidden_regime.exceptions import DataError, ParameterError
from hidden_regime.experiments.checks import number, whole
from hidden_regime.kernels.results import Floats, Integers
from hidden_regime.learning.labels.barriers import TIES, touches
from hidden_regime.learning.labels.labels import Labels
from hidden_regime.learning.labels.uniqueness import uniqueness

if TYPE_CHECKING:
    import pandas as pd

KINDS = ("sign", "return", "triple-barrier", "meta", "regime")
ENTRIES = ("close", "open")
FARTHEST = 100.0
FAR = f"a number above 0 and at most {FARTHEST:g}"
WHY = {1: "upper", -1: "lower", 0: "time"}


def label(
    frame: pd.DataFrame,
    kind: str = "triple-barrier",
    *,
    horizon: int = 10,
    up: float = 1.0,
    down: float = 1.0,
    volatility: int = 20,
    tie: str = "down",
    at_end: str = "sign",
    entry: str = "close",
    side: Any = None,
    regimes: pd.DataFrame | None = None,
    regime: str = "Bull",
) -> Labels:
    """What came after each bar.

    Parameters
    ----------
    frame : DataFrame
        Bars, as `RegimeDetector.run` takes them.
    kind : str
        "sign": 1 where the return over the horizon is above 0, else 0. "return": that return itself. "triple-barrier": 1 where
        the barrier above is touched first, -1 where the one below. "meta": 1 where a position on `side` would have gained
        until its barrier, else 0. "regime": the filtered probability of `regime` after the horizon, with those of all regimes and
        their uncertainty.
    horizon : int
        Bars that a label looks forward at most.
    up, down : float
        Distance of the barriers, in standard deviations of a return over the horizon: volatility times sqrt(horizon).
    volatility : int
        Bars whose log returns give the volatility: the bar of the label is the last of them, so it was known then.
    tie : str
        Where one bar touches both barriers: "down" (the cautious answer for who is long), "up", or "open", the one that is
        nearer to the bar's open.
    at_end : str
        Where no barrier is touched in time: "sign" of the return until then, or "zero".
    entry : str
        Price at which it begins: "close" of its bar, or "open" of the next one, where an order given after the bar fills.
    side : (n_bars,) of -1, 0 and 1, optional
        For "meta": the position that another rule takes after each bar. Bars of 0 get no label.
    regimes : DataFrame, optional
        For "regime": what a detector's `run` said of the bars.
    regime : str
        For "regime".

    Returns
    -------
    Labels
        Bars without `horizon` bars after them, or whose volatility isn't known, have none.

    Raises
    ------
    ParameterError, DataError

    Examples
    --------
    >>> from hidden_regime import load_dataset
    >>> from hidden_regime.learning import label
    >>> labels = label(load_dataset("sp500").iloc[:500], horizon=10)
    >>> len(labels), sorted(set(labels.value.tolist())), bool((labels.t1 - labels.t0).max() <= 10)
    (470, [-1.0, 1.0], True)
    """
    for name, value, known in (("kind", kind, KINDS), ("tie", tie, TIES), ("at_end", at_end, ("sign", "zero")),
                               ("entry", entry, ENTRIES)):  # fmt: skip
        if value not in known:
            raise ParameterError(name, value, f"one of {', '.join(known)}")
    if not hasattr(frame, "columns"):
        raise ParameterError("frame", frame, "a frame with a row a bar, as `RegimeDetector.run` takes it")
    n_ahead = whole("horizon", horizon, "a number of bars of at least 1")
    columns = frame_to_columns(frame)
    opens, highs, lows, closes = columns[:4]
    n = len(frame)
    if n <= n_ahead:
        raise DataError(f"{n} bars: expected more than the horizon, {n_ahead}. Give more bars, or a shorter horizon.")
    t0 = np.arange(n - n_ahead)
    if kind == "regime":
        return _soft(frame, regimes, regime, t0, n_ahead)
    begin = closes[t0] if entry == "close" else opens[t0 + 1]
    if kind in ("sign", "return"):
        t1 = t0 + n_ahead
        returns = closes[t1] / begin - 1.0
        rises = returns if kind == "return" else (returns > 0.0).astype(float)
        return _made(frame, kind, t0, t1, rises, returns, np.zeros(len(t0), np.int64))
    widths = known_volatility(closes, whole("volatility", volatility, "a number of bars of at least 2", low=2)) * np.sqrt(n_ahead)
    for name, distance in (("up", up), ("down", down)):
        if number(name, distance, FAR, above=0.0) > FARTHEST:
            raise ParameterError(name, distance, FAR)
    sides = np.ones(n) if kind == "triple-barrier" else _sides(side, n)
    kept = np.isfinite(widths[t0]) & (widths[t0] > 0.0) & (sides[t0] != 0.0)
    t0, begin = t0[kept], begin[kept]
    long = sides[t0] > 0.0
    above, below = np.where(long, up, down) * widths[t0], np.where(long, down, up) * widths[t0]
    found = touches((opens, highs, lows, closes), t0, begin * np.exp(above), begin * np.exp(-below), n_ahead, tie)
    returns = found.exit / begin - 1.0
    if kind == "meta":
        gains = returns * sides[t0]
        return _made(frame, kind, t0, found.t1, (gains > 0.0).astype(float), gains, found.side)
    ends = np.sign(returns) if at_end == "sign" else np.zeros(len(t0))
    ends = np.where(ends == 0.0, -1.0, ends) if at_end == "sign" else ends  # what gained nothing didn't rise
    ended = np.where(found.side != 0, found.side.astype(float), ends)
    return _made(frame, kind, t0, found.t1, ended, returns, found.side)


def known_volatility(closes: Floats, bars: int) -> Floats:
    """Standard deviation of the latest log returns after each bar, about 0, (n_bars,); NaN where there are fewer."""
    squares = np.diff(np.log(closes)) ** 2
    out = np.full(len(closes), np.nan)
    if len(squares) >= bars:
        out[bars:] = np.sqrt(np.lib.stride_tricks.sliding_window_view(squares, bars).mean(axis=1))
    return out


def _sides(side: Any, n: int) -> Floats:
    try:
        sides = np.asarray(side, dtype=float)
    except (TypeError, ValueError):
        sides = np.empty(0)
    if sides.shape != (n,) or not np.isin(sides, (-1.0, 0.0, 1.0)).all():
        raise ParameterError("side", side, f"-1, 0 or 1 for each of the {n} bars")
    return sides


def _made(frame: pd.DataFrame, kind: str, t0: Integers, t1: Integers, value: Floats, ret: Floats, why: Integers) -> Labels:
    import pandas as pd

    table = pd.DataFrame(
        {"value": value, "t0": t0, "t1": t1, "ended": frame.index[t1], "weight": uniqueness(t0, t1, len(frame)), "ret": ret,
         "why": [WHY[int(one)] for one in why]},
        index=frame.index[t0])  # fmt: skip
    return Labels(table, kind, len(frame))


def _soft(frame: pd.DataFrame, regimes: pd.DataFrame | None, regime: str, t0: Integers, horizon: int) -> Labels:
    import pandas as pd

    if regimes is None or not hasattr(regimes, "columns") or not regimes.index.equals(frame.index):
        raise ParameterError("regimes", regimes, "the table that a detector's run gave of the same bars")
    names = [n for n in regimes.columns if n.startswith("prob_") and not n.removeprefix("prob_").isdecimal()]
    if f"prob_{regime}" not in names:
        known = ", ".join(name.removeprefix("prob_") for name in names)
        raise ParameterError("regime", regime, f"one of the detector's: {known}")
    later = regimes[names].iloc[t0 + horizon]
    known_rows = later.notna().all(axis=1).to_numpy()
    t0 = t0[known_rows]
    soft = later[known_rows].set_axis(frame.index[t0]).rename(columns=lambda name: name.removeprefix("prob_"))
    closes = frame_to_columns(frame)[3]
    made = _made(frame, "regime", t0, t0 + horizon, soft[regime].to_numpy(), closes[t0 + horizon] / closes[t0] - 1.0, 0 * t0)
    p = soft.to_numpy()
    entropy = -np.where(p > 0.0, p * np.log(np.maximum(p, 1e-300)), 0.0).sum(axis=1) / np.log(p.shape[1])
    rounded = np.clip(entropy, 0.0, 1.0)  # of certain ones the sum is some 1e-16 off
    return Labels(made.table, "regime", len(frame), soft, pd.Series(rounded, soft.index, name="uncertainty"))
