"""What regimes were like, and how they followed each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hidden_regime.exceptions import DataError

if TYPE_CHECKING:
    import pandas as pd

TRADING_DAYS = 252


def bars_per_year(index: pd.Index) -> float:
    """How many of an index's bars make a year of 252 sessions, 52 weeks or 12 months, by their usual distance."""
    import pandas as pd

    times = pd.DatetimeIndex(index)
    if len(times) < 2:
        return TRADING_DAYS
    days = float(np.median(np.diff(times.asi8 if times.unit == "ns" else times.as_unit("ns").asi8))) / 86_400e9
    if days < 0.9:
        a_day = pd.Series(1, times).groupby(times.normalize()).sum().median()
        return TRADING_DAYS * float(a_day)
    return float(TRADING_DAYS if days < 4 else 52 if days < 14 else 12 if days < 60 else 4 if days < 180 else 1)


def regime_table(states: pd.DataFrame, close: pd.Series, bars_per_year: float = TRADING_DAYS) -> pd.DataFrame:
    """What each regime was like.

    Parameters
    ----------
    states : DataFrame
        As `RegimeDetector.run` gives it.
    close : Series
        Closing prices by the same index. A bar's return belongs to the regime known at the bar before: this is what
        somebody who acted on the regime got, and no look ahead.
    bars_per_year : float
        252 for days, 52 for weeks; what is said of a year is scaled by it.

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
        expected_duration : what the models expected on average.

    Raises
    ------
    DataError
        The two share no times: positions beside dates, or times with a zone beside times without.
    """
    import pandas as pd

    if len(states) and states.index.intersection(close.index).empty:
        raise DataError(
            f"states and close share no times: states are indexed from {states.index[0]}, close from "
            f"{close.index[0] if len(close) else 'nothing'}. Give closes by the same index: close.set_axis(states.index) where "
            "they are of the same bars."
        )
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
        mean = float(own.mean() * bars_per_year) if len(own) else np.nan
        volatility = float(own.std(ddof=0) * bars_per_year**0.5) if len(own) else np.nan
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
            }
        )
    columns = ["share", "annual_return", "annual_volatility", "sharpe", "max_drawdown", "runs", "mean_run", "longest", "duration"]
    return pd.DataFrame(rows, columns=["regime", *columns, "expected_duration"]).set_index("regime")


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
