"""What a comparison, a simulation or a segmentation may be made of: a run, a strategy to run, a folder of results, or returns."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from hidden_regime.exceptions import ParameterError, StudyError
from hidden_regime.experiments.folders import intact
from hidden_regime.experiments.result import Result
from hidden_regime.experiments.run import DIRECTIONS, TRADE_COLUMNS, run_strategy
from hidden_regime.experiments.studies.folder import STUDY, read_study
from hidden_regime.experiments.studies.walk_forward_folder import WINDOWS, read_walk_forward
from hidden_regime.experiments.trials.source import Data
from hidden_regime.research.tables import ORDER_COLUMNS

if TYPE_CHECKING:
    import pandas as pd

RUN, EQUITY = "statistics.json", "equity.csv"
START = 100.0
"""What a curve begins with of which the returns alone are known."""


def result_of(
    source: Any,
    *,
    name: str = "",
    data: Data = None,
    parameters: Mapping[str, object] | None = None,
    start: date | None = None,
    end: date | None = None,
    cash: float | None = None,
    store: str | Path | None = None,
) -> Result:
    """A run as a value, wherever it comes from.

    Parameters
    ----------
    source : Result, str, Path, Series or (n_days,) DataFrame
        A run; a strategy, which is run; the folder of a backtest, of a study (its best trial) or of a walk-forward (its stitched
        days out of sample); or returns by trading day.
    name : str
        What it is called instead of its own name.
    data, parameters, start, end, cash, store
        Of a strategy that is run, as of `run_strategy`.

    Raises
    ------
    StudyError
        A folder without results, or with damaged ones.
    RegimeError
        Whatever `run_strategy` raises.
    """
    from dataclasses import replace

    import pandas as pd

    if isinstance(source, Result):
        found = source
    elif isinstance(source, (pd.Series, pd.DataFrame)):
        found = _of_returns(name or str(getattr(source, "name", None) or "returns"), source)
    elif isinstance(source, (str, Path)) and is_results(Path(source)):
        found = read_result(Path(source))
    elif isinstance(source, (str, Path)):
        found = run_strategy(source, data, parameters=parameters, start=start, end=end, cash=cash, store=store)
    else:
        raise ParameterError("source", source, "a run, a strategy, a folder of results, or a Series of returns by trading day")
    return replace(found, name=name) if name and found.name != name else found


def is_results(folder: Path) -> bool:
    """Whether a path is the folder of a backtest, a study or a walk-forward, and no project of a strategy."""
    return folder.is_dir() and any((folder / name).is_file() for name in (RUN, STUDY, WINDOWS))


def read_result(folder: Path) -> Result:
    """A run from the folder of a backtest, a study's best trial, or a walk-forward's days out of sample.

    Raises
    ------
    StudyError
    """
    if (folder / STUDY).is_file():
        return _of_study(folder)
    if (folder / WINDOWS).is_file():
        return _of_walk_forward(folder)
    return _of_backtest(folder)


def _of_backtest(folder: Path) -> Result:
    import pandas as pd

    path = folder / RUN
    if not path.is_file():
        raise StudyError(f"{folder} holds no {RUN}: expected the folder of a backtest. hidden-regime backtest writes one.")
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        equity = pd.read_csv(folder / EQUITY, index_col="date", parse_dates=["date"])
        orders = pd.read_csv(folder / "orders.csv", parse_dates=["time"], keep_default_na=False, na_values={"price": [""]})
        rows = pd.read_csv(folder / "regimes.csv", parse_dates=["time"])
    except (OSError, ValueError, RecursionError) as error:
        raise StudyError(
            f"{folder} can't be read ({type(error).__name__}: {str(error)[:200]}). Run the backtest again."
        ) from error
    with intact(path):
        regimes = {str(ticker): own.drop(columns="ticker").set_index("time").dropna(axis=1, how="all")
                   for ticker, own in rows.groupby("ticker", sort=False)}  # fmt: skip
        texts = {str(name): str(text) for name, text in told["statistics"].items()}
        data = {"name": str(told["data"]["name"]), "origin": str(told["data"]["origin"])}
        return Result(
            str(told["strategy"]), {}, {}, texts, equity[["equity", "benchmark"]].astype(np.float64), orders[ORDER_COLUMNS],
            _closed_trades(folder, str(told["strategy"])), regimes, int(told["trainings"]), 0, str(told["error"]).split("\n")[0],
            data)  # fmt: skip


def _closed_trades(folder: Path, name: str) -> pd.DataFrame:
    """Trades of the result file in LEAN's format that lies there too."""
    import pandas as pd

    path = folder / f"{name}.json"
    if not path.is_file():
        return pd.DataFrame(columns=list(TRADE_COLUMNS))
    with intact(path):
        closed = json.loads(path.read_text(encoding="utf-8"))["totalPerformance"]["closedTrades"]
        rows = [
            (one["symbols"][0]["value"], DIRECTIONS[int(one["direction"])], float(one["quantity"]),
             pd.Timestamp(one["entryTime"]).tz_localize(None), float(one["entryPrice"]),
             pd.Timestamp(one["exitTime"]).tz_localize(None), float(one["exitPrice"]), float(one["profitLoss"]),
             float(one["totalFees"]))
            for one in closed
        ]  # fmt: skip
        return pd.DataFrame(rows, columns=list(TRADE_COLUMNS))


