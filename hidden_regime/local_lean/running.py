"""Backtests and optimisations by LEAN on this machine, through its command line and Docker."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from hidden_regime.exceptions import ParameterError
from hidden_regime.experiments.constraint import Constraint
from hidden_regime.experiments.objective import Objective
from hidden_regime.experiments.optimization import as_constraints, as_objectives
from hidden_regime.experiments.space import Choice, Space
from hidden_regime.experiments.space.lean_config import STRATEGIES, with_problem, write_lean_config
from hidden_regime.experiments.space.problem import Problem
from hidden_regime.files.paths import given_path
from hidden_regime.local_lean.commands import all_parameters, backtest_arguments, check_texts, optimize_arguments
from hidden_regime.local_lean.docker import Daemon
from hidden_regime.local_lean.errors import LeanError, LeanFailed, LeanResultsError
from hidden_regime.local_lean.finding import LeanCli
from hidden_regime.local_lean.folders import CONFIG, OPTIMIZER_CONFIG, LeanRun, read_backtest
from hidden_regime.local_lean.lenient import read_object
from hidden_regime.local_lean.optimizations import read_optimization
from hidden_regime.local_lean.processes import tail
from hidden_regime.local_lean.trials import UNSAID, LeanOptimization
from hidden_regime.research import projects

SAID = "lean-cli.log"
"""File among the results with what lean-cli said."""
HOURS = 3600.0
MAIN = ("main.py", "Main.cs")


def run_backtest(
    project: str | Path,
    *,
    cli: LeanCli,
    parameters: Mapping[str, object] | None = None,
    name: str = "",
    timeout: float = 6 * HOURS,
    out: str | Path | None = None,
    image: str = "",
    update: bool = False,
    clock: Callable[[], float] = time.time,
) -> LeanRun:
    """Backtest a project in LEAN.

    Parameters
    ----------
    project : str or Path
        A project's folder in the workspace, or a strategy's file in one.
    cli : LeanCli
    parameters : mapping of str to str or number, optional
        Over those of the project's config.json. Dates too: lean-cli has no options for them.
    name : str
    timeout : float
        Seconds; then the container is stopped.
    out : str or Path, optional
        Folder of the results, new or empty, in the workspace; default: one of its own in the project's `backtests`.
    image : str
        Of the engine; default: lean-cli's own.
    update : bool
        Fetch a newer engine before.

    Returns
    -------
    LeanRun
        What the strategy's own code raised is in `error`.

    Raises
    ------
    LeanCliMissing, DockerMissing
        Nothing was started.
    LeanFailed
        There is no result.
    ParameterError, LeanError
        A project, folder or parameter that can't be.

    Notes
    -----
    An interruption, also a SIGTERM to this process, asks the container to stop and gives it a minute to write what it has.
    """
    source = _project(project, cli)
    folder = _output(out, source, "backtests", cli, clock)
    given = all_parameters(projects.parameters(_strategy(source)), parameters)
    arguments = backtest_arguments(source, folder, name=name, parameters=given, image=image, update=update)
    daemon = _daemon(cli, timeout)
    folder.mkdir(parents=True, exist_ok=True)
    code = _run(cli, daemon, arguments, folder, timeout)
    try:
        run = read_backtest(folder)
    except LeanResultsError as error:
        raise LeanFailed(f"`lean backtest` left no result that can be read. {error.text}", code, tail(folder / SAID)) from error
    if code and not run.error:
        raise LeanFailed(
            f"`lean backtest` failed; its results so far, of status {run.status}, are in {folder}.", code, tail(folder / SAID))  # fmt: skip
    return run


def run_optimization(
    project: str | Path,
    space: Any,
    objective: str | Objective = "Sharpe Ratio",
    constraints: Sequence[str | Constraint] = (),
    *,
    cli: LeanCli,
    strategy: str = "grid",
    direction: str = "max",
    parameters: Mapping[str, object] | None = None,
    segments: int | None = None,
    workers: int | None = None,
    timeout: float = 24 * HOURS,
    out: str | Path | None = None,
    image: str = "",
    update: bool = False,
    clock: Callable[[], float] = time.time,
) -> LeanOptimization:
    """Search a project's parameters with LEAN's optimiser.

    Parameters
    ----------
    project, cli, image, update
        As of `run_backtest`.
    space : Space or mapping
        What to vary: `{"fast": "10:50:5"}`. LEAN's optimiser knows ranges and fixed values.
    objective : str or Objective
        A statistic of LEAN, such as "Sharpe Ratio" or "min Drawdown", or a path in its result.
    constraints : sequence of str or Constraint
        "Drawdown <= 25%". Of a number without a sign of percent LEAN takes the fraction: 25 would be 2,500%.
    strategy : "grid" or "euler"
    direction : "max" or "min"
        Of an objective that is given by name alone.
    parameters : mapping of str to str or number, optional
        The same in all trials, over those of the project's config.json.
    segments : int, optional
        LEAN's default-segment-amount: steps of a range without one, and of a finer round of an Euler search.
    workers : int, optional
        Trials at once; default: half of the processors. Which of equal trials is LEAN's choice depends on it.
    timeout : float
        Seconds. Where LEAN's optimiser can't use what it was given, it waits for ever.
    out : str or Path, optional
        As of `run_backtest`; default: a folder in the project's `optimizations`.

    Returns
    -------
    LeanOptimization
        `notes` say what LEAN's command line doesn't: why there is no winner, and where its choice isn't ours.

    Raises
    ------
    LeanCliMissing, DockerMissing
        Nothing was started.
    LeanFailed
        It didn't come to its end.
    ParameterError, LeanError
        A project, folder, space or statistic that can't be.
    """
    if strategy not in STRATEGIES:
        raise ParameterError("strategy", strategy, f"one of {', '.join(STRATEGIES)}")
    source = _project(project, cli)
    goals, limits = as_objectives(objective, direction), as_constraints(constraints)
    problem = Problem(_space(space, parameters), goals, limits, strategy, segments)
    with_problem(None, problem)  # what LEAN's optimiser has no word for is told before anything starts
    folder = _output(out, source, "optimizations", cli, clock)
    config = folder / OPTIMIZER_CONFIG
    arguments = optimize_arguments(source, folder, config, workers=workers, image=image, update=update)
    daemon = _daemon(cli, timeout)
    folder.mkdir(parents=True, exist_ok=True)
    write_lean_config(config, problem)  # lean-cli reads it, and writes it again with what else LEAN needs
    code = _run(cli, daemon, arguments, folder, timeout)
    found = read_optimization(folder)
    if found.ended == UNSAID and (code or not found.trials):
        told = " ".join(found.notes)
        raise LeanFailed(
            f"`lean optimize` didn't come to its end: {len(found.trials)} trials are in {folder}. {told}",
            code,
            tail(folder / SAID),
        )
    return found


def _space(space: Any, parameters: Mapping[str, object] | None) -> Space:
    varied = Space.of(space)
    fixed = all_parameters({}, parameters)
    for name in fixed:
        if name in varied.names:
            raise ParameterError("parameters", name, "either fixed or varied", "It stands in the space too.")
    whole = Space((*varied, *(Choice(name, (text,)) for name, text in fixed.items())))
    check_texts(whole)
    return whole


def _daemon(cli: LeanCli, timeout: float) -> Daemon:
    """Docker, which answers this user; nothing was made or started before that is known."""
    if not isinstance(timeout, (int, float)) or not timeout > 0:
        raise ParameterError("timeout", timeout, "a number of seconds above 0")
    daemon = Daemon(cli.environment)
    daemon.check()
    return daemon


def _run(cli: LeanCli, daemon: Daemon, arguments: Sequence[str], folder: Path, timeout: float) -> int:
    return cli.run(arguments, log=folder / SAID, timeout=timeout, stop=lambda: _stop(daemon, folder / CONFIG))


def _stop(daemon: Daemon, config: Path) -> None:
    """Stop the container whose name lean-cli has written among the results; before that there is none."""
    if config.is_file():
        name = read_object(config).get("container")
        if name:
            daemon.stop(str(name))


def _project(project: str | Path, cli: LeanCli) -> Path:
    place = given_path("project", project)
    place = (place if place.exists() else cli.workspace / place).resolve()
    if not _strategy(place).is_file():
        raise ParameterError("project", str(project), f"a strategy's file, or a folder with {' or '.join(MAIN)}")
    _inside("project", place, cli)
    config = _strategy(place).parent / projects.CONFIG
    if config.is_file():
        try:
            json.loads(config.read_text(encoding="utf-8"))
        except ValueError as error:
            raise LeanError(
                f"{config} is no JSON ({error}): lean-cli would delete it and go on without its parameters. Correct it; "
                "comments may not be in it."
            ) from error
    return place


def _strategy(project: Path) -> Path:
    if not project.is_dir():
        return project
    return next((project / name for name in MAIN if (project / name).is_file()), project / MAIN[0])


def _output(given: str | Path | None, project: Path, kind: str, cli: LeanCli, clock: Callable[[], float]) -> Path:
    if given is None:
        name = time.strftime("%Y-%m-%d_%H-%M-%S", time.localtime(clock()))
        return _strategy(project).parent / kind / f"{name}_{secrets.token_hex(4)}"
    place = given_path("out", given).resolve()
    if place.exists() and (not place.is_dir() or any(place.iterdir())):
        raise ParameterError("out", str(given), "a new or empty folder", "lean-cli would take the id of what lies there.")
    _inside("out", place, cli)
    return place


def _inside(parameter: str, place: Path, cli: LeanCli) -> None:
    if not place.is_relative_to(cli.workspace):
        raise ParameterError(parameter, str(place), f"a path in the workspace {cli.workspace}", "lean-cli works in it alone.")
