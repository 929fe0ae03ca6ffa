"""A finished backtest as tables, whatever engine ran it: for the terminal, for files and for the report."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from hidden_regime.files.whole import WRITING, write_folder
from hidden_regime.simulator import result as lean_result

ORDER_COLUMNS = ["id", "time", "symbol", "type", "quantity", "status", "price", "fee", "tag"]

EMBEDDED = "embedded engine"

PAGES = ("report.html", "profile.json")
"""What a run may have been written besides: of an earlier one it must not stay."""


@dataclass
class AssetRegimes:
    """Regimes of one asset over a run."""

    ticker: str
    states: pd.DataFrame
    close: pd.Series
    table: pd.DataFrame
    names: tuple[str, ...]
    transmat: np.ndarray[Any, Any]
    unit: str
    """Of lengths in the table: days, weeks, or bars of another length."""
    doubt: str
    """Why there may be no regimes; empty where there are, or nobody knows yet."""


@dataclass
class Backtest:
    """Tables of a finished run.

    Attributes
    ----------
    name : str
    lean : dict
        The run in LEAN's result format.
    files : dict of str to str
        The files that LEAN writes of it, by name.
    equity : (n_days,) DataFrame
        Equity and benchmark at the close of each trading day.
    orders : (n_orders,) DataFrame
    assets : list of AssetRegimes
        Empty where another engine ran it: its results hold no regimes.
    trainings : int
    regime_seconds : float
    trading_day_sharpe : float
        NaN where it isn't defined.
    market, origin : str
        What it was run on, and where that comes from.
    synthetic : bool
        Whether the prices are invented.
    benchmark : str
        What it is measured against; empty where nobody says.
    status, message : str
        How it ended, and what was wrong; empty if nothing was.
    engine : str
        What ran it. Of another one than the embedded engine nobody knows the trainings, nor the Sharpe ratio by trading days, for
        which it takes the interest rates of the data.
    """

    name: str
    lean: dict[str, Any]
    files: dict[str, str]
    equity: pd.DataFrame
    orders: pd.DataFrame
    market: str
    origin: str
    synthetic: bool = False
    benchmark: str = ""
    status: str = "Completed"
    message: str = ""
    trading_day_sharpe: float = math.nan
    assets: list[AssetRegimes] | tuple[AssetRegimes, ...] = ()
    trainings: int = 0
    regime_seconds: float = 0.0
    engine: str = EMBEDDED

    @property
    def is_ours(self) -> bool:
        """Whether the embedded engine ran it here, so that everything is known of it."""
        return self.engine == EMBEDDED

    @property
    def statistics(self) -> dict[str, str]:
        """LEAN's statistics."""
        return dict(self.lean["statistics"])


def summary(done: Backtest) -> dict[str, Any]:
    """The run in a few figures, for JSON."""
    return {
        "strategy": done.name,
        "data": {"name": done.market, "origin": done.origin, "synthetic": done.synthetic},
        "status": done.status,
        "error": done.message,
        "statistics": done.statistics,
        "sharpe_by_trading_days": None if math.isnan(done.trading_day_sharpe) else round(done.trading_day_sharpe, 3),
        "trainings": done.trainings,
        "regimes": {a.ticker: json.loads(a.table.to_json(orient="index")) for a in done.assets},
    }


def write(done: Backtest, folder: Path, pages: Mapping[str, str] | None = None) -> list[Path]:
    """Write orders.csv, equity.csv, regimes.csv, statistics.json, the run in LEAN's format, and further `pages` by name.

    Equal runs write equal files. The folder never holds some of an earlier run's beside some of this one's.
    """
    frames = [a.states.drop(columns="error").assign(ticker=a.ticker).reset_index() for a in done.assets]
    regimes = pd.concat(frames) if frames else pd.DataFrame(columns=["time", "ticker", "regime"])
    leading = ["time", "ticker"]
    regimes = regimes[leading + [c for c in regimes.columns if c not in leading]]
    files = {
        "orders.csv": done.orders.to_csv(index=False, lineterminator="\n"),
        "equity.csv": done.equity.round(4).to_csv(lineterminator="\n"),
        "regimes.csv": regimes.to_csv(index=False, lineterminator="\n"),
        "statistics.json": json.dumps(summary(done), indent=2) + "\n",
    }
    files |= done.files | dict(pages or {})
    write_folder(folder, files, instead_of=(*PAGES, *lean_result.names(done.name)))
    return sorted(path for path in folder.iterdir() if not path.name.startswith(WRITING))
