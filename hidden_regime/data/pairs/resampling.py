"""Hours of minutes and days of hours, all in UTC."""

from __future__ import annotations

import numpy as np

from hidden_regime.data.pairs.bars import Floats, Minutes, Rows


def coarser(rows: Rows, minutes: int, *, quotes: bool) -> Rows:
    """Bars of a greater length, each of those that start within it.

    Parameters
    ----------
    rows : Rows
        Shorter bars; see `hidden_regime.data.pairs.bars.Rows`.
    minutes : int
        Length of the bars to make.
    quotes : bool
        Whether they are of quotes: a side that is missing in a shorter bar says nothing, and the last size stands.

    Examples
    --------
    >>> starts, values = coarser((np.array([0, 60]), np.array([[5.0, 7, 4, 6, 1], [6.0, 9, 6, 8, 2]])), 1440, quotes=False)
    >>> starts.tolist(), values.tolist()
    ([0], [[5.0, 9.0, 4.0, 8.0, 3.0]])
    """
    starts, values = rows
    if not len(starts):
        return rows
    into = starts // minutes * minutes
    first = np.flatnonzero(np.concatenate([[True], into[1:] != into[:-1]]))
    if not quotes:
        return into[first], _prices(values, first)
    sides = [_side(values[:, part], into, first) for part in (slice(0, 5), slice(5, 10))]
    return into[first], np.hstack(sides)


def _prices(values: Floats, first: Minutes) -> Floats:
    last = np.append(first[1:], len(values)) - 1
    return np.column_stack([
        values[first, 0], np.maximum.reduceat(values[:, 1], first), np.minimum.reduceat(values[:, 2], first), values[last, 3],
        np.add.reduceat(values[:, 4], first),
    ])  # fmt: skip


def _side(values: Floats, into: Minutes, first: Minutes) -> Floats:
    """A side of quotes; zeros where no shorter bar has it."""
    there = values[:, :4].any(axis=1)
    out = np.zeros((len(first), 5))
    if not there.any():
        return out
    kept, own = values[there], into[there]
    begin = np.flatnonzero(np.concatenate([[True], own[1:] != own[:-1]]))
    made = _prices(kept, begin)
    made[:, 4] = kept[np.append(begin[1:], len(kept)) - 1, 4]
    out[np.searchsorted(into[first], own[begin])] = made
    return out
