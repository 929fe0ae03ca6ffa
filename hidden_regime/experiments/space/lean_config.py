"""The config of LEAN's optimiser: read as LEAN reads it, and written with everything else as it was."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from hidden_regime.data.decimals import SystemDecimal
from hidden_regime.exceptions import ParameterError
from hidden_regime.experiments.constraint import LEAN_NAMES, Constraint
from hidden_regime.experiments.objective import Objective, bare_of, path_of, statistic_names
from hidden_regime.experiments.space import commented_json
from hidden_regime.experiments.space.parameter import Choice, Parameter, Range
from hidden_regime.experiments.space.problem import Problem
from hidden_regime.experiments.space.space import Space
from hidden_regime.files.paths import given_path
from hidden_regime.files.text import text_in
from hidden_regime.files.whole import write_file

STRATEGY, SETTINGS = "optimization-strategy", "optimization-strategy-settings"
CRITERION, CONSTRAINTS, PARAMETERS = "optimization-criterion", "constraints", "parameters"
SEGMENTS = "default-segment-amount"
STRATEGIES = {
    "grid": "QuantConnect.Optimizer.Strategies.GridSearchOptimizationStrategy",
    "euler": "QuantConnect.Optimizer.Strategies.EulerSearchOptimizationStrategy",
}
SETTINGS_TYPE = "QuantConnect.Optimizer.Strategies.StepBaseOptimizationStrategySettings, QuantConnect.Optimizer"
DEFAULT_SEGMENTS = 10
"""What LEAN's example has."""


@dataclass(frozen=True)
class LeanConfig:
    """A config as it was read, and what it says."""

    document: dict[str, Any]
    problem: Problem


def read_lean_config(path: str | Path) -> LeanConfig:
    """Read a config of LEAN's optimiser.

    Parameters
    ----------
    path : str or Path
        JSON; comments may be in it.

    Returns
    -------
    LeanConfig
        `problem.notes` says what LEAN does otherwise than one might think. Targets are `literal`: LEAN looks for "Drawdown" at
        the root of a result and finds nothing, so such a constraint is never met and such a criterion never moves.

    Raises
    ------
    ParameterError
        No such file, no JSON, or a config without parameters.
    """
    text = text_in("path", path)
    try:
        document = commented_json.loads(text)
        if not isinstance(document, dict):
            raise ValueError("no object")
    except ValueError as error:
        raise ParameterError("path", str(path), f"a config of LEAN's optimiser, in JSON ({error})") from None
    problem = problem_in(document)
    if commented_json.has_comments(text):
        problem = replace(problem, notes=(*problem.notes, "Comments of the config are left out where it is written again."))
    return LeanConfig(document, problem)


def problem_in(document: Mapping[str, Any]) -> Problem:
    """What the content of such a config says."""
    notes: list[str] = []
    parameters: dict[str, Parameter] = {}
    for told in _tables(document, PARAMETERS):
        one = _parameter(told, notes)
        if one.name in parameters:
            notes.append(f"{one.name} is there twice: LEAN takes the first.")
        parameters.setdefault(one.name, one)
    if not parameters:
        raise ParameterError(PARAMETERS, document.get(PARAMETERS), "a list with at least one parameter")
    criterion = document.get(CRITERION)
    objectives = () if criterion is None else (_objective(criterion, notes),)
    if criterion is None:
        notes.append(f"There is no {CRITERION}: LEAN would look for Statistics.TotalProfit, which no result has.")
    constraints = tuple(_constraint(told, notes) for told in _tables(document, CONSTRAINTS))
    named = str(document.get(STRATEGY, STRATEGIES["grid"])).rpartition(".")[2]
    method = next((method for method, full in STRATEGIES.items() if full.endswith("." + named)), None)
    if method is None:
        notes.append(f"{STRATEGY}: {named} isn't known here; choose a method.")
    settings = document.get(SETTINGS)
    segments = settings.get(SEGMENTS) if isinstance(settings, Mapping) else None
    return Problem(Space(tuple(parameters.values())), objectives, constraints, method, segments or None, tuple(notes))


