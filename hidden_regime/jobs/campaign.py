"""A campaign: which hypotheses are tried where, by which rules, and what it may cost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

from hidden_regime.experiments.constraint import Constraint
from hidden_regime.experiments.objective import Objective
from hidden_regime.experiments.space import Space
from hidden_regime.experiments.trials.digests import digest_of
from hidden_regime.jobs import words


@dataclass(frozen=True)
class Target:
    """Where a campaign's steps run, and on what.

    Attributes
    ----------
    baseline, optimise, validate : str
        "embedded", "lean" or "cloud"; validate may be "none".
    data : str
        As of `run_strategy`; empty: the packaged stocks.
    start, end : date or None
    cash : float or None
    timeout : float
        Seconds that a run in the cloud or in LEAN may take.
    """

    baseline: str = words.EMBEDDED
    optimise: str = words.EMBEDDED
    validate: str = words.NOWHERE
    data: str = ""
    start: date | None = None
    end: date | None = None
    cash: float | None = None
    timeout: float = 6 * 3600.0

    def to_dict(self) -> dict[str, Any]:
        """As what JSON can hold."""
        days = {name: None if day is None else day.isoformat() for name, day in (("start", self.start), ("end", self.end))}
        places = {"baseline": self.baseline, "optimise": self.optimise, "validate": self.validate}
        return {**places, "data": self.data, **days, "cash": self.cash, "timeout": self.timeout}


@dataclass(frozen=True)
class Hypothesis:
    """One idea: a strategy, what is fixed in it, what may be varied, and why anybody should believe it.

    Attributes
    ----------
    name : str
    strategy : str
        A template, a .py file or a project's folder, beside the campaign's file.
    why : str
    project : str
        Name or number of a project in the cloud, which is pulled into the folder first; empty where nothing is.
    parameters : dict of str to str
    space : Space or None
        None: there is nothing to optimise.
    """

    name: str
    strategy: str
    why: str = ""
    project: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict)
    space: Space | None = None

    def to_dict(self) -> dict[str, Any]:
        """As what JSON can hold."""
        space = None if self.space is None else self.space.to_dict()["parameters"]
        return {
            "name": self.name, "strategy": self.strategy, "why": self.why, "project": self.project,
            "parameters": dict(self.parameters), "space": space,
        }  # fmt: skip


@dataclass(frozen=True)
class Search:
    """How parameters are searched for."""

    method: str = "tpe"
    n_trials: int = 50
    objective: Objective = field(default_factory=lambda: Objective("Sharpe Ratio"))
    constraints: tuple[Constraint, ...] = ()
    seed: int = 0

    def to_dict(self) -> dict[str, Any]:
        """As what JSON can hold."""
        return {
            "method": self.method, "n_trials": self.n_trials, "objective": self.objective.target,
            "direction": self.objective.direction, "constraints": [str(one) for one in self.constraints], "seed": self.seed,
        }  # fmt: skip


@dataclass(frozen=True)
class Windows:
    """The windows of a walk-forward."""

    is_months: int = 12
    oos_months: int = 6
    mode: str = "rolling"
    n_trials: int = 20

    def to_dict(self) -> dict[str, Any]:
        """As what JSON can hold."""
        told = {"is_months": self.is_months, "oos_months": self.oos_months, "mode": self.mode, "n_trials": self.n_trials}
        return dict(told)


@dataclass(frozen=True)
class Rules:
    """What decides.

    Attributes
    ----------
    baseline : tuple of Constraint
        A hypothesis whose baseline doesn't meet them ends there.
    optimised : tuple of Constraint
        What the best set has to meet; also PSR, DSR and PBO of the study.
    accept : tuple of str
        Verdicts of a walk-forward with which a hypothesis is accepted.
    cuts : int
        Moments of the check for look-ahead.
    """

    baseline: tuple[Constraint, ...] = ()
    optimised: tuple[Constraint, ...] = ()
    accept: tuple[str, ...] = ("robust",)
    cuts: int = 3

    def to_dict(self) -> dict[str, Any]:
        """As what JSON can hold."""
        limits = {name: [str(one) for one in getattr(self, name)] for name in ("baseline", "optimised")}
        return {**limits, "accept": list(self.accept), "cuts": self.cuts}


@dataclass(frozen=True)
class Gates:
    """Who says go: "autonomous" nobody has to, "manual" a person before the steps that wait, "dry" nothing runs."""

    mode: str = words.AUTONOMOUS
    wait: tuple[str, ...] = words.RUNNING_STEPS


@dataclass(frozen=True)
class Campaign:
    """A campaign, as its file says it.

    Attributes
    ----------
    path : Path
        Of its file; results are in `results/NAME` beside it.
    name : str
    option : str
        "A" to "D": the preset of places and gates that it began with; empty where there was none.
    target, hypotheses, search, windows, rules, gates
    skip : tuple of str
        Steps that are left out.
    credits : int or None
        QCC that it may spend in the cloud, beside the account's own limits; None: these alone.
    """

    path: Path
    name: str
    hypotheses: tuple[Hypothesis, ...]
    option: str = ""
    target: Target = field(default_factory=Target)
    search: Search = field(default_factory=Search)
    windows: Windows = field(default_factory=Windows)
    rules: Rules = field(default_factory=Rules)
    gates: Gates = field(default_factory=Gates)
    skip: tuple[str, ...] = ()
    credits: int | None = None

    @property
    def folder(self) -> Path:
        """Of the file: strategies and data are looked for from here."""
        return self.path.parent

    @property
    def results(self) -> Path:
        """Where everything that it finds is written."""
        return self.folder / "results" / self.name

    def to_dict(self) -> dict[str, Any]:
        """All that decides what is done, as what JSON can hold: equal for equal campaigns, however their files are written."""
        return {
            "name": self.name, "target": self.target.to_dict(), "optimise": self.search.to_dict(),
            "walk_forward": self.windows.to_dict(), "rules": self.rules.to_dict(), "skip": list(self.skip),
            "gates": {"mode": self.gates.mode, "wait": list(self.gates.wait)}, "budget": {"credits": self.credits},
            "hypotheses": [one.to_dict() for one in self.hypotheses],
        }  # fmt: skip

    @cached_property
    def spec_hash(self) -> str:
        """Digest of all of it."""
        return digest_of(self.to_dict())[:16]

    def hypothesis(self, name: str) -> Hypothesis:
        """One by its name; a KeyError where there is none."""
        return {one.name: one for one in self.hypotheses}[name]

    def place_of(self, text: str) -> str:
        """A path of the file seen from where this process is; what is no path beside it stays as it is."""
        beside = self.folder / text
        return str(beside) if text and beside.exists() else text
