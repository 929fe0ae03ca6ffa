"""A trial: one run of a strategy with one set of parameters, or what it came to the last time."""

from __future__ import annotations

import json
import math
import os
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from hidden_regime.cache.stores.folder import FolderStore
from hidden_regime.detection.recorded import RecordedDetector
from hidden_regime.exceptions import RegimeError
from hidden_regime.experiments.trials.kept_tapes import KeptTapes
from hidden_regime.experiments.trials.outcome import COMPLETE, IDLE, Outcome, failed
from hidden_regime.experiments.trials.own_figures import OwnFigures, with_own
from hidden_regime.experiments.trials.setup import Setup
from hidden_regime.experiments.trials.source import open_source
from hidden_regime.quantconnect.feeding import MAKES_DETECTORS
from hidden_regime.quantconnect.profiling import PerformanceProfiler
from hidden_regime.quantconnect.tracking import trackers_of
from hidden_regime.research import backtest, projects
from hidden_regime.simulator import result as lean_result
from hidden_regime.simulator.loop.engine import Run
from hidden_regime.simulator.run import run_file
from hidden_regime.simulator.run_state import run_state_of
from hidden_regime.simulator.turn import alone

MOST_BYTES = {"trials": None, "tapes": 1_000_000_000}
"""A trial takes some fifty kilobytes; a tape of twelve years takes one megabyte, and those unused for longest make room."""
PASSING = (MemoryError, OSError)
"""What may have ended a run for a reason that isn't the strategy's: the next time it is run again."""


class Unmeasured(PerformanceProfiler):
    """Measures nothing, whatever the strategy asks for: nobody reads where the time of a trial went."""

    def enable(self) -> None:
        """Stay off."""


def store_of(folder: Path | None, kind: str) -> FolderStore | None:
    """Store of trials or of tapes in a folder."""
    return None if folder is None else FolderStore(folder / kind, max_bytes=MOST_BYTES[kind])


@lru_cache(maxsize=2)
def tapes_of(folder: Path | None) -> KeptTapes:
    """This process's tapes."""
    return KeptTapes(store_of(folder, "tapes"))


def run_setup(setup: Setup, parameters: Mapping[str, str], *, tapes: KeptTapes | None = None,
              on_day: Callable[[date], None] | None = None, object_store: str | Path | None = None) -> Run:  # fmt: skip
    """Run the strategy once, whatever was run before.

    Raises
    ------
    RegimeError
        The set-up can't be run.
    """
    market = open_source(setup.data, setup.stamp, setup.data_key)

    def prepare(algorithm: Any) -> None:
        for tracker in trackers_of(algorithm):
            tracker.profiler = Unmeasured(enabled=False)
        if tapes is not None:
            setattr(algorithm, MAKES_DETECTORS, lambda **options: RecordedDetector.recorded(tapes, **options))

    with alone(), projects.libraries(setup.strategy):
        run = run_file(
            setup.strategy, market, parameters=setup.base | dict(parameters), start=setup.start, end=setup.end,
            cash=setup.cash, store=object_store, prepare=prepare, on_day=on_day)  # fmt: skip
    if tapes is not None:
        tapes.flush()
    return run


def kept_outcome(setup: Setup, parameters: Mapping[str, str]) -> Outcome | None:
    """What the store has of a set of parameters; None where it has nothing that can be read."""
    key = setup.trial_key(parameters)
    store = store_of(setup.store, "trials")
    content = store.get(key) if store is not None and key else None
    return None if content is None else Outcome.from_bytes(content)


def run_trial(setup: Setup, parameters: Mapping[str, str], *, keep_tapes: bool = True) -> Outcome:
    """The outcome of a set of parameters: what the store has of it, or else a run. Errors of the strategy are in it.

    Parameters
    ----------
    setup : Setup
    parameters : dict of str to str
    keep_tapes : bool
        Keep regimes for other trials on the same bars; of no use where no other trial has them.
    """
    found = kept_outcome(setup, parameters)
    if found is not None:
        return found
    with quiet(), alone():  # that another thread runs one is no failure of this trial, which would be kept for ever
        try:
            run = run_setup(setup, parameters, tapes=tapes_of(setup.store) if keep_tapes else None)
            outcome, lasts = outcome_of(run, parameters, setup.further, setup.figures), not isinstance(run.error, PASSING)
        except RegimeError as error:
            outcome, lasts = failed(error.text), True
    key = setup.trial_key(parameters)
    store = store_of(setup.store, "trials")
    if store is not None and key and lasts:
        store.put(key, outcome.to_bytes())
    return outcome


def outcome_of(run: Run, parameters: Mapping[str, str], further: tuple[str, ...] = (),
               figures: tuple[OwnFigures, ...] = ()) -> Outcome:  # fmt: skip
    """What a search reads of a run."""
    core = run_state_of(run.algorithm)
    if run.error is not None:
        return failed(first_line(run))
    unusable = sorted(core.parameters_unusable & set(parameters))
    if unusable:
        return failed(f"{unusable[0]} = {parameters[unusable[0]]}: the strategy can't read it and took its default.")
    days, equity, marks = backtest.equity_by_day(run)
    asked = further_figures(with_own(lean_result.build(run, "trial"), figures, run), further) if further else {}
    status = COMPLETE if core.book.orders else IDLE
    benchmark = marks if len(marks) and bool((marks > 0.0).all()) else np.empty(0)
    return Outcome(status, lean_result.statistics(run), days, equity, further=asked, benchmark=benchmark)


def further_figures(content: Mapping[str, Any], paths: tuple[str, ...]) -> dict[str, str]:
    """Values of LEAN's result file by dotted paths, in either case of letters as in LEAN; what isn't there is left out."""
    out = {}
    for path in paths:
        value: Any = content
        for part in path.split("."):
            lower = {str(name).lower(): name for name in value} if isinstance(value, Mapping) else {}
            value = value[lower[part.lower()]] if part.lower() in lower else None
        if value is not None and not isinstance(value, (Mapping, list)) and not (isinstance(value, float) and math.isnan(value)):
            out[path] = value if isinstance(value, str) else json.dumps(value)
    return out


def first_line(run: Run) -> str:
    """Why a run ended, in a line, with the place in the strategy's file."""
    lines = [line.strip() for line in run.message.splitlines() if line.strip()]
    place = next((line for line in lines if line.startswith("in ") and ": line " in line), "")
    return (lines[0] if lines else type(run.error).__name__) + (f" ({place})" if place else "")


@contextmanager
def quiet() -> Iterator[None]:
    """Inside, warnings and what a strategy prints are not shown: a hundred trials would say each a hundred times, in the middle
    of the search's own output; a single run says them."""
    with warnings.catch_warnings(), open(os.devnull, "w", encoding="utf-8") as nowhere, redirect_stdout(nowhere):
        warnings.simplefilter("ignore")
        yield