def _of_study(folder: Path) -> Result:
    from hidden_regime.experiments.pages.curve_figures import best_column

    study = read_study(folder)
    place = best_column(study)
    if study.best is None or place is None:
        raise StudyError(f"{folder}: the study has no best trial with a curve: expected one that sent orders.")
    equity = _curve(study.days, study.returns[:, place])
    parameters = study.config | study.best.parameters
    return _bare(study.spec["strategy"], equity, parameters=parameters, texts=dict(study.best.statistics))


def _of_walk_forward(folder: Path) -> Result:
    found = read_walk_forward(folder)
    curve = found.curve
    if not len(curve):
        raise StudyError(f"{folder}: nothing was traded out of sample: expected a walk-forward with feasible trials.")
    whole = np.concatenate([[1.0], curve.to_numpy(np.float64)])
    equity = _curve(curve.index.to_numpy().astype("datetime64[D]"), whole[1:] / whole[:-1] - 1.0)
    return _bare(f"{found.spec['strategy']}, out of sample", equity)


def _of_returns(name: str, returns: Any) -> Result:
    import pandas as pd

    series = returns.iloc[:, 0] if isinstance(returns, pd.DataFrame) and returns.shape[1] == 1 else returns
    if not isinstance(series, pd.Series) or not isinstance(series.index, pd.DatetimeIndex):
        raise ParameterError("source", type(returns).__name__, "a Series of returns with a DatetimeIndex of trading days")
    if not series.index.is_monotonic_increasing or not series.index.is_unique:
        raise ParameterError("source", name, "returns of rising days, each once", "Sort them: returns.sort_index().")
    values = pd.to_numeric(series, errors="coerce").to_numpy(np.float64)
    if not np.isfinite(values).all() or not (values > -1.0).all():
        place = int(np.argmin(np.isfinite(values) & (values > -1.0)))
        raise ParameterError(f"source[{place}]", series.iloc[place], "a finite return above -1", "0.01 is one percent.")
    return _bare(name, _curve(series.index.to_numpy().astype("datetime64[D]"), values))


def _curve(days: Any, returns: Any) -> pd.DataFrame:
    """Equity of returns: it begins the day before the first of them."""
    import pandas as pd

    all_days = np.concatenate([days[:1] - np.timedelta64(1, "D"), days]).astype("datetime64[us]")
    values = START * np.cumprod(np.concatenate([[1.0], 1.0 + np.asarray(returns, dtype=np.float64)]))
    return pd.DataFrame({"equity": values, "benchmark": np.nan}, index=pd.DatetimeIndex(all_days, name="date"))


def _bare(name: str, equity: pd.DataFrame, *, parameters: dict[str, str] | None = None,
          texts: dict[str, str] | None = None) -> Result:  # fmt: skip
    import pandas as pd

    none = pd.DataFrame(columns=ORDER_COLUMNS), pd.DataFrame(columns=list(TRADE_COLUMNS))
    return Result(str(name), parameters or {}, {}, texts or {}, equity, *none)
