"""What to know of an optimisation that LEAN's command line doesn't say: it says success whatever came of it."""

from __future__ import annotations

import math

from hidden_regime.experiments.constraint import Constraint
from hidden_regime.experiments.objective import path_of
from hidden_regime.experiments.search.base import best_of
from hidden_regime.experiments.trials.outcome import COMPLETE, FAILED, IDLE
from hidden_regime.local_lean.trials import UNSOLVED, WON, LeanOptimization, LeanTrial

FRACTIONS = {
    "averagewinrate", "averagelossrate", "winrate", "lossrate", "compoundingannualreturn", "drawdown", "totalnetprofit",
    "probabilisticsharperatio", "portfolioturnover",
}  # fmt: skip
"""Figures of LEAN's portfolioStatistics that are fractions and carry no sign of percent."""


def remarks(found: LeanOptimization, named: str, errors: str, *, is_asked: bool) -> list[str]:
    """Remarks on an optimisation.

    Parameters
    ----------
    found : LeanOptimization
    named : str
        The id that LEAN's log names as the best one's.
    errors : str
        The last errors in its log.
    is_asked : bool
        Whether trials are ranked by what LEAN was asked.
    """
    out = [*_trials(found), *_percents(found), *_points(found)]
    if found.ended != WON:
        out.append(_without_winner(found, errors))
    elif found.winner is None:
        out.append(f"LEAN's log names {named} as the best trial, of which nothing is there.")
    elif is_asked:
        out += _choice(found, found.winner)
    return out


def _trials(found: LeanOptimization) -> list[str]:
    out = []
    lost = [trial for trial in found.trials if trial.status == FAILED]
    if lost:
        first = lost[0].error.splitlines()[0] if lost[0].error else ""
        out.append(f"{len(lost)} of {len(found.trials)} trials failed; the first, {lost[0].parameters}: {first}")
    idle = sum(trial.status == IDLE for trial in found.trials)
    if idle:
        out.append(f"{idle} of {len(found.trials)} trials sent no order and count as infeasible here; for LEAN they count.")
    return out


def _without_winner(found: LeanOptimization, errors: str) -> str:
    said = "LEAN named no best set" if found.ended == UNSOLVED else "LEAN's log has no end: it was stopped, or died"
    if errors:
        said += f" ({errors})"
    if not found.trials:
        return f"{said}: no trial was launched."
    goal = found.problem.objectives[0]
    if all(trial.value is None for trial in found.trials):
        return f"{said}: no trial has a figure {goal.target!r}."
    for place, limit in enumerate(found.problem.constraints):
        if all(trial.violations[place] > 0 for trial in found.trials):
            nearest = min(trial.violations[place] for trial in found.trials)
            away = "none has that figure" if math.isinf(nearest) else f"the nearest is beyond it by {nearest:g}"
            return f"{said}: no trial meets {limit}; {away}."
    if found.problem.constraints and not any(trial.told_by_lean.counts for trial in found.trials):
        return f"{said}: no trial meets all of {', '.join(map(str, found.problem.constraints))}."
    return f"{said}."


def _choice(found: LeanOptimization, winner: LeanTrial) -> list[str]:
    """LEAN's choice held to its own rule, and to ours."""
    place = best_of([trial.told_by_lean for trial in found.trials], found.problem.objectives[0].direction)
    own = None if place is None else found.trials[place]
    if own is None or winner.value != own.value or not winner.told_by_lean.counts:
        better = "none" if own is None else f"{own.parameters} with {own.value}"
        return [f"LEAN's log names {winner.parameters} with {winner.value}; by the figures that are there it would be {better}."]
    if winner is not own:
        return [f"{own.parameters} is as good as LEAN's choice {winner.parameters}: of equal ones LEAN takes the first to end."]
    if winner.status != COMPLETE:
        why = "sent no order" if winner.status == IDLE else f"ended with an error: {winner.error.splitlines()[0]}"
        return [f"LEAN's choice {winner.parameters} {why}. Here such a trial is never the best one."]
    return []


def _percents(found: LeanOptimization) -> list[str]:
    """Limits that were meant as percents: LEAN compares fractions."""
    out = []
    for limit in found.problem.constraints:
        if abs(limit.value) > 1.0 and _is_fraction(limit, found):
            percent = f"{limit.value:g}%"
            out.append(
                f"{limit}: {limit.target} is a fraction, so this limit is {limit.value:.0%}. Write {percent} if it was meant."
            )
    return out


def _is_fraction(limit: Constraint, found: LeanOptimization) -> bool:
    path = path_of(limit.target, literal=limit.literal)
    if path.startswith("totalperformance.portfoliostatistics."):
        return path.rpartition(".")[2] in FRACTIONS
    texts = [text for trial in found.trials for name, text in trial.statistics.items() if path_of(name) == path]
    return bool(texts) and all(text.strip().endswith("%") for text in texts)


def _points(found: LeanOptimization) -> list[str]:
    """Whole numbers that LEAN wrote with a point in later rounds: a strategy that reads them as whole ones takes its default."""
    out = []
    for name in found.problem.space.names:
        texts = [trial.parameters[name] for trial in found.trials if name in trial.parameters]
        pointed = sorted({text for text in texts if "." in text})
        if pointed and "." not in texts[0]:
            some = ", ".join(pointed[:3])
            out.append(
                f"{name}: LEAN wrote {some}. A strategy that reads a whole number can't read that, and silently took its default."
            )
    return out
