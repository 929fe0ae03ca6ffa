"""Who is compared: names, what each is a digest of, and its run, whether it is there already or not."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from hidden_regime.exceptions import PREFIX, ParameterError, RegimeError, RegimeWarning, StudyError
from hidden_regime.experiments.result import Result
from hidden_regime.experiments.run import TRADE_COLUMNS, run_strategy
from hidden_regime.experiments.sources import is_results, result_of
from hidden_regime.experiments.trials.digests import digest_of
from hidden_regime.experiments.trials.setup import make_setup
from hidden_regime.experiments.trials.source import Data
from hidden_regime.research.tables import ORDER_COLUMNS
from hidden_regime.simulator.turn import alone

RESERVED = "date"
"""The column of days in tables."""


@dataclass(frozen=True)
class Options:
    """What all strategies are run with; see `run_strategy`."""

    data: Data = None
    parameters: Mapping[str, object] = field(default_factory=dict)
    start: date | None = None
    end: date | None = None
    cash: float | None = None
    store: Path | None = None


@dataclass(frozen=True)
class Entrant:
    """One of those that are compared.

    Attributes
    ----------
    name : str
    key : str
        Digest of all that its run depends on; empty where nobody knows.
    result : Result or None
        Its run, if it is there already.
    strategy : str, Path or None
        What to run else.
    """

    name: str
    key: str
    result: Result | None
    strategy: str | Path | None = None


def entrants_of(strategies: Any, names: Sequence[str] | None, options: Options) -> list[Entrant]:
    """Those of a sequence of sources, or of a mapping of names to them.

    Raises
    ------
    ParameterError
        A source that is none, or names that aren't as many.
    """
    if isinstance(strategies, Mapping):
        if names is not None:
            raise ParameterError("names", names, "nothing beside a mapping, whose keys are the names")
        names, sources = [str(name) for name in strategies], list(strategies.values())
    elif isinstance(strategies, (str, Path, Result, pd.Series, pd.DataFrame)) or not isinstance(strategies, Sequence):
        raise ParameterError("strategies", strategies, "a list of strategies, or a mapping of names to them")
    else:
        sources = list(strategies)
    if not sources:
        raise ParameterError("strategies", strategies, "at least one strategy", "Give two to compare them with each other.")
    if names is not None and (isinstance(names, str) or len(names) != len(sources)):
        raise ParameterError("names", names, f"a name for each of the {len(sources)} strategies")
    found = [_entrant(source, "" if names is None else str(names[i]), options) for i, source in enumerate(sources)]
    return with_names(found)


def with_names(entrants: Sequence[Entrant]) -> list[Entrant]:
    """Each with a name of its own: "x", "x 2", "x 3"."""
    taken = {RESERVED}
    out = []
    for one in entrants:
        base = name = one.name.strip() or "strategy"
        count = 1
        while name in taken:
            count += 1
            name = f"{base} {count}"
        taken.add(name)
        out.append(Entrant(name, one.key, one.result, one.strategy))
    return out


def entrant_of(result: Result) -> Entrant:
    """A run that is there."""
    return Entrant(result.name, _digest(result), result)


def _entrant(source: Any, name: str, options: Options) -> Entrant:
    if isinstance(source, (str, Path)) and not is_results(Path(source)):
        try:
            setup = make_setup(source, options.data, parameters=options.parameters, start=options.start, end=options.end,
                               cash=options.cash)  # fmt: skip
        except RegimeError as error:
            called = name or Path(source).stem
            return Entrant(called, "", failed(called, error.text))
        return Entrant(name or setup.name, setup.trial_key({}), None, source)
    try:
        return entrant_of(result_of(source, name=name))
    except StudyError as error:
        called = name or Path(source).name
        return Entrant(called, "", failed(called, error.text))


def _digest(result: Result) -> str:
    values = [result.equity[column].to_numpy(np.float64).tobytes().hex() for column in ("equity", "benchmark")]
    days = [str(day) for day in result.equity.index.to_numpy().astype("datetime64[D]")]
    return digest_of(result.key, result.error, result.texts, days, values)


def failed(name: str, error: str) -> Result:
    """A run that wasn't: its error is all there is of it."""
    equity = pd.DataFrame({"equity": [], "benchmark": []}, index=pd.DatetimeIndex([], name="date"), dtype=np.float64)
    none = pd.DataFrame(columns=ORDER_COLUMNS), pd.DataFrame(columns=list(TRADE_COLUMNS))
    return Result(name, {}, {}, {}, equity, *none, error=error or "it failed")


@dataclass(frozen=True)
class Ran:
    """A run that has ended, and what it warned of."""

    result: Result
    notes: tuple[str, ...] = ()


def run_entrant(options: Options, entrant: Entrant) -> Ran:
    """Run one that isn't there already; its errors become its result, and what it prints isn't shown."""
    if entrant.result is not None or entrant.strategy is None:
        return Ran(entrant.result or failed(entrant.name, "there is nothing to run"))
    with alone(), warnings.catch_warnings(record=True) as said, redirect_stdout(StringIO()):
        warnings.simplefilter("always")
        try:
            found = run_strategy(
                entrant.strategy, options.data, parameters=options.parameters, start=options.start, end=options.end,
                cash=options.cash, store=options.store)  # fmt: skip
        except RegimeError as error:
            found = failed(entrant.name, error.text)
    told = [str(one.message).removeprefix(PREFIX) for one in said if issubclass(one.category, RegimeWarning)]
    return Ran(found, tuple(dict.fromkeys(told)))


def lost(entrant: Entrant) -> Ran:
    """What a process that died leaves."""
    return Ran(failed(entrant.name, "its process died twice: it may need more memory than there is."))
