"""What a deployment is compared with: a backtest's returns, regimes and orders, and the bars before its first day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path

import numpy as np

from hidden_regime.bars.bar import Bar
from hidden_regime.bars.features import DEFAULT_FEATURES, FEATURES
from hidden_regime.exceptions import ParameterError
from hidden_regime.experiments.sources import is_results, read_result
from hidden_regime.kernels.results import Floats
from hidden_regime.operation.drift.inactivity import gaps_of
from hidden_regime.operation.journal import Journal
from hidden_regime.operation.journal.records import BarRow
from hidden_regime.operation.reporting.days import on_trading_days

WINDOW = 504
"""Bars before a deployment's first day that count as what its models were trained on: two years of days, at most."""
DAILY = 1440


@dataclass(frozen=True)
class Reference:
    """A backtest, as far as its folder has it.

    Attributes
    ----------
    name : str
    returns : (n_days,)
        Of its trading days.
    gaps : tuple of int
        Trading days between its orders.
    regimes : dict of str to list of str
        By asset, bar by bar. A study's or a walk-forward's folder has none.
    """

    name: str
    returns: Floats
    gaps: tuple[int, ...] = ()
    regimes: dict[str, list[str]] = field(default_factory=dict)


def read_reference(folder: Path) -> Reference:
    """The backtest of a folder of results; of a study its best trial, of a walk-forward its days out of sample.

    Raises
    ------
    ParameterError, StudyError
        There is none, or it is damaged.
    """
    if not is_results(folder):
        raise ParameterError("against", str(folder), "the folder of a backtest, a study or a walk-forward")
    found = read_result(folder)
    days = [one.date() for one in found.equity.index]
    orders = [one.date() for one in found.orders["time"]] if len(found.orders) else []
    regimes = {ticker: [str(name) for name in states["regime"].dropna()] for ticker, states in found.regimes.items()
               if "regime" in states}  # fmt: skip
    return Reference(found.name, found.returns.to_numpy(np.float64), tuple(gaps_of(days, orders)), regimes)


def live_returns(journal: Journal, name: str) -> tuple[list[date], Floats]:
    """Trading days of a deployment and their returns."""
    days = on_trading_days(journal, name)
    return [one.day for one in days], np.array([one.share for one in days])


def daily_bars(journal: Journal, name: str, ticker: str) -> tuple[list[Bar], int]:
    """Daily bars of an asset with their adjusted prices where the source has them, and how many lie before the first day."""
    start = journal.deployment(name).spec.start
    rows = journal.bars(name, ticker, DAILY)
    return [_bar(row) for row in rows], sum(row.day < start for row in rows)


def _bar(row: BarRow) -> Bar:
    scale = 1.0 if row.scale is None else row.scale
    end = datetime.combine(date.fromisoformat(row.day), time()) + timedelta(days=1)
    return Bar(end, row.opened * scale, row.high * scale, row.low * scale, row.close * scale, row.volume)


def feature_values(bars: Sequence[Bar], names: Sequence[str] = DEFAULT_FEATURES) -> dict[str, Floats]:
    """Features of bars by name, NaN before there are enough bars: (n_bars,) each."""
    out = {}
    for name in names:
        feature = FEATURES[name]
        shown = [bars[i - feature.n_bars + 1 : i + 1] if i >= feature.n_bars - 1 else () for i in range(len(bars))]
        out[name] = np.array([feature.value(some) if some else np.nan for some in shown], dtype=np.float64)
    return out


def tickers_of(journal: Journal, name: str) -> list[str]:
    """Assets of which a deployment's journal has daily bars."""
    rows = journal.file.rows("SELECT DISTINCT ticker FROM bars WHERE deployment = ? AND minutes = ? ORDER BY ticker", name, DAILY)
    return [ticker for (ticker,) in rows]
