"""Backtests and optimisations by LEAN on this machine, through its command line and Docker."""

from __future__ import annotations

import contextlib
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
from hidden_regime.local_lean.commands import all_parameters, backtest_arguments, check_texts, optimize_arguments
from hidden_regime.local_lean.docker import Daemon
from hidden_regime.local_lean.errors import LeanFailed, LeanResultsError
from hidden_regime.local_lean.finding import LeanCli
from hidden_regime.local_lean.folders import CONFIG, OPTIMIZER_CONFIG, LeanRun, read_backtest
from hidden_regime.local_lean.lenient import read_object
from hidden_regime.local_lean.optimizations import read_optimization
from hidden_regime.local_lean.places import output_folder, project_in, strategy_of
from hidden_regime.local_lean.processes import tail
from hidden_regime.local_lean.trials import UNSAID, LeanOptimization
from hidden_regime.research import projects

SAID = "lean-cli.log"
"""File among the results with what lean-cli said."""
HOURS = 3600.0
NO_IMAGE, LEAN_IMAGE = "No such image", "quantconnect/lean:latest"


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
    source = project_in(cli.workspace, project)
    folder = output_folder(out, source, "backtests", cli.workspace, clock)
    given = all_parameters(projects.parameters(strategy_of(source)), parameters)
    arguments = backtest_arguments(source, folder, name=name, parameters=given, image=image, update=update)
    daemon = _daemon(cli, timeout)
    folder.mkdir(parents=True, exist_ok=True)
    code = _run(cli, daemon, arguments, folder, timeout)
    try:
        run = read_backtest(folder)
    except LeanResultsError as error:
        raise _failed(f"`lean backtest` left no result that can be read. {error.text}", code, folder) from error
    if code and not run.error:
        raise _failed(f"`lean backtest` failed; its results so far, of status {run.status}, are in {folder}.", code, folder)
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
    source = project_in(cli.workspace, project)
    goals, limits = as_objectives(objective, direction), as_constraints(constraints)
    problem = Problem(_space(space, parameters), goals, limits, strategy, segments)
    with_problem(None, problem)  # what LEAN's optimiser has no word for is told before anything starts
    folder = output_folder(out, source, "optimizations", cli.workspace, clock)
    config = folder / OPTIMIZER_CONFIG
    arguments = optimize_arguments(source, folder, config, workers=workers, image=image, update=update)
    daemon = _daemon(cli, timeout)
    folder.mkdir(parents=True, exist_ok=True)
    write_lean_config(config, problem)  # lean-cli reads it, and writes it again with what else LEAN needs
    code = _run(cli, daemon, arguments, folder, timeout)
    found = read_optimization(folder)
    if found.ended == UNSAID and (code or not found.trials):
        told = " ".join(found.notes)
        raise _failed(f"`lean optimize` didn't come to its end: {len(found.trials)} trials are in {folder}. {told}", code, folder)
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
    with contextlib.suppress(LeanResultsError):
        name = read_object(config).get("container")
        if name:
            daemon.stop(str(name))


def _failed(said: str, code: int, folder: Path) -> LeanFailed:
    """The error for an end that is no result, with what to do where that is known."""
    log = tail(folder / SAID)
    if NO_IMAGE in log:
        said += f" Docker has no such image: fetch it (update=True, or docker pull {LEAN_IMAGE})."
    return LeanFailed(said, code, log)