def _tables(document: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    told = document.get(key) or []
    if not isinstance(told, list) or not all(isinstance(one, Mapping) for one in told):
        raise ParameterError(key, told, "a list of objects")
    return told


def _lowered(told: Mapping[str, Any]) -> dict[str, Any]:
    """LEAN takes keys in any case, and `minStep` for `min-step`."""
    return {str(key).lower().replace("-", ""): value for key, value in told.items() if value is not None}


def _number(given: Any) -> Any:
    """A number as LEAN makes a decimal of it: what has a point is a double first, and 5.0 becomes 5."""
    return str(SystemDecimal.of(given)) if isinstance(given, float) and abs(given) < 1e28 else given


def _parameter(told: Mapping[str, Any], notes: list[str]) -> Parameter:
    low = _lowered(told)
    name: Any = low.get("name") or low.get("key")
    if "min" in low and "max" in low:
        numbers: dict[str, Any] = {key: _number(low.get(key)) for key in ("min", "max", "step", "minstep")}
        if numbers["step"] is None and numbers["minstep"] is not None:
            notes.append(f"{name}: LEAN doesn't read min-step where there is no step: its finest step is a tenth of the first.")
        return Range(name, numbers["min"], numbers["max"], numbers["step"], numbers["minstep"])
    if "value" in low:
        return Choice(name, (low["value"],))
    raise ParameterError(PARAMETERS, dict(told), "a name with min and max, or with a value")


def _said(kind: str, target: str, what: str) -> str | None:
    """What to know of a target that LEAN finds nowhere."""
    path = path_of(target, literal=True)
    bare = bare_of(target)
    if "." not in path:
        return (
            f"{kind} {bare!r}: LEAN finds no such figure without 'Statistics.' before it, so {what}. Write 'Statistics.{bare}'."
        )
    if path.startswith("statistics.") and path not in {path_of(name) for name in statistic_names()}:
        return f"{kind} {bare!r}: LEAN's results have no such statistic unless the strategy sets one, so {what}."
    return None


def _goal(key: str, told: Any) -> dict[str, Any]:
    low = _lowered(told) if isinstance(told, Mapping) else {}
    if not isinstance(low.get("target"), str):
        raise ParameterError(key, told, "an object with a target, such as 'Statistics.Sharpe Ratio'")
    value = low.get("targetvalue")
    try:
        low["targetvalue"] = None if value is None else float(value)
    except (TypeError, ValueError):
        raise ParameterError(f"{key}: target-value", value, "a number") from None
    return low


def _objective(told: Any, notes: list[str]) -> Objective:
    low = _goal(CRITERION, told)
    note = _said("criterion", low["target"], "no result is ever the best one")
    notes.extend([note] if note else [])
    return Objective(low["target"], str(low.get("extremum", "")).lower(), low["targetvalue"], literal=True)


def _constraint(told: Mapping[str, Any], notes: list[str]) -> Constraint:
    low = _goal(CONSTRAINTS, told)
    note = _said("constraint", low["target"], "it is never met, and no result is ever the best one")
    notes.extend([note] if note else [])
    if low["targetvalue"] is None:
        raise ParameterError(CONSTRAINTS, dict(told), "a target-value")
    return Constraint(low["target"], str(low.get("operator", "")), low["targetvalue"], literal=True)


def with_problem(document: Mapping[str, Any] | None, problem: Problem) -> dict[str, Any]:
    """A config for a problem: what it said of it already stays as it was written, and so does everything else.

    Parameters
    ----------
    document : mapping, optional
        Content of an earlier config.
    problem : Problem
        A method that LEAN doesn't have leaves the strategy as it was; in a new config it is LEAN's grid, or its Euler search
        where a range has no step.

    Raises
    ------
    ParameterError
        Several objectives, or several texts to choose from: LEAN's optimiser has neither.
    """
    out = dict(document or {})
    before = problem_in(out) if out.get(PARAMETERS) else None
    stepped = all(not isinstance(one, Range) or one.step is not None for one in problem.space)
    method = problem.method if problem.method in STRATEGIES else before.method if before else "grid" if stepped else "euler"
    if method and (before is None or before.method != method):
        out[STRATEGY] = STRATEGIES[method]
    segments = problem.segments or (before.segments if before else None) or DEFAULT_SEGMENTS
    if before is None or (before.segments != segments and (problem.segments or not stepped)):
        old = out.get(SETTINGS)
        out[SETTINGS] = {**(old if isinstance(old, Mapping) else {"$type": SETTINGS_TYPE}), SEGMENTS: segments}
    if len(problem.objectives) > 1:
        raise ParameterError("objective", [one.target for one in problem.objectives], "one, for LEAN's optimiser has no more")
    objectives = problem.objectives or (() if before and before.objectives else (Objective("Sharpe Ratio"),))
    if objectives and (
        before is None or [_criterion(one) for one in before.objectives] != [_criterion(one) for one in objectives]
    ):
        out[CRITERION] = _criterion(objectives[0])
    limits, told = [_limit(one) for one in problem.constraints], [_told(one) for one in problem.space]
    if before is None or [_limit(one) for one in before.constraints] != limits:
        out[CONSTRAINTS] = limits
    if before is None or [_told(one) for one in before.space] != told:
        out[PARAMETERS] = told
    return out


def _target(one: Objective | Constraint) -> str:
    bare = bare_of(one.target)
    return bare if one.literal or "." in bare else f"Statistics.{bare}"


def _criterion(one: Objective) -> dict[str, Any]:
    told: dict[str, Any] = {"target": _target(one), "extremum": one.direction}
    return told if one.value is None else {**told, "target-value": one.value}


def _limit(one: Constraint) -> dict[str, Any]:
    return {"target": _target(one), "operator": LEAN_NAMES[one.operator], "target-value": one.value}


def _told(one: Parameter) -> dict[str, Any]:
    if isinstance(one, Choice):
        if one.count > 1:
            raise ParameterError(one.name, list(one.texts), "a single value or a range", "LEAN's optimiser has no lists.")
        return {"name": one.name, "value": one.texts[0]}
    numbers = {"min": one.low, "max": one.high, "step": one.step, "min-step": one.min_step}
    told = {key: int(v) if v == v.to_integral_value() else float(v) for key, v in numbers.items() if v is not None}
    return {"name": one.name, **told}


def write_lean_config(path: str | Path, problem: Problem, document: Mapping[str, Any] | None = None) -> None:
    """Write a config of LEAN's optimiser, whole or not at all: see `with_problem`. Comments that were there are gone."""
    write_file(given_path("path", path), json.dumps(with_problem(document, problem), indent=2, ensure_ascii=False) + "\n")
