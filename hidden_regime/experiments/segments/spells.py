"""Spells: consecutive days of one part. They, and not their days, are what can be drawn again."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from hidden_regime.kernels.results import Floats, Integers


class Spells(NamedTuple):
    """Spells in the order of time.

    Attributes
    ----------
    codes : (n_spells,) of int64
        Part that each is of.
    starts, lengths : (n_spells,) of int64
        First day's place, and days.
    """

    codes: Integers
    starts: Integers
    lengths: Integers


def spells_of(codes: npt.NDArray[Any]) -> Spells:
    """Spells of the parts of days.

    Parameters
    ----------
    codes : (n_days,) of int
        Part of each day.

    Examples
    --------
    >>> found = spells_of(np.array([2, 2, 0, 2, 2, 2]))
    >>> found.codes.tolist(), found.starts.tolist(), found.lengths.tolist()
    ([2, 0, 2], [0, 2, 3], [2, 1, 3])
    """
    if not len(codes):
        none = np.empty(0, np.int64)
        return Spells(none, none, none)
    starts = np.flatnonzero(np.concatenate([[True], codes[1:] != codes[:-1]])).astype(np.int64)
    return Spells(codes[starts].astype(np.int64), starts, np.diff(np.append(starts, len(codes))).astype(np.int64))


def spell_sums(returns: Floats, spells: Spells) -> Floats:
    """Days, sum of returns and sum of their squares of each spell: (n_spells, 3)."""
    if not len(spells.starts):
        return np.empty((0, 3))
    sums = [np.add.reduceat(values, spells.starts) for values in (returns, returns**2)]
    return np.column_stack([spells.lengths.astype(np.float64), *sums])
