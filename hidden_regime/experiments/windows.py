"""Windows of a walk-forward: where parameters are searched for (in sample, IS), and the days after it (out of sample, OOS)."""

from __future__ import annotations

import calendar
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np

from hidden_regime.exceptions import ParameterError
from hidden_regime.experiments.checks import number, whole

DAY = timedelta(days=1)
SHORTEST = 0.5
"""Share of the data that a random stretch is at least."""


@dataclass(frozen=True)
class Window:
    """One step of a walk-forward. All dates are calendar days that belong to it.

    Attributes
    ----------
    number : int
        From 1.
    is_start, is_end : date
        In sample.
    oos_start, oos_end : date
        Out of sample, from the day after `is_end`.
    assets : tuple of str, optional
        The assets to use, where they were drawn too.
    """

    number: int
    is_start: date
    is_end: date
    oos_start: date
    oos_end: date
    assets: tuple[str, ...] | None = None


def add_months(day: date, months: int) -> date:
    """The same day of a later month, or its last one where it has no such day.

    Examples
    --------
    >>> add_months(date(2021, 1, 31), 1), add_months(date(2021, 1, 31), 2)
    (datetime.date(2021, 2, 28), datetime.date(2021, 3, 31))
    """
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def rolling_windows(first: date | str, last: date | str, is_months: int = 12, oos_months: int = 6) -> list[Window]:
    """Windows of one length, each a number of OOS months after the one before: the OOS days follow each other without a gap.

    Parameters
    ----------
    first, last : date or ISO date
        First and last day of the data.
    is_months, oos_months : int
        Calendar months in sample and out of sample. Each boundary is counted from the first day, so that windows which begin
        on the 31st don't drift to the 28th.

    Returns
    -------
    list of Window
        As many as fit; days after the last whole window are left out.

    Raises
    ------
    ParameterError
        Not one window fits.

    Examples
    --------
    >>> windows = rolling_windows("2001-03-13", "2013-03-01", 12, 6)
    >>> len(windows), windows[0].is_end.isoformat(), windows[0].oos_start.isoformat(), windows[-1].oos_end.isoformat()
    (21, '2002-03-12', '2002-03-13', '2012-09-12')
    """
    return _by_months(first, last, is_months, oos_months, anchored=False)


def anchored_windows(first: date | str, last: date | str, is_months: int = 12, oos_months: int = 6) -> list[Window]:
    """Windows that all start in sample on the first day and grow; their OOS days are those of `rolling_windows`.

    Parameters
    ----------
    first, last : date or ISO date
        First and last day of the data.
    is_months, oos_months : int
        Calendar months of the first window.

    Examples
    --------
    >>> [w.is_end.isoformat() for w in anchored_windows("2020-01-01", "2021-12-31", 12, 6)]
    ['2020-12-31', '2021-06-30']
    """
    return _by_months(first, last, is_months, oos_months, anchored=True)


