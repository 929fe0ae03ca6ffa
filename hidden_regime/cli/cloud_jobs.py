"""The `qc` commands that run something: `backtest`, `optimize`, and `results`, which reads what was run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from hidden_regime.cli import cloud_options, endings, options, show, show_cloud, show_studies, telling
from hidden_regime.cli.cloud_options import Force, Server, Timeout, opened
from hidden_regime.cli.messages import STRATEGY_FAILED, Debug, messages, path_option, say
from hidden_regime.cli.options import Direction, Fixed, Json, Limits, Quiet, Varied
from hidden_regime.exceptions import ParameterError

if TYPE_CHECKING:
    from hidden_regime.cloud.client import QuantConnect
    from hidden_regime.cloud.endpoints.optimizations import Quote
    from hidden_regime.cloud.optimization_spec import OptimizationSpec
    from hidden_regime.cloud.records.backtests import Backtest
    from hidden_regime.cloud.records.optimizations import Optimization
    from hidden_regime.experiments.studies.study import Study

Project = Annotated[str, typer.Argument(help="A project's folder; a template or a .py file is bundled into qc/NAME first.")]
Out = Annotated[Path | None, path_option("Folder for the results. Default: results/NAME-cloud-ID.")]
Key = Annotated[str | None, typer.Option(help="Eight hexadecimal digits: the same ones find the job that was begun with them.")]


def backtest(
    strategy: Project, parameter: Fixed = None,
    name: Annotated[str | None, typer.Option(help="Of the backtest. Default: the project's.")] = None,
    key: Key = None, force: Force = False, timeout: Timeout = 3600.0, out: Out = None, server: Server = cloud_options.BASE,
    quiet: Quiet = False, as_json: Json = False, debug: Debug = False,
) -> None:  # fmt: skip
    """Push a project, run it in the cloud, and make the same page of it that a run here has.

    Exit status 1: the strategy failed. 3: it goes on in the cloud.

    Example: [bold]hidden-regime qc backtest my_project -p fast=20[/]
    """
    from hidden_regime.cloud.sync.syncing import compiled, push

    console = Console(quiet=quiet or as_json)
    with messages(debug), opened(server, f"Read it: hidden-regime qc results {strategy} ID") as qc:
        folder, budget = cloud_options.project_folder(strategy), cloud_options.budget_of(qc)
        project, _ = push(qc, folder, force=force, budget=budget)
        number, compile_id = compiled(qc, folder, timeout=timeout)
        given = _parameters(folder) | options.parse_parameters(list(parameter or ()))
        begun = qc.backtests.create(number, compile_id, name or project.name, given, key=key, budget=budget, patience=timeout)
        _begun(console, strategy, f"backtest {begun.backtest_id} of project {number}", begun.backtest_id)
        with telling.progress(console, "per cent") as step:
            found = qc.backtests.wait(
                number, begun.backtest_id, timeout=timeout, progress=lambda one: step(round(100 * one.progress), 100)
            )
        _finish(console, qc, found, folder.resolve().name, out, as_json)
    if found.failed:
        raise typer.Exit(STRATEGY_FAILED)


def optimize(
    strategy: Project,
    parameter: Varied = None,
    objective: Annotated[str, typer.Option(help="A figure of LEAN's portfolio.")] = "Sharpe Ratio",
    direction: Direction = "max",
    constraint: Limits = None,
    node: Annotated[str, typer.Option(help="O2-8, O4-12 or O8-16.")] = "O2-8",
    parallel: Annotated[int, typer.Option(help="Nodes at a time.")] = 1,
    pay: Annotated[bool, typer.Option("--pay", help="Begin it. Without this the cost is estimated and no more.")] = False,
    key: Key = None, force: Force = False, timeout: Timeout = 24 * 3600.0, out: Out = None, server: Server = cloud_options.BASE,
    quiet: Quiet = False, as_json: Json = False, debug: Debug = False,
) -> None:  # fmt: skip
    """Push a project and estimate what a search over a grid would cost; with --pay, run it within the limits of `qc cost`.

    Exit status 1: no trial may be the best. 3: it goes on in the cloud.

    Example: [bold]hidden-regime qc optimize my_project -p fast=10:50:10 --constraint 'Drawdown <= 25%'[/]
    """
    from hidden_regime.cloud.sync.syncing import compiled, push

    console = Console(quiet=quiet or as_json)
    later = f"Read it: hidden-regime qc results {strategy} ID. Book what it cost: hidden-regime qc cost --settle"
    with messages(debug), opened(server, later) as qc:
        folder, budget = cloud_options.project_folder(strategy), cloud_options.budget_of(qc)
        push(qc, folder, force=force, budget=budget)
        number, compile_id = compiled(qc, folder)
        spec = _spec(
            number, compile_id, folder, list(parameter or ()), (objective, direction), list(constraint or ()), node, parallel
        )
        telling.notes(spec.notes, quiet)
        if not pay:
            quote = qc.optimizations.estimate(spec)
            show_cloud.quote(console, quote, spec, budget)
            if as_json:
                say(json.dumps(_quoted(quote, spec), indent=2))
            return
        begun = qc.optimizations.create(spec, budget, key=key, patience=timeout)
        what = f"optimization {begun.optimization_id} of {spec.n_backtests} backtests"
        _begun(console, strategy, what, begun.optimization_id)
        with telling.progress(console, "backtests") as step:
            found = qc.optimizations.wait(
                begun.optimization_id, timeout=timeout, budget=budget,
                progress=lambda one: step(one.runtime_statistics.completed + one.runtime_statistics.failed, spec.n_backtests),
            )  # fmt: skip
        done = _finish_optimization(console, qc, found, folder.resolve().name, out, as_json)
    if done.best is None:
        say(f"no trial may be the best: {show_studies.why_none(done)}", "red", err=True)
        raise typer.Exit(STRATEGY_FAILED)


def results(
    project: Annotated[str, typer.Argument(help="Number or name of a project, or its folder.")],
    id: Annotated[str | None, typer.Argument(help="Of a backtest or an optimisation. Default: list all.", metavar="[ID]")] = None,
    out: Out = None, server: Server = cloud_options.BASE, quiet: Quiet = False, as_json: Json = False, debug: Debug = False,
) -> None:  # fmt: skip
    """List what a project ran in the cloud, or fetch one result with its page.

    Exit status 3: that one goes on in the cloud.

    Example: [bold]hidden-regime qc results my_project[/]
    """
    from hidden_regime.cloud.results import safe_name
    from hidden_regime.cloud.sync.there import find_project, pushed_project

    console = Console(quiet=quiet or as_json)
    with messages(debug), opened(server) as qc:
        known = pushed_project(qc, Path(project)) if Path(project).is_dir() else None
        found = find_project(qc, known if known is not None else project)
        number = int(found.project_id or 0)
        if id is None:
            backtests, optimizations = qc.backtests.list(number, statistics=True), qc.optimizations.list(number)
            show_cloud.listing(console, found, backtests, optimizations)
            if as_json:
                say(json.dumps(_listed(backtests, optimizations), indent=2))
            return
        name = safe_name(found.name)
        if any(one.optimization_id == id for one in qc.optimizations.list(number)):
            _finish_optimization(console, qc, qc.optimizations.read(id), name, out, as_json)
            return
        _finish(console, qc, qc.backtests.read(number, id), name, out, as_json)


def _finish(console: Console, qc: QuantConnect, found: Backtest, name: str, out: Path | None, as_json: bool) -> None:
    from hidden_regime.cloud.results import backtest_tables, safe_name
    from hidden_regime.research import tables
    from hidden_regime.research.report import render

    done = backtest_tables(qc, found, safe_name(name))
    folder = out or Path("results") / f"{safe_name(name)}-cloud-{safe_name(found.backtest_id)[:8]}"
    folder.mkdir(parents=True, exist_ok=True)
    tables.write(done, folder, {"report.html": render(done)})
    show_cloud.backtest(console, done)
    if found.failed:
        said = found.stacktrace if found.error in found.stacktrace else f"{found.error}\n{found.stacktrace}"
        say(f"the strategy failed: {said}".rstrip(), "red", err=True)
    told = tables.summary(done) | {"backtest_id": found.backtest_id, "project_id": found.project_id} if as_json else None
    telling.end(console, folder, told, "Backtest")


def _finish_optimization(
    console: Console, qc: QuantConnect, found: Optimization, name: str, out: Path | None, as_json: bool
) -> Study:
    from hidden_regime.cloud.results import optimization_study, safe_name
    from hidden_regime.experiments.studies.folder import study_dict

    done = optimization_study(qc, found, safe_name(name))
    folder = out or Path("results") / f"{safe_name(name)}-cloud-optimize-{safe_name(found.optimization_id)[:8]}"
    done.save(folder)
    show_studies.study(console, done)
    if found.status != "completed":
        say(f"the optimisation ended as {found.status}: {len(done.trials)} trials came of it", "yellow", err=True)
    telling.end(console, folder, study_dict(done) if as_json else None, "Optimization")
    return done


def _begun(console: Console, strategy: str, what: str, id: str) -> None:
    """Say what was begun: from here on it goes on, whatever ends this command."""
    console.print(show.said(f"{what} was begun."), highlight=False)
    endings.explain(f"{what.partition(' of ')[0]} goes on in the cloud; read it: hidden-regime qc results {strategy} {id}")


def _parameters(folder: Path) -> dict[str, str]:
    """Parameters of the project's config.json: a cloud backtest that is given some takes no other ones."""
    from hidden_regime.research.projects import main_file, parameters

    return parameters(main_file(folder))


