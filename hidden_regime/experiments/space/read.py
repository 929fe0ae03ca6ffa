"""Spaces from a file beside a strategy, STRATEGY.space.toml, and from the texts of a command.

    constraints = ["Drawdown <= 25%"]

    [parameters]
    fast = "10:50:5"
    slow = {low = 30, high = 90, step = 15, min_step = 5}
    asset = ["SPY", "TLT"]

    [objective]
    target = "Sharpe Ratio"
    direction = "max"
    value = 1.5

`constraints`, `[objective]` and all in it but `target` may be left out; several objectives are `[[objective]]` tables.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from hidden_regime.data.offers import offered
from hidden_regime.exceptions import ParameterError
from hidden_regime.experiments.constraint import Constraint
from hidden_regime.experiments.objective import Objective
from hidden_regime.experiments.space.problem import Problem
from hidden_regime.experiments.space.space import Space
from hidden_regime.experiments.space.spelled import FORMS
from hidden_regime.files.toml import read_tables

ENDING = ".space.toml"
KEYS = ("parameters", "objective", "constraints")
OBJECTIVE_KEYS = ("target", "direction", "value")


def beside(strategy: Path) -> Path:
    """Where the space of a strategy lies that has one: momentum.space.toml beside momentum.py."""
    return strategy.with_name(strategy.stem + ENDING)


def read_space(path: str | Path) -> Problem:
    """What a .space.toml says.

    Parameters
    ----------
    path : str or Path

    Raises
    ------
    ParameterError
        No such file, no TOML, or a key or value that isn't understood.
    """
    return problem_of(read_tables("path", path))


def problem_of(told: Mapping[str, Any]) -> Problem:
    """The same from what the file holds."""
    _check_keys("space", told, KEYS)
    parameters, objectives, limits = told.get("parameters"), told.get("objective", []), told.get("constraints", [])
    if not isinstance(parameters, Mapping):
        raise ParameterError("parameters", parameters, "a table [parameters] with a line such as fast = '10:50:5' for each")
    if isinstance(objectives, Mapping):
        objectives = [objectives]
    if not isinstance(objectives, list) or not all(isinstance(one, Mapping) for one in objectives):
        raise ParameterError("objective", objectives, "a table [objective] with a line target = 'Sharpe Ratio'")
    if not isinstance(limits, list):
        raise ParameterError("constraints", limits, "a list such as ['Drawdown <= 25%']")
    found = tuple(_objective(one) for one in objectives)
    return Problem(Space.of(parameters), found, tuple(Constraint.parse(one) for one in limits))


def _objective(told: Mapping[str, Any]) -> Objective:
    _check_keys("objective", told, OBJECTIVE_KEYS)
    if "target" not in told:
        raise ParameterError("objective", dict(told), "a target, such as 'Sharpe Ratio'")
    return Objective(told["target"], told.get("direction", "max"), told.get("value"))


def _check_keys(parameter: str, told: Mapping[str, Any], known: tuple[str, ...]) -> None:
    for key in told:
        if key not in known:
            raise ParameterError(parameter, key, "a key that it has", f"Of keys {offered(key, known)}")


def read_texts(texts: Iterable[str]) -> Space:
    """A space from texts such as fast=10:50:5, as a command's -p takes them.

    Examples
    --------
    >>> read_texts(["fast=10:50:5", "asset=SPY,TLT"]).count
    18
    """
    given: dict[str, str] = {}
    for text in texts:
        name, mark, value = text.partition("=")
        if not mark or not name.strip() or not value.strip():
            raise ParameterError("parameter", text, f"name=values, where values are {FORMS.partition(', or')[0]}")
        if name.strip() in given:
            raise ParameterError("parameter", text, "each parameter once", f"There is {name.strip()}={given[name.strip()]} too.")
        given[name.strip()] = value.strip()
    return Space.of(given)
