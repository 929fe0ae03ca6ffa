"""What regimes were like, and how they followed each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hidden_regime.exceptions import DataError, ParameterError

if TYPE_CHECKING:
    import numpy.typing as npt
    import pandas as pd

TRADING_DAYS, EVERY_DAY = 252, 365
YEAR = 365.25
USUAL = ((TRADING_DAYS, 247.0, 257.0), (365.0, 361.0, 366.0), (52.0, 50.5, 52.5), (12.0, 11.8, 12.2), (4.0, 3.9, 4.1))
"""Figures that everybody uses for a year, and the counts that are meant by them."""
PAUSE = 10.0
"""A gap of so many usual distances is a hole in the data and no part of a year."""


def bars_per_year(index: pd.Index) -> float:
    """How many bars such as an index's make a calendar year, counted: 252 sessions, 365 days of a market that never closes, 52
    weeks, 12 months, and for shorter bars the days of a year times the bars of a day.

    Parameters
    ----------
    index : DatetimeIndex
        Ends of the bars, rising. Days of five in seven are taken for those of an exchange where they reach over less than a year,
        which shows too few of its holidays.

    Raises
    ------
    ParameterError
        Positions or other things that are no times: bars_per_year has to be said then.
    """
    import pandas as pd

    if not isinstance(index, pd.DatetimeIndex):
        raise ParameterError(
            "bars_per_year", None, "how many bars make a year, where the bars have no times that could be counted",
            "Write bars_per_year=252 for trading days.",
        )  # fmt: skip
    if len(index) < 2:
        return float(TRADING_DAYS)
    local = index.tz_localize(None)
    days = local.normalize()
    per_day = days.value_counts(sort=False).to_numpy()
    if per_day.max() == 1:
        return _per_year(local)
    inner = per_day[1:-1] if len(per_day) > 2 else per_day
    mean, usual = float(inner.mean()), float(np.median(inner))
    around_the_clock = bool(np.median(np.diff(local.as_unit("ns").asi8)) * usual > 0.97 * 86_400e9)
    return _per_year(days.unique(), sleeps=not around_the_clock) * (usual if abs(usual - mean) <= 0.03 * mean else mean)


def days_per_year(days: pd.Index | npt.NDArray[np.datetime64]) -> int:
    """How many days of a curve make a year: 365 of one that has Saturdays and Sundays, as of coins, else 252.

    252 is what LEAN takes for exchanges and for currencies.

    Parameters
    ----------
    days : DatetimeIndex or (n_days,) of datetime64

    Examples
    --------
    >>> days_per_year(np.array(["2018-11-23", "2018-11-24", "2018-11-25"], "datetime64[D]"))
    365
    >>> days_per_year(np.array(["2018-11-23", "2018-11-26"], "datetime64[D]"))
    252
    """
    weekdays = (np.asarray(days).astype("datetime64[D]").astype(np.int64) + 3) % 7  # Monday is 0
    return EVERY_DAY if {5, 6} <= set(np.unique(weekdays).tolist()) else TRADING_DAYS


def _per_year(times: pd.DatetimeIndex, *, sleeps: bool = True) -> float:
    """Of times that are a day or more apart; `sleeps` says whether the market that made them closes overnight."""
    if len(times) < 2:
        return float(TRADING_DAYS)
    gaps = np.diff(times.as_unit("ns").asi8) / 86_400e9
    own = gaps[gaps <= PAUSE * np.median(gaps)]
    count = YEAR * len(own) / own.sum()
    rests = sleeps or bool((own > 1.5).any())
    if rests and own.sum() < YEAR and np.median(own) < 1.5 and not (times.day_of_week >= 5).any():
        return float(TRADING_DAYS)
    return next((float(figure) for figure, low, high in USUAL if low <= count <= high), float(count))


def regime_table(states: pd.DataFrame, close: pd.Series, bars_per_year: float | None = None) -> pd.DataFrame:
    """What each regime was like.

    Parameters
    ----------
    states : DataFrame
        As `RegimeDetector.run` gives it.
    close : Series
        Closing prices by the same index. A bar's return belongs to the regime known at the bar before: this is what
        somebody who acted on the regime got, and no look ahead.
    bars_per_year : float, optional
        What is said of a year is scaled by it. By default the bars are counted, see `bars_per_year`.

    Returns
    -------
    DataFrame
        A row for each regime:

        share : of the bars.
        annual_return, annual_volatility, sharpe : of log returns, by `bars_per_year`; Sharpe's ratio without a riskless rate.
        max_drawdown : worst fall from a peak of the wealth that was invested in this regime only, below 0.
        runs, mean_run, longest : how many runs of bars it came in, their mean and longest length.
        duration : bars a run, over the runs that ended; the last run, which may go on, counts with its bars but not as an
            end (maximum likelihood for a geometric duration under censoring). Infinite where none ended.
        expected_duration : what the models expected on average. Where a window sees few changes it is mostly their prior
            (`stay_duration`, see `RegimeDetector.prior_shares`), and far from `duration`, which the called runs alone decide.
        bars_per_year : what annual figures were scaled by.

    Raises
    ------
    DataError
        The two share no times: positions beside dates, or times with a zone beside times without.
    """
    import pandas as pd

    check_shared(states.index, close.index)
    year = check_year(bars_per_year, states.index)
    returns = np.log(close).diff().shift(-1).reindex(states.index)
    known = states[states["regime"].notna()]
    runs = (known["regime"] != known["regime"].shift()).cumsum()
    lengths = known.groupby(runs).size()
    first = known["regime"].groupby(runs).first()
    rows = []
    for name in sorted(known["regime"].unique()):
        own = returns[known.index[known["regime"] == name]].dropna()
        mine = lengths[first == name]
        ended = len(mine) - int(first.iloc[-1] == name)
        mean = float(own.mean() * year) if len(own) else np.nan
        volatility = float(own.std(ddof=0) * year**0.5) if len(own) else np.nan
        wealth = np.exp(np.concatenate([[0.0], own.cumsum()]))
        rows.append(
            {
                "regime": name,
                "share": float((known["regime"] == name).mean()),
                "annual_return": mean,
                "annual_volatility": volatility,
                "sharpe": mean / volatility if volatility > 0 else np.nan,
                "max_drawdown": float((wealth / np.maximum.accumulate(wealth)).min() - 1.0),
                "runs": len(mine),
                "mean_run": float(mine.mean()),
                "longest": int(mine.max()),
                "duration": float(mine.sum() / ended) if ended else np.inf,
                "expected_duration": float(known["expected_duration"][known["regime"] == name].mean()),
                "bars_per_year": year,
            }
        )
    columns = ["share", "annual_return", "annual_volatility", "sharpe", "max_drawdown", "runs", "mean_run", "longest", "duration"]
    return pd.DataFrame(rows, columns=["regime", *columns, "expected_duration", "bars_per_year"]).set_index("regime")


def check_shared(states: pd.Index, close: pd.Index) -> None:
    """Raise unless states and closes share some times."""
    if len(states) and states.intersection(close).empty:
        raise DataError(
            f"states and close share no times: states are indexed from {states[0]}, close from "
            f"{close[0] if len(close) else 'nothing'}. Give closes by the same index: close.set_axis(states.index) where "
            "they are of the same bars."
        )


def check_year(given: float | None, index: pd.Index) -> float:
    """Bars of a year as somebody said, or counted."""
    if given is None:
        return bars_per_year(index)
    if isinstance(given, bool) or not isinstance(given, (int, float, np.integer, np.floating)) or not 0 < given < np.inf:
        raise ParameterError("bars_per_year", given, "a positive number of bars, or None to count them")
    return float(given)


def regime_transitions(states: pd.DataFrame) -> pd.DataFrame:
    """Share of the bars in one regime (rows) that were followed by each (columns); a row without a successor is NaN.

    Parameters
    ----------
    states : DataFrame
        As `RegimeDetector.run` gives it.
    """
    import pandas as pd

    regime = states["regime"].dropna()
    counts = pd.crosstab(regime.iloc[:-1].to_numpy(), regime.iloc[1:].to_numpy())
    names = sorted(regime.unique())
    counts = counts.reindex(index=names, columns=names, fill_value=0)
    table = counts.div(counts.sum(axis=1).where(lambda s: s > 0), axis=0)
    return table.rename_axis(index="regime", columns="next")
