"""LEAN's optimiser as the stand-in plays it: trials by the embedded engine, one at a time; folders and log as LEAN's."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from uuid import uuid4

from hidden_regime.data.lean_folder import LeanFolder
from hidden_regime.experiments.constraint import LEAN_NAMES, Constraint
from hidden_regime.experiments.objective import Objective, bare_of, reached
from hidden_regime.experiments.search import Euler, Grid, Search
from hidden_regime.experiments.search.base import Told, best_of
from hidden_regime.experiments.search.euler import SEGMENTS
from hidden_regime.experiments.space.lean_config import read_lean_config
from hidden_regime.experiments.space.numbers import text_of
from hidden_regime.experiments.space.problem import Problem
from hidden_regime.local_lean.figures import value_at, violations_of
from hidden_regime.local_lean.no_lean.engine import Interruption, backtest
from hidden_regime.local_lean.no_lean.logs import Log
from hidden_regime.local_lean.no_lean.mounts import Job

NAME = "OptimizationBacktest"
INTERRUPTED = 130


def optimize(job: Job, market: LeanFolder, base: Mapping[str, str], log: Log, clock: Callable[[], float],
             interruption: Interruption) -> int:  # fmt: skip
    """Run the trials that a configuration of LEAN's optimiser asks for, and say which is the best.

    As in LEAN every result counts that has the figure and meets the constraints, also that of a trial without an order or with
    an error; and the exit code is 0 whether a solution was found or not.

    Raises
    ------
    ParameterError
        A configuration that can't be searched.
    """
    problem = read_lean_config(job.optimizer_config).problem
    goal = problem.objectives[0]
    search = _search(problem, goal)
    identity = f"OID {uuid4()}"
    told: list[Told] = []
    ids: list[str] = []
    log.trace(f"LeanOptimizer.Start({identity}): started")
    while (proposed := search.propose(told)) and not interruption.asked:
        ids.append(str(uuid4()))
        told.append(_trial(job, market, base, proposed[0], ids[-1], problem, identity, log, clock, interruption))
        best = best_of(told, goal.direction)
        if best == len(told) - 1 and told[best].values is not None and reached(goal, told[best].values[0]):  # type: ignore[index]
            break
    if interruption.asked:
        return INTERRUPTED
    log.trace(f"LeanOptimizer.TriggerOnEndEvent({identity}): Optimization has ended. {_result(problem, goal, told, ids)}")
    return 0


def _search(problem: Problem, goal: Objective) -> Search:
    if problem.method == "euler":
        return Euler(problem.space, direction=goal.direction, batch=1, segments=problem.segments or SEGMENTS)
    return Grid(problem.space, batch=1, segments=problem.segments)


def _trial(job: Job, market: LeanFolder, base: Mapping[str, str], parameters: dict[str, str], identity: str, problem: Problem,
           optimization: str, log: Log, clock: Callable[[], float], interruption: Interruption) -> Told:  # fmt: skip
    folder = Path(job.results) / identity
    folder.mkdir(parents=True)
    log.trace(
        f"LeanOptimizer.LaunchLeanForParameterSet({optimization}): launched backtest '{identity}' with parameters "
        f"'{_spelled(parameters)}'"
    )
    content = backtest(
        Path(job.strategy), market, {**base, **parameters}, identity=identity, name=NAME, results=folder,
        storage=Path(job.storage), log=Log(folder / "log.txt", clock, console=None), interruption=interruption)  # fmt: skip
    if content is None:
        log.error(f"LeanOptimizer.NewResult({optimization}): Got null/empty backtest result for backtest id '{identity}'")
        return Told(parameters, None)
    value = value_at(content, problem.objectives[0])
    return Told(parameters, None if value is None else (value,), violations_of(content, problem.constraints))


def _spelled(parameters: Mapping[str, str]) -> str:
    return ",".join(f"{name}:{value}" for name, value in sorted(parameters.items()))


def _result(problem: Problem, goal: Objective, told: list[Told], ids: list[str]) -> str:
    best = best_of(told, goal.direction)
    if best is None:
        return "Result was not reached"
    values = told[best].values
    assert values is not None
    wanted = "" if goal.value is None else f" TargetValue: {text_of(goal.value)}"
    limits = ",".join(f"{_path(one)} '{_operator(one)}' {text_of(one.value)}" for one in problem.constraints)
    return (
        f"Result for Target: {_path(goal)}{wanted} at: {text_of(values[0])}: was reached using ParameterSet: "
        f"({_spelled(told[best].parameters)}) backtestId '{ids[best]}'. Constraints: ({limits})"
    )


def _path(one: Objective | Constraint) -> str:
    return ".".join(f"['{part}']" for part in bare_of(one.target).split("."))


def _operator(one: Constraint) -> str:
    name = LEAN_NAMES[one.operator]
    return name[:1].upper() + name[1:]
