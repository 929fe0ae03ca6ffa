"""The `lean` commands: LEAN on this machine, through its own command line, with the pages that a run here has."""

from __future__ import annotations

from pathlib import Path
from threading import Event
from typing import Annotated, Any

import typer
from rich.console import Console

from hidden_regime.cli import endings, options, show_cloud, show_studies, telling
from hidden_regime.cli.messages import STRATEGY_FAILED, Debug, messages, path_argument, path_option, say
from hidden_regime.cli.options import Direction, Fixed, Json, Limits, Quiet, Varied
from hidden_regime.exceptions import ParameterError

lean_app = typer.Typer(
    no_args_is_help=True,
    help="LEAN on this machine, by lean-cli and Docker.\n\nExample: [bold]hidden-regime lean backtest my_project[/]",
)
Project = Annotated[Path, path_argument("A project's folder in a workspace of lean-cli.")]
Workspace = Annotated[Path | None, path_option("Folder with lean.json. Default: the nearest above the project.")]
Cli = Annotated[str | None, typer.Option(envvar="LEAN_CLI", help="The program lean. Default: the one on PATH.")]
Timeout = Annotated[float, typer.Option(help="Seconds; then the container is stopped.")]
Out = Annotated[Path | None, path_option("Folder for tables and page. Default: results/NAME-lean-ID.")]


@lean_app.command()
def backtest(
    project: Project, parameter: Fixed = None, name: Annotated[str, typer.Option(help="Of the backtest.")] = "",
    workspace: Workspace = None, lean: Cli = None, timeout: Timeout = 6 * 3600.0, out: Out = None, quiet: Quiet = False,
    as_json: Json = False, debug: Debug = False,
) -> None:  # fmt: skip
    """Run a project in LEAN, and make the same page of it that a run of the embedded engine has.

    Exit status 1: the strategy failed.

    Example: [bold]hidden-regime lean backtest my_project -p fast=20[/]
    """
    from hidden_regime.local_lean.running import run_backtest

    console = Console(quiet=quiet or as_json)
    with messages(debug):
        endings.explain("the container is stopped; what it wrote is in the project's folder backtests")
        given = options.parse_parameters(list(parameter or ()))
        cli = _cli(project, workspace, lean)
        run = run_backtest(project.resolve(), cli=cli, parameters=given, name=name, timeout=timeout)
        _backtest(console, run, project, out, as_json)
    if run.error:
        raise typer.Exit(STRATEGY_FAILED)


@lean_app.command()
def optimize(
    project: Project,
    parameter: Varied = None,
    objective: Annotated[str, typer.Option(help="A statistic of LEAN.")] = "Sharpe Ratio",
    direction: Direction = "max",
    constraint: Limits = None,
    method: Annotated[str, typer.Option(help="grid or euler.")] = "grid",
    workers: Annotated[int | None, typer.Option(help="Trials at once. Default: lean-cli's own.")] = None,
    workspace: Workspace = None, lean: Cli = None, timeout: Timeout = 24 * 3600.0, out: Out = None, quiet: Quiet = False,
    as_json: Json = False, debug: Debug = False,
) -> None:  # fmt: skip
    """Search with LEAN's optimiser, and say how much of what it finds is luck.

    Exit status 1: no trial may be the best.

    Example: [bold]hidden-regime lean optimize my_project -p fast=10:50:10 --constraint 'Drawdown <= 25%'[/]
    """
    from hidden_regime.local_lean.running import run_optimization

    console = Console(quiet=quiet or as_json)
    with messages(debug):
        endings.explain("the container is stopped; what it wrote is in the project's folder optimizations")
        given = options.parse_parameters(list(parameter or ()))
        varied = {one: text for one, text in given.items() if ":" in text}
        if not varied:
            raise ParameterError("-p", list(parameter or ()), "at least one parameter to vary, such as -p fast=10:50:5")
        fixed = {one: text for one, text in given.items() if one not in varied}
        found = run_optimization(
            project.resolve(), varied, objective, list(constraint or ()), cli=_cli(project, workspace, lean), strategy=method,
            direction=direction, parameters=fixed, workers=workers, timeout=timeout,
        )  # fmt: skip
        done = _optimization(console, found, project, out, as_json)
    if done.best is None:
        say(f"no trial may be the best: {show_studies.why_none(done)}", "red", err=True)
        raise typer.Exit(STRATEGY_FAILED)


