"""Folders of optimisations. LEAN writes no result of one: trials are read and ranked here, and held to what its log says."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from hidden_regime.exceptions import ParameterError
from hidden_regime.experiments.constraint import Constraint
from hidden_regime.experiments.objective import Objective
from hidden_regime.experiments.space.lean_config import read_lean_config
from hidden_regime.experiments.space.problem import Problem
from hidden_regime.experiments.trials.outcome import COMPLETE, FAILED, IDLE
from hidden_regime.files.paths import given_path
from hidden_regime.local_lean.errors import LeanResultsError
from hidden_regime.local_lean.figures import value_at, violations_of
from hidden_regime.local_lean.folders import (
    COMPLETED,
    CONFIG,
    LOG,
    OPTIMIZER_CONFIG,
    last_errors,
    result_file,
    status_of,
)
from hidden_regime.local_lean.lenient import mapping, read_object, result_of, texts
from hidden_regime.local_lean.remarks import remarks
from hidden_regime.local_lean.trials import UNSAID, UNSOLVED, WON, LeanOptimization, LeanTrial

GUID = re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")
LAUNCHED = re.compile(r"launched backtest '(?P<id>[^']+)'(?: with parameters '(?P<set>[^']*)')?")
WINNER = re.compile(r"ParameterSet: \([^)]*\) backtestId '(?P<id>[^']+)'")
"""What lean-cli looks for, too. Where it finds none, it says success all the same."""
NOT_REACHED = "Result was not reached"
ORDERS = ("Total Orders", "Total Trades")
"""How many orders there were, in today's statistics and in those of years ago."""


def read_optimization(
    folder: str | Path, *, objective: Objective | None = None, constraints: Sequence[Constraint] | None = None
) -> LeanOptimization:
    """An optimisation from its folder.

    Parameters
    ----------
    folder : str or Path
        As `lean optimize --output` has it.
    objective : Objective, optional
        Rank by this instead of what LEAN was asked for.
    constraints : sequence of Constraint, optional
        Hold trials to these instead. LEAN's percents are fractions here: 25% is 0.25.

    Raises
    ------
    LeanResultsError
        It is no such folder, or what it was asked can't be read. A trial that can't be read is one that failed.
    """
    place = given_path("folder", folder)
    if not (place / OPTIMIZER_CONFIG).is_file():
        raise LeanResultsError(f"{place} holds no {OPTIMIZER_CONFIG}: expected the folder of `lean optimize`.")
    config = read_object(place / CONFIG) if (place / CONFIG).is_file() else {}
    asked = _asked(place / OPTIMIZER_CONFIG)
    goal, limits = objective or asked.objectives[0], asked.constraints if constraints is None else tuple(constraints)
    log = (place / LOG).read_bytes().decode("utf-8", "replace") if (place / LOG).is_file() else ""
    trials = tuple(
        _trial(place / identity, number, said, asked, goal, limits)
        for number, (identity, said) in enumerate(_launched(place, log).items())
    )
    named = WINNER.search(log)
    winner = next((trial for trial in trials if named and trial.id == named["id"]), None)
    ended = WON if named else UNSOLVED if NOT_REACHED in log else UNSAID
    problem = Problem(asked.space, (goal,), limits, asked.method, asked.segments, asked.notes)
    found = LeanOptimization(place, str(config.get("id", "")), problem, trials, ended, winner, ())
    is_asked = goal == asked.objectives[0] and limits == asked.constraints
    notes = remarks(found, named["id"] if named else "", last_errors(place / LOG), is_asked=is_asked)
    return replace(found, notes=(*(asked.notes if is_asked else ()), *notes))


def _asked(path: Path) -> Problem:
    try:
        problem = read_lean_config(path).problem
    except ParameterError as error:
        raise LeanResultsError(f"{path} can't be read ({error.text}): expected what LEAN's optimiser was asked.") from error
    if not problem.objectives:
        raise LeanResultsError(f"{path} names no optimization-criterion: expected what LEAN's optimiser was asked.")
    return problem


def _launched(folder: Path, log: str) -> dict[str, str]:
    """Ids of the trials and their sets as the log has them; then those of which it says nothing, by name."""
    found = {line["id"]: line["set"] or "" for line in LAUNCHED.finditer(log)}
    for path in sorted(folder.iterdir()):
        if path.is_dir() and GUID.fullmatch(path.name):
            found.setdefault(path.name, "")
    return found


def _trial(folder: Path, number: int, said: str, asked: Problem, goal: Objective, limits: tuple[Constraint, ...]) -> LeanTrial:
    result, error = _result(folder)
    given = texts(mapping(result.get("algorithmConfiguration")).get("parameters"))
    own = dict(part.split(":", 1) for part in said.split(",") if ":" in part)
    parameters = own or {name: given[name] for name in asked.space.names if name in given}
    status = FAILED if error else IDLE if _orders(result) == 0 else COMPLETE
    return LeanTrial(
        number, folder.name, parameters, status, value_at(result, goal), violations_of(result, limits),
        texts(result.get("statistics")), error, folder)  # fmt: skip


def _result(folder: Path) -> tuple[dict[str, Any], str]:
    """A trial's result, and why it has none or how it ended early."""
    path = result_file(folder, {}) if folder.is_dir() else None
    if path is None:
        return {}, f"it left no result. {last_errors(folder / LOG)}".strip()
    try:
        result = result_of(read_object(path))
    except LeanResultsError as error:
        return {}, error.text
    status = status_of(result)
    said = str(mapping(result.get("state")).get("RuntimeError") or "")
    return result, "" if status == COMPLETED else said or f"its status is {status}"


def _orders(result: Mapping[str, Any]) -> int | None:
    """How many orders a run sent; None where the result doesn't say."""
    statistics = texts(result.get("statistics"))
    for name in ORDERS:
        if statistics.get(name, "").isdigit():
            return int(statistics[name])
    return len(mapping(result["orders"])) if "orders" in result else None