def _spec(number: int, compile_id: str, folder: Path, pairs: list[str], goal: tuple[str, str], limits: list[str], node: str,
          parallel: int) -> OptimizationSpec:  # fmt: skip
    from hidden_regime.cloud.optimization_spec import OptimizationSpec
    from hidden_regime.cloud.pricing import NODE_PRICES
    from hidden_regime.experiments.constraint import Constraint
    from hidden_regime.experiments.objective import Objective
    from hidden_regime.experiments.space import Space

    if node not in NODE_PRICES:
        raise ParameterError("--node", node, f"one of {', '.join(NODE_PRICES)}")
    given = options.parse_parameters(pairs)
    varied = {name: text for name, text in given.items() if ":" in text}
    if not varied:
        raise ParameterError("-p", pairs, "at least one parameter to vary, such as -p fast=10:50:5")
    held = {name: text for name, text in (_parameters(folder) | given).items() if name not in varied}
    return OptimizationSpec(
        number, compile_id, folder.resolve().name, Space.of(varied), Objective(*goal),
        tuple(Constraint.parse(one) for one in limits), node_type=node, parallel_nodes=parallel, held=tuple(held.items()),
    )  # fmt: skip


def _quoted(quote: Quote, spec: OptimizationSpec) -> dict[str, Any]:
    return {
        "n_backtests": spec.n_backtests, "seconds": quote.estimate.time, "dollars": quote.dollars, "credits": quote.credits,
        "balance": quote.estimate.balance, "sent": False,
    }  # fmt: skip


def _listed(backtests: tuple[Backtest, ...], optimizations: tuple[Optimization, ...]) -> dict[str, Any]:
    return {
        "backtests": [{"id": one.backtest_id, "name": one.name, "status": one.status} for one in backtests],
        "optimizations": [{"id": one.optimization_id, "name": one.name, "status": str(one.status)} for one in optimizations],
    }
