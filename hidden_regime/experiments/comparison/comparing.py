"""The comparison of strategies."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from hidden_regime.data.packaged import DATASETS
from hidden_regime.exceptions import ParameterError, RegimeError
from hidden_regime.experiments.checks import number, whole
from hidden_regime.experiments.comparison.comparison import Comparison, compared
from hidden_regime.experiments.comparison.days import trouble_with
from hidden_regime.experiments.comparison.entrants import (
    Entrant,
    Options,
    Ran,
    entrant_of,
    entrants_of,
    lost,
    run_entrant,
    with_names,
)
from hidden_regime.experiments.optimization import KEPT, store_folder
from hidden_regime.experiments.result import Result
from hidden_regime.experiments.sources import result_of
from hidden_regime.experiments.trials.digests import digest_of
from hidden_regime.experiments.trials.setup import text_of
from hidden_regime.experiments.trials.source import Data, open_source
from hidden_regime.experiments.workers import Workers

Progress = Callable[[int, int, Result], None]
HOLDING = "holding the benchmark"


def compare_strategies(
    strategies: Sequence[Any] | Mapping[str, Any],
    *,
    names: Sequence[str] | None = None,
    data: Data = None,
    parameters: Mapping[str, object] | None = None,
    start: date | None = None,
    end: date | None = None,
    cash: float | None = None,
    benchmark: Any = None,
    n_resamples: int = 2000,
    block: float | None = None,
    seed: int = 0,
    workers: int | None = None,
    backend: str = "loky",
    store: str | Path | None = KEPT,
    out: str | Path | None = None,
    progress: Progress | None = None,
) -> Comparison:
    """Run strategies over the same days, rank them, and say whether they differ by more than luck.

    Parameters
    ----------
    strategies : sequence of sources, or mapping of names to them
        What `result_of` takes: strategies to run, runs, folders of backtests, studies or walk-forwards, Series of daily returns.
    names : sequence of str, optional
        Of a sequence; default: their own. Equal ones get numbers: "x", "x 2".
    data, parameters, start, end, cash
        As of `run_strategy`, the same for all that are run.
    benchmark : str, Result or Series, optional
        What the family is measured against: the name of one of them, a run, or daily returns. Default: holding what the first is
        measured against, or else the first itself. It is compared like the others.
    n_resamples, block, seed
        As of `sharpe_difference_bootstrap`.
    workers, backend
        Processes, as of `optimize`.
    store : str or Path, optional
        Folder in which regimes are kept from run to run; None keeps none.
    out : str or Path, optional
        Folder of the comparison.
    progress : callable, optional
        Told how many are done, of how many, and the latest run.

    Returns
    -------
    Comparison
        Figures are those of single runs, and equal for any number of workers. One that fails is in the table with its error.

    Raises
    ------
    ParameterError
        A source that is none, an unknown benchmark, a number that can't be.
    StudyError
        Fewer than two that can be compared, too few common days, or a folder that holds something else.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> days = pd.bdate_range("2020-01-01", periods=500)
    >>> luck = np.random.default_rng(0).normal(0.0005, 0.01, (500, 2))
    >>> found = compare_strategies({"one": pd.Series(luck[:, 0], days), "two": pd.Series(luck[:, 1], days)})
    >>> print(found.verdict.headline)
    No, it can't be told from luck.
    """
    whole("n_resamples", n_resamples, "a whole number of at least 99", low=99)
    whole("seed", seed, "a whole number of at least 0", low=0)
    if block is not None:
        number("block", block, "a mean length in days of at least 1", low=1.0)
    crew, folder = Workers(workers, backend), None if out is None else Path(out)
    kept = None if store is None else store_folder(store, folder)
    options = Options(data, dict(parameters or {}), start, end, cash, kept)
    entrants = entrants_of(strategies, names, options)
    entrants, mark = _with_benchmark(entrants, benchmark)
    question = _question(entrants, mark, options) | {"n_resamples": n_resamples, "block": block, "seed": seed}
    identity = digest_of(question)[:16]
    if folder is not None:
        from hidden_regime.experiments.comparison.folder import expect_own

        expect_own(folder, identity)
    ran = list(_run(entrants, options, crew, progress))
    results = [replace(one.result, name=entrant.name) for one, entrant in zip(ran, entrants, strict=True)]
    notes = [f"{entrant.name}: {said}" for one, entrant in zip(ran, entrants, strict=True) for said in one.notes]
    if mark is None:
        held = _holding(results, entrants, data)
        first = next((one for one in results if not trouble_with(one)), results[0])
        mark = first.name if held is None else held.name
        results += [] if held is None else [held]
    found = compared(question, identity, results, mark, notes=notes, block=block, n_resamples=n_resamples, seed=seed)
    if folder is not None:
        found.write(folder)
    return found


def _with_benchmark(entrants: list[Entrant], benchmark: Any) -> tuple[list[Entrant], str | None]:
    """All with the benchmark among them, and its name; None where it is what the first is measured against."""
    if benchmark is None:
        return entrants, None
    if isinstance(benchmark, str):
        if benchmark not in [one.name for one in entrants]:
            known = ", ".join(one.name for one in entrants)
            raise ParameterError("benchmark", benchmark, f"the name of one of them ({known}), a run, or a Series of returns")
        return entrants, benchmark
    if not isinstance(benchmark, (Result, pd.Series, pd.DataFrame)):
        raise ParameterError("benchmark", benchmark, "the name of one of the strategies, a run, or a Series of returns")
    own = entrant_of(result_of(benchmark, name="" if getattr(benchmark, "name", None) else "benchmark"))
    entrants = with_names([*entrants, own])
    return entrants, entrants[-1].name


def _question(entrants: Sequence[Entrant], mark: str | None, options: Options) -> dict[str, Any]:
    days = [None if day is None else str(day)[:10] for day in (options.start, options.end)]
    return {
        "strategies": [{"name": one.name, "key": one.key} for one in entrants], "benchmark": mark,
        "start": days[0], "end": days[1], "cash": options.cash,
        "parameters": {str(name): text_of(str(name), value) for name, value in options.parameters.items()},
    }  # fmt: skip


def _run(entrants: Sequence[Entrant], options: Options, crew: Workers, progress: Progress | None) -> Iterator[Ran]:
    """Runs in order; what is there already isn't sent to anyone."""
    jobs = [one for one in entrants if one.result is None]
    made = crew.map(partial(run_entrant, options), jobs, lost)
    for done, one in enumerate(entrants, 1):
        ran = next(made) if one.result is None else Ran(one.result)
        if progress is not None:
            progress(done, len(entrants), ran.result)
        yield ran


