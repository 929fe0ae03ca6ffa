"""A run in parts, wherever it comes from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from hidden_regime.exceptions import ParameterError
from hidden_regime.experiments.checks import whole
from hidden_regime.experiments.optimization import KEPT, store_folder
from hidden_regime.experiments.result import Result
from hidden_regime.experiments.segments.eras import OUTSIDE, Era, Eras, era_labels, read_eras, year_labels
from hidden_regime.experiments.segments.known import NOT_KNOWN, benchmark_of, known_before, regimes_for
from hidden_regime.experiments.segments.parts import parts_of, whole_of
from hidden_regime.experiments.segments.segments import Segments
from hidden_regime.experiments.sources import result_of
from hidden_regime.experiments.trials.source import Data
from hidden_regime.kernels.results import Floats
from hidden_regime.regimes.palette import PALETTE
from hidden_regime.regimes.statistics import days_per_year

if TYPE_CHECKING:
    import pandas as pd

BY = ("regime", "era", "year")


def segment(
    source: Any,
    *,
    by: str = "regime",
    eras: Eras | None = None,
    regimes: Any = None,
    asset: str | None = None,
    min_spells: int = 5,
    n_resamples: int = 2000,
    seed: int = 0,
    name: str = "",
    data: Data = None,
    parameters: Mapping[str, object] | None = None,
    start: date | None = None,
    end: date | None = None,
    cash: float | None = None,
    store: str | Path | None = KEPT,
    out: str | Path | None = None,
) -> Segments:
    """Say what a run earned in each regime, era or year, and which regimes can be told from the rest.

    A day's return belongs to the regime that was known before it was earned: the last filtered one at the previous trading
    day's close.

    Parameters
    ----------
    source : Result, str, Path, Series or (n_days,) DataFrame
        A run; a strategy, which is run; the folder of a backtest, a study or a walk-forward; or returns by trading day.
    by : "regime", "era" or "year"
    eras : str, Path or mapping
        Of `by="era"`, fixed beforehand: a TOML file of tables `[[era]]` with name, start, end and why, or names with their first
        and last day.
    regimes : DataFrame, Series or mapping of tickers to them, optional
        Instead of the run's own: what `RegimeDetector.run` gives, or names of filtered regimes by the time at which each became
        known. A day stands for its close.
    asset : str, optional
        Whose regimes; default: the only asset with regimes that was traded, else what the run is measured against, else the
        first.
    min_spells : int
        A part of fewer has neither intervals nor p values, at least 2. A spell is consecutive days of one part.
    n_resamples, seed : int
        Of the bootstrap of whole spells.
    name : str
        What the run is called instead of its own name.
    data, parameters, start, end, cash, store
        Of a strategy that is run, as of `run_strategy`; "auto" keeps regimes in the user's folder for caches.
    out : str or Path, optional
        Folder to write into.

    Returns
    -------
    Segments
        Parts' returns multiply to the whole's. The same source and seed give the same.

    Raises
    ------
    ParameterError
        A run without regimes, or eras that can't be.
    StudyError
        A folder without results.

    Notes
    -----
    Intervals are of 95 of 100, from the studentised bootstrap of a part's spells; the difference from the rest is tested by
    drawing spells in both, two-sided, and adjusted by Holm over the parts that have enough of them.

    References
    ----------
    Davison and Hinkley (1997), Bootstrap methods and their application, sections 2.4 and 3.8. Holm (1979), A simple sequentially
    rejective multiple test procedure, Scandinavian Journal of Statistics 6.

    Examples
    --------
    >>> from datetime import date
    >>> from hidden_regime.experiments.segments import segment
    >>> found = segment("basic_regime_switching", end=date(2004, 12, 31), store=None)
    >>> [part.name for part in found.parts], found["Bear"].too_few
    (['Bear', 'Sideways', 'Bull'], True)
    >>> product = np.prod([1 + part.own.total_return for part in found.parts])
    >>> bool(abs(product - 1 - found.whole.total_return) < 1e-12)
    True
    """
    if by not in BY:
        raise ParameterError("by", by, f"one of {', '.join(BY)}")
    fixed = _eras(by, eras)
    for what, given in (("regimes", regimes), ("asset", asset)):
        if by != "regime" and given is not None:
            raise ParameterError(what, given, f"nothing with by={by!r}", "Regimes part the days with by='regime'.")
    whole("min_spells", min_spells, "a whole number of at least 2: one spell has no spread", low=2)
    whole("n_resamples", n_resamples, "a whole number of at least 100", low=100)
    whole("seed", seed, "a whole number of at least 0", low=0)
    result = result_of(source, name=name, data=data, parameters=parameters, start=start, end=end, cash=cash,
                       store=None if store is None else store_folder(store, None))  # fmt: skip
    days, before, returns, benchmark = _returns(result)
    notes = [] if not result.error else [f"The run ended early: {result.error}"]
    ticker = None
    if by == "regime":
        ticker, calls, said = regimes_for(result, regimes, asset, benchmark_of(result))
        notes += said
        labels = known_before(calls, days, before)
        if set(labels) == {NOT_KNOWN}:
            span = f"{calls.index[0]:%Y-%m-%d} to {calls.index[-1]:%Y-%m-%d}" if len(calls) else "none"
            raise ParameterError("regimes", span, f"regimes known before some day of the run, {days[0]} to {days[-1]}")
        notes += _until(calls, labels)
    else:
        labels = era_labels(days, fixed) if by == "era" else year_labels(days)
        notes += [f"The run has no day of {era.name!r}, {era.start} to {era.end}." for era in fixed if era.name not in labels]
    asked = {"min_spells": int(min_spells), "n_resamples": int(n_resamples), "seed": int(seed)}
    told = [era.to_dict() for era in fixed] if by == "era" else None
    spec: dict[str, Any] = {"name": result.name, "by": by, "asset": ticker, "eras": told, **asked}
    # Whether labels are filtered is known of the run's own alone.
    spec |= {"regimes": ("own" if regimes is None else "given") if by == "regime" else None}
    spec |= {"first": str(days[0]), "last": str(days[-1])}
    order, year = _order(labels, by, fixed), days_per_year(days)
    parts = parts_of(labels, order, returns, benchmark, apart=(NOT_KNOWN,), days_a_year=year, **asked)
    found = Segments(spec, parts, whole_of(returns, year), None if benchmark is None else whole_of(benchmark, year),
                     _frame(days, labels, returns, benchmark), str(before[0]), tuple(notes))  # fmt: skip
    if out is not None:
        found.write(out)
    return found


def _eras(by: str, eras: Eras | None) -> tuple[Era, ...]:
    if by == "era":
        if eras is None:
            raise ParameterError("eras", None, "a TOML file, or names with (first day, last day)", "Or take by='year'.")
        return read_eras(eras)
    if eras is not None:
        raise ParameterError("eras", eras, f"nothing with by={by!r}", "Write by='era'.")
    return ()


def _returns(result: Result) -> tuple[npt.NDArray[Any], npt.NDArray[Any], Floats, Floats | None]:
    """Trading days, the one before each, returns, and the benchmark's returns where it is known on all days."""
    equity = result.equity[result.equity["equity"].notna()]
    values = equity["equity"].to_numpy(np.float64)
    if len(values) < 2:
        raise ParameterError("source", result.name, "a run of at least two trading days", result.error)
    if not (np.isfinite(values) & (values > 0.0)).all():
        raise ParameterError(
            "source", result.name, "equity above 0 on each day", "After the loss of everything there are no returns."
        )
    every = equity.index.to_numpy().astype("datetime64[D]")
    held = equity["benchmark"].to_numpy(np.float64)
    known = bool((np.isfinite(held) & (held > 0.0)).all())
    return every[1:], every[:-1], values[1:] / values[:-1] - 1.0, held[1:] / held[:-1] - 1.0 if known else None


def _until(calls: pd.Series, labels: Sequence[str]) -> list[str]:
    """A note on days at the end that have no regime any more."""
    if labels[-1] != NOT_KNOWN:
        return []
    return [f"The last regime is of {calls.index[-1]:%Y-%m-%d}: after 35 days without a new one none is known any more."]


def _order(labels: Sequence[str], by: str, eras: Sequence[Era]) -> list[str]:
    """Names of the parts: regimes from worst to best, others in the order of time."""
    present = set(labels)
    last = {"regime": NOT_KNOWN, "era": OUTSIDE}.get(by)
    first = {"regime": list(PALETTE), "era": [era.name for era in eras]}.get(by, [])
    order = [name for name in first if name in present]
    order += sorted(present - {*order, last})
    return [*order, last] if last in present and last is not None else order


def _frame(days: Any, labels: Sequence[str], returns: Floats, benchmark: Floats | None) -> pd.DataFrame:
    import pandas as pd

    index = pd.DatetimeIndex(days.astype("datetime64[us]"), name="day")
    held = np.full(len(days), np.nan) if benchmark is None else benchmark
    return pd.DataFrame({"part": list(labels), "return": returns, "benchmark": held}, index=index)