def random_windows(
    first: date | str,
    last: date | str,
    runs: int = 10,
    train: float = 0.6,
    seed: int = 0,
    *,
    assets: Sequence[str] | None = None,
    n_assets: int | None = None,
    shortest: float = SHORTEST,
) -> list[Window]:
    """Random stretches of the data, each split into IS days and the OOS days directly after (Monte Carlo walk-forward).

    Parameters
    ----------
    first, last : date or ISO date
        First and last day of the data.
    runs : int
        Number of stretches.
    train : float
        Share of a stretch's calendar days that is in sample, above 0 and below 1.
    seed : int
        The same seed has the same windows, and more runs begin with those of fewer.
    assets : sequence of str, optional
        Draws a subset of them for each run, too.
    n_assets : int, optional
        Size of the subsets; default: half of the assets, rounded up.
    shortest : float
        Share of the data that a stretch is at least, above 0. Lengths from there to all of the data are equally likely, as are
        the places that a length leaves.

    Returns
    -------
    list of Window
        Their days overlap: OOS returns of different runs aren't independent, and the OOS days of one run may be the IS days of
        another.

    Examples
    --------
    >>> for window in random_windows("2010-01-01", "2019-12-31", 2, 0.6, 0):
    ...     print(window.is_start, window.is_end, window.oos_start, window.oos_end)
    2010-06-23 2016-01-10 2016-01-11 2019-09-23
    2012-02-17 2016-09-09 2016-09-10 2019-09-26
    """
    start, end = _range(first, last)
    whole("runs", runs, "an integer of at least 1")
    whole("seed", seed, "an integer of at least 0", low=0)
    if number("train", train, "a number above 0 and below 1", above=0.0) >= 1.0:
        raise ParameterError("train", train, "a number above 0 and below 1")
    if number("shortest", shortest, "a number above 0 and at most 1", above=0.0) > 1.0:
        raise ParameterError("shortest", shortest, "a number above 0 and at most 1")
    size = _subset_size(assets, n_assets)
    days = (end - start).days + 1
    if days < 2:
        raise ParameterError("last", end.isoformat(), "at least two days of data", "Take a longer range.")
    least = max(math.ceil(shortest * days), 2)
    return [_random_window(i, np.random.default_rng([seed, i]), start, days, least, train, assets, size) for i in range(runs)]


def _random_window(
    i: int, rng: np.random.Generator, start: date, days: int, least: int, train: float, assets: Sequence[str] | None, size: int
) -> Window:
    length = int(rng.integers(least, days + 1))
    begin = start + int(rng.integers(0, days - length + 1)) * DAY
    inside = min(max(round(length * train), 1), length - 1)
    oos = begin + inside * DAY
    chosen = None
    if assets is not None:
        places = sorted(rng.choice(len(assets), size, replace=False).tolist())
        chosen = tuple(assets[place] for place in places)
    return Window(i + 1, begin, oos - DAY, oos, begin + (length - 1) * DAY, chosen)


def _by_months(first: date | str, last: date | str, is_months: int, oos_months: int, *, anchored: bool) -> list[Window]:
    start, end = _range(first, last)
    whole("is_months", is_months, "an integer of at least 1")
    whole("oos_months", oos_months, "an integer of at least 1")
    months = (end + DAY).year * 12 + (end + DAY).month - start.year * 12 - start.month
    if add_months(start, months) > end + DAY:
        months -= 1
    if is_months + oos_months > months:
        raise ParameterError(
            "is_months + oos_months", f"{is_months} + {oos_months}",
            f"at most the {months} whole months of the data, which are the {(end - start).days + 1} days from {start} to {end}",
            "Take fewer months, or a longer range.",
        )  # fmt: skip
    windows: list[Window] = []
    for moved in range(0, months - is_months - oos_months + 1, oos_months):
        oos_start = add_months(start, moved + is_months)
        oos_end = add_months(start, moved + is_months + oos_months) - DAY
        is_start = start if anchored else add_months(start, moved)
        windows.append(Window(len(windows) + 1, is_start, oos_start - DAY, oos_start, oos_end))
    return windows


def _range(first: date | str, last: date | str) -> tuple[date, date]:
    start, end = _day("first", first), _day("last", last)
    if start > end:
        raise ParameterError("first", start.isoformat(), f"a day up to the last one, {end}")
    return start, end


def _day(name: str, value: date | str) -> date:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        raise ParameterError(name, value, "a date, or one as in '2001-03-13'") from None


def _subset_size(assets: Sequence[str] | None, n_assets: int | None) -> int:
    if assets is None:
        if n_assets is not None:
            raise ParameterError("n_assets", n_assets, "nothing without assets", "Give assets=... too.")
        return 0
    if isinstance(assets, str) or not assets or len(set(assets)) < len(assets):
        raise ParameterError("assets", assets, "names of assets, each once")
    size = (len(assets) + 1) // 2 if n_assets is None else n_assets
    expected = f"an integer from 1 to the number of assets, {len(assets)}"
    if whole("n_assets", size, expected) > len(assets):
        raise ParameterError("n_assets", size, expected)
    return size