def _holding(results: Sequence[Result], entrants: Sequence[Entrant], data: Data) -> Result | None:
    """Holding what the first that can be compared is measured against, if that is known."""
    for result, entrant in zip(results, entrants, strict=True):
        marks = result.equity["benchmark"].to_numpy(np.float64)
        if trouble_with(result) or not (np.isfinite(marks).all() and (marks > 0.0).all() and np.ptp(marks) > 0.0):
            continue
        equity = pd.DataFrame({"equity": marks, "benchmark": math.nan}, index=result.equity.index)
        named = result.data.get("name")
        known = entrant.strategy is not None or named in DATASETS
        ticker = result.data.get("benchmark", "")
        if not ticker and known:
            ticker = _ticker(result, data if entrant.strategy is not None else named)
        name = f"holding {ticker}" if ticker else HOLDING
        taken = {one.name for one in results}
        while name in taken:
            name += "'"
        none = result.orders.iloc[:0], result.trades.iloc[:0]
        return Result(name, {}, {}, {}, equity, *none, data=dict(result.data))
    return None


def _ticker(result: Result, data: Data) -> str:
    """Of what a run is measured against, where the data's own benchmark has the same closes."""
    try:
        market = open_source(data)
        asset = market.load(market.benchmark)
    except (RegimeError, OSError):
        return ""
    closes = dict(zip((np.datetime64(day) for day in asset.dates), asset.close.tolist(), strict=True))
    days = result.equity.index.to_numpy().astype("datetime64[D]").tolist()
    marks = result.equity["benchmark"].to_numpy(np.float64)
    own = np.array([closes.get(np.datetime64(day), math.nan) for day in days])
    return str(market.benchmark) if np.allclose(own, marks, rtol=1e-6, atol=0.0) else ""
