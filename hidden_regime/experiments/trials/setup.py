"""What all trials of a study share."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path

import numpy as np

from hidden_regime import kernels
from hidden_regime.exceptions import EmptyRangeError, ParameterError
from hidden_regime.experiments.trials.digests import data_digest, digest_of, package_digest, strategy_digest
from hidden_regime.experiments.trials.own_figures import OwnFigures
from hidden_regime.experiments.trials.source import Data, open_source, stamp_of
from hidden_regime.research import projects
from hidden_regime.research.strategies import find_strategy, market_parameters

FORMAT = 1
"""Version of what a trial is; part of every key."""


@dataclass(frozen=True)
class Setup:
    """Strategy, data, dates and what is the same in each trial.

    Attributes
    ----------
    strategy : Path
    name : str
        What results are called.
    data : str, Path or MarketData
    stamp, data_key : str
        Which state of the data; empty key: nobody knows what they hold.
    base : dict of str to str
        Parameters that every trial has: what the data say of themselves, the project's config.json, and those that were fixed.
    start, end : date or None
    cash : float or None
    further : tuple of str
        Figures besides LEAN's statistics, by their path in LEAN's result file.
    store : Path or None
        Folder of trials and tapes that were run before.
    figures : tuple of OwnFigures
        What `further` may ask for that LEAN's result file hasn't.
    """

    strategy: Path
    name: str
    data: Data
    stamp: str
    data_key: str
    source_key: str
    base: dict[str, str]
    start: date | None = None
    end: date | None = None
    cash: float | None = None
    further: tuple[str, ...] = ()
    store: Path | None = None
    figures: tuple[OwnFigures, ...] = ()

    def trial_key(self, parameters: Mapping[str, str]) -> str:
        """Digest of everything that a trial's outcome depends on; empty where that isn't known."""
        if not self.data_key:
            return ""
        days = [None if day is None else day.isoformat() for day in (self.start, self.end)]
        all_parameters = self.base | dict(parameters)
        arithmetic = [kernels.VERSION, kernels.arithmetic()]
        return digest_of(
            "trial", FORMAT, package_digest(), arithmetic, self.source_key, self.data_key, all_parameters, days, self.cash,
            list(self.further), *(one.key for one in self.figures))  # fmt: skip

    def window(self, start: date, end: date, assets: tuple[str, ...] | None = None) -> Setup:
        """The same between other days, and of some of the assets."""
        base = self.base | _days(self.base, start, end)
        if assets is not None:
            base["assets"] = ",".join(assets)
        return replace(self, base=base, start=start, end=end)


def _days(base: Mapping[str, str], start: date, end: date) -> dict[str, str]:
    """Parameters that say the days, of strategies that take them so."""
    return {name: day.isoformat() for name, day in (("start", start), ("end", end)) if name in base}


def make_setup(strategy: str | Path, data: Data = None, *, parameters: Mapping[str, object] | None = None,
               start: date | None = None, end: date | None = None, cash: float | None = None, further: tuple[str, ...] = (),
               store: Path | None = None, figures: Sequence[OwnFigures] = ()) -> Setup:  # fmt: skip
    """A study's set-up, of what a user gives.

    Raises
    ------
    RegimeError
        No such strategy or data; a date, an amount or a parameter that can't be.
    """
    path = find_strategy(str(strategy) if isinstance(strategy, Path) else strategy)
    for name, day in (("start", start), ("end", end)):
        if day is not None and not isinstance(day, date):
            raise ParameterError(name, day, "a datetime.date")
    start, end = (day.date() if isinstance(day, datetime) else day for day in (start, end))  # a moment, a Timestamp
    if start is not None and end is not None and start > end:
        raise EmptyRangeError(f"start {start} is after end {end}: expected at least one day between.")
    if cash is not None and not (isinstance(cash, (int, float)) and math.isfinite(cash) and cash > 0):
        raise ParameterError("cash", cash, "an amount above zero")
    if parameters is not None and not isinstance(parameters, Mapping):
        raise ParameterError("parameters", parameters, "a mapping of names to values")
    stamp = stamp_of(data)
    market = open_source(data, stamp)
    given = {str(name): text_of(name, value) for name, value in (parameters or {}).items()}
    base = market_parameters(market, start, end) | projects.parameters(path) | given
    return Setup(
        path, projects.name_of(path), data, stamp, data_digest(market) or "",
        strategy_digest(path, projects.library_folders(path)), base, start, end, cash, further, store,
        tuple(figures),
    )  # fmt: skip


def text_of(name: str, value: object) -> str:
    """A parameter's value as LEAN passes it."""
    value = value.item() if isinstance(value, np.generic) else value  # 0.1, and not np.float64(0.1)
    if isinstance(value, bool) or value is None or not isinstance(value, (str, int, float)):
        raise ParameterError(f"parameters[{name!r}]", value, "a text or a number, which LEAN passes as text")
    return repr(value) if isinstance(value, float) else str(value)
