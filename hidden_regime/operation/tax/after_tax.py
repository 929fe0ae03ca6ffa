"""Equity less what was due: the tax on gains that were realised by each day, by what was known on it."""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np

from hidden_regime.exceptions import ParameterError
from hidden_regime.operation.tax.money import NOTHING
from hidden_regime.operation.tax.rates import Rates
from hidden_regime.operation.tax.years import TaxYear, taxed

if TYPE_CHECKING:
    import pandas as pd

    from hidden_regime.operation.tax.lots import Closed
    from hidden_regime.operation.tax.report import TaxReport

DAYS_A_YEAR, TRADING_DAYS = 365.25, 252.0


def after_tax_curve(report: TaxReport, equity: pd.Series) -> pd.DataFrame:
    """A curve of equity less the tax that had become due by each day.

    A gain owes its tax from the day of its sale on, a loss gives back what gains of its year owe, and a wash sale takes that
    again on the day of the purchase that makes it one. What isn't realised owes nothing. The strategy traded as if nothing were
    ever paid: money that went to the tax stays in the account, and the curve is less by its sum.

    Parameters
    ----------
    report : TaxReport
        With rates.
    equity : (n_days,) Series
        By day, rising.

    Returns
    -------
    DataFrame
        Columns equity, tax (the sum so far) and after_tax.

    Raises
    ------
    ParameterError
        The report has no rates, or the index has no rising days.
    """
    import pandas as pd

    if report.rates is None:
        raise ParameterError("rates", None, "rates, for a curve after tax", "tax_lots(..., rates='rates.toml')")
    if not isinstance(equity.index, pd.DatetimeIndex) or not equity.index.is_monotonic_increasing:
        raise ParameterError("equity", type(equity.index).__name__, "values by rising days, with a DatetimeIndex")
    known = dict(taxes_known(report.closed, report.rates))
    days, sums = np.array(list(known), "datetime64[D]"), np.array([0.0, *map(float, known.values())])
    places = np.searchsorted(days, equity.index.to_numpy().astype("datetime64[D]"), side="right")
    owed = sums[places]
    return pd.DataFrame({"equity": equity.to_numpy(np.float64), "tax": owed, "after_tax": equity.to_numpy(np.float64) - owed},
                        index=equity.index)  # fmt: skip


def taxes_known(rows: Iterable[Closed], rates: Rates) -> list[tuple[date, Decimal]]:
    """Sum of all tax that was due, at each day on which it changed."""
    changes: list[tuple[date, int, int, Decimal]] = []
    for row in rows:
        changes.append((row.sold, row.sold.year, int(row.is_long), row.proceeds - row.basis))
        changes += [(wash.day, row.sold.year, int(row.is_long), wash.amount) for wash in row.washes]
    changes.sort(key=lambda change: change[0])
    gains: dict[int, list[Decimal]] = {}
    years: list[TaxYear] = []
    out: dict[date, Decimal] = {}
    for day, year, kind, amount in changes:
        gains.setdefault(year, [NOTHING, NOTHING])[kind] += amount
        years = [one for one in years if one.year < year]
        first = years[-1].year + 1 if years else min(gains)
        for other in range(first, max(gains) + 1):
            carried = (years[-1].left_short, years[-1].left_long) if years else (NOTHING, NOTHING)
            short, long = gains.get(other, (NOTHING, NOTHING))
            years.append(taxed(other, (short, long), carried, rates))
        out[day] = sum((one.tax or NOTHING for one in years), NOTHING)
    return list(out.items())


def curve_figures(curve: pd.DataFrame) -> dict[str, float]:
    """Net profit, compounding annual return, Sharpe ratio of trading days, drawdown and tax of a curve after tax.

    Figures that there are none of, such as the Sharpe ratio of a flat curve, are left out.
    """
    values = curve["after_tax"].to_numpy(np.float64)
    if len(values) < 2 or not values[0] > 0:
        return {}
    out = {"Net Profit": values[-1] / values[0] - 1.0, "Tax": float(curve["tax"].iloc[-1])}
    if (values > 0).all():
        years = (curve.index[-1] - curve.index[0]).days / DAYS_A_YEAR
        out["Compounding Annual Return"] = (values[-1] / values[0]) ** (1.0 / years) - 1.0
        returns = values[1:] / values[:-1] - 1.0
        out["Drawdown"] = float(1.0 - (values / np.maximum.accumulate(values)).min())
        if len(returns) > 1 and returns.std() > 0:
            out["Sharpe Ratio"] = float(returns.mean() / returns.std(ddof=1) * math.sqrt(TRADING_DAYS))
    return {name: float(value) for name, value in out.items()}
