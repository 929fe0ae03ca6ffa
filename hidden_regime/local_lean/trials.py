"""Trials of LEAN's optimiser, and what they come to together."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from hidden_regime.experiments.search.base import Told, best_of
from hidden_regime.experiments.space.problem import Problem
from hidden_regime.experiments.trials.outcome import COMPLETE
from hidden_regime.local_lean.folders import LeanRun, read_backtest

WON, UNSOLVED, UNSAID = "winner", "no winner", "no end"
"""How an optimisation ended: see `LeanOptimization.ended`."""


@dataclass(frozen=True, eq=False)
class LeanTrial:
    """A trial of an optimisation.

    Attributes
    ----------
    number : int
        From 0, in the order in which LEAN launched them.
    id : str
        Of the backtest, and the name of its folder.
    parameters : dict of str to str
        The set, with texts as LEAN passed them.
    status : str
        "complete", "no orders" (no figure says anything then) or "failed".
    value : float or None
        Of the objective.
    violations : tuple of float
        Of the constraints: above 0 where one isn't met.
    statistics : dict of str to str
        LEAN's, as LEAN writes them.
    error : str
    folder : Path
    """

    number: int
    id: str
    parameters: dict[str, str]
    status: str
    value: float | None
    violations: tuple[float, ...]
    statistics: dict[str, str]
    error: str
    folder: Path

    @property
    def told_by_lean(self) -> Told:
        """What LEAN's search is told of it: every figure counts for LEAN, also of a run without an order or with an error."""
        return Told(self.parameters, None if self.value is None else (self.value,), self.violations)

    @property
    def told(self) -> Told:
        """The same for ours: a trial that failed or sent no order has no value."""
        return self.told_by_lean if self.status == COMPLETE else Told(self.parameters, None, self.violations)

    @property
    def is_feasible(self) -> bool:
        """Whether it may be the best: it is complete, has its value and meets every constraint."""
        return self.told.counts

    def read(self) -> LeanRun:
        """All of it: orders, events and log too."""
        return read_backtest(self.folder)


@dataclass(frozen=True, eq=False)
class LeanOptimization:
    """An optimisation as LEAN's files tell of it.

    Attributes
    ----------
    folder : Path
    id : str
        That of LEAN's command line.
    problem : Problem
        What was asked: as the folder's optimizer-config.json says it, and with it the objective that the ranking goes by.
    trials : tuple of LeanTrial
        In the order in which LEAN launched them.
    ended : str
        "winner" or "no winner" as LEAN's log says; "no end" where it says neither: it was stopped, or died.
    winner : LeanTrial or None
        LEAN's choice.
    notes : tuple of str
        What a user should know: why there is no winner, where LEAN's choice isn't ours, figures that aren't what they seem.
    """

    folder: Path
    id: str
    problem: Problem
    trials: tuple[LeanTrial, ...]
    ended: str
    winner: LeanTrial | None
    notes: tuple[str, ...]

    @property
    def best(self) -> LeanTrial | None:
        """The best feasible trial; of equal ones the first."""
        place = best_of([trial.told for trial in self.trials], self.problem.objectives[0].direction)
        return None if place is None else self.trials[place]

    @property
    def ranked(self) -> list[LeanTrial]:
        """Feasible trials, the best first."""
        sign = -1.0 if self.problem.objectives[0].direction == "max" else 1.0
        return sorted(
            (trial for trial in self.trials if trial.is_feasible), key=lambda trial: (sign * (trial.value or 0.0), trial.number)
        )

    def __repr__(self) -> str:
        best = self.best
        found = "none feasible" if best is None else f"best {best.value} with {best.parameters}"
        return f"LeanOptimization({self.id}, {len(self.trials)} trials, {found})"