@lean_app.command()
def results(
    folder: Annotated[Path, path_argument("Folder of a backtest or an optimisation, as LEAN's command line left it.")],
    out: Out = None, quiet: Quiet = False, as_json: Json = False, debug: Debug = False,
) -> None:  # fmt: skip
    """Make tables and page of what LEAN's command line left.

    Example: [bold]hidden-regime lean results my_project/backtests/2026-01-05_10-00-00[/]
    """
    from hidden_regime.local_lean.folders import OPTIMIZER_CONFIG, read_backtest
    from hidden_regime.local_lean.optimizations import read_optimization

    console = Console(quiet=quiet or as_json)
    with messages(debug):
        project = folder.resolve().parent.parent
        if (folder / OPTIMIZER_CONFIG).is_file():
            _optimization(console, read_optimization(folder), project, out, as_json)
        else:
            _backtest(console, read_backtest(folder), project, out, as_json)


@lean_app.command()
def workspace(
    folder: Annotated[Path, path_argument("A new or existing folder; projects go into it.")],
    data: Annotated[Path | None, path_option("Folder of data in LEAN's format. Default: data in the folder.")] = None,
    debug: Debug = False,
) -> None:
    """Make a folder a workspace of lean-cli, without an account.

    Example: [bold]hidden-regime lean workspace lean --data lean/data[/]
    """
    from hidden_regime.local_lean.workspace import make_workspace

    with messages(debug):
        place = make_workspace(folder, data or folder / "data")
        say(f"{place} is a workspace: put projects into it, each a folder with a main.py.")


@lean_app.command()
def practice(
    socket: Annotated[Path | None, path_option("Where to listen. Default: no-lean.sock in the working folder.")] = None,
    debug: Debug = False,
) -> None:
    """Stand in for Docker: what lean-cli starts is run by the embedded engine. No LEAN runs. For practice.

    Example: [bold]hidden-regime lean practice[/]
    """
    from hidden_regime.local_lean.no_lean.stub import StubDocker

    with messages(debug):
        endings.explain("its containers have ended with it")
        with StubDocker(socket or Path("no-lean.sock")) as docker:
            say("No LEAN runs: the embedded engine stands in for it. In another terminal:")
            say(f"  export DOCKER_HOST={docker.host}")
            say("Ctrl-C ends it.")
            Event().wait()


def _cli(project: Path, workspace: Path | None, executable: str | None) -> Any:
    from hidden_regime.local_lean.finding import LeanCli
    from hidden_regime.local_lean.workspace import CONFIG

    place = project.resolve()
    found = workspace or next((one for one in (place, *place.parents) if (one / CONFIG).is_file()), None)
    if found is None:
        raise ParameterError(
            "PROJECT", str(project), f"a project in a workspace of lean-cli, a folder with {CONFIG}",
            "Make one: hidden-regime lean workspace FOLDER --data DATA")  # fmt: skip
    return LeanCli(executable, workspace=found)


def _backtest(console: Console, run: Any, project: Path, out: Path | None, as_json: bool) -> None:
    from hidden_regime.local_lean.results import backtest_tables
    from hidden_regime.research import tables
    from hidden_regime.research.report import render

    name = project.resolve().name
    done = backtest_tables(run, name)
    folder = out or Path("results") / f"{name}-lean-{run.id}"
    folder.mkdir(parents=True, exist_ok=True)
    tables.write(done, folder, {"report.html": render(done)})
    show_cloud.backtest(console, done)
    if run.error:
        say(f"the strategy failed: {run.error}".rstrip(), "red", err=True)
    told = tables.summary(done) | {"id": run.id, "lean_folder": str(run.folder)} if as_json else None
    telling.end(console, folder, told, "Backtest")


def _optimization(console: Console, found: Any, project: Path, out: Path | None, as_json: bool) -> Any:
    from hidden_regime.experiments.studies.folder import study_dict
    from hidden_regime.local_lean.results import optimization_study

    name = project.resolve().name
    done = optimization_study(found, name)
    folder = out or Path("results") / f"{name}-lean-optimize-{found.id or found.folder.name}"
    done.save(folder)
    show_studies.study(console, done)
    telling.end(console, folder, study_dict(done) if as_json else None, "Optimization")
    return done
