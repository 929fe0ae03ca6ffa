"""The `optimize`, `walk-forward` and `report` commands."""

from __future__ import annotations

from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from hidden_regime.cli import endings, options, show_studies, telling
from hidden_regime.cli.messages import STRATEGY_FAILED, Debug, messages, path_argument, path_option, say
from hidden_regime.cli.options import (
    Backend,
    Cash,
    Data,
    Direction,
    End,
    Json,
    Limits,
    Quiet,
    Seed,
    Start,
    Store,
    Strategy,
    Varied,
    Workers,
)
from hidden_regime.exceptions import ParameterError

if TYPE_CHECKING:
    from hidden_regime.operation.tax.objective import AfterTax

Vary = Annotated[list[str] | None, typer.Option(help="name=a,b,c varies a parameter, texts too; may repeat.")]
SpaceFile = Annotated[Path | None, path_option("What to vary, from a file. Default: STRATEGY.space.toml beside it.")]
Config = Annotated[Path | None, path_option("A config of LEAN's optimiser: parameters, criterion, constraints.")]
Goals = Annotated[
    list[str] | None, typer.Option("--objective", help="Default Sharpe Ratio; 'min Drawdown' is the least. May repeat.")
]
Rates = Annotated[Path | None, path_option("Rates of tax by year (TOML), for objectives such as 'After-Tax.Net Profit'.")]
Method = Annotated[str | None, typer.Option(help="grid, euler, random or tpe. Default: tpe, or what LEAN's config says.")]
Batch = Annotated[int, typer.Option(help="Sets proposed at once: what a search learns, it learns after each batch.")]
Segments = Annotated[int | None, typer.Option(help="Steps that grid and euler make of a range without a step.")]
Out = Annotated[Path | None, path_option("Folder of the study, in which it goes on if it was stopped. Default: results/NAME-...")]


def optimize(
    strategy: Strategy, data: Data = None, start: Start = None, end: End = None, cash: Cash = None, parameter: Varied = None,
    vary: Vary = None, space: SpaceFile = None, optimizer_config: Config = None, objective: Goals = None,
    direction: Direction = "max", target: Annotated[float | None, typer.Option(help="End with a trial that is as good.")] = None,
    constraint: Limits = None, method: Method = None,
    trials: Annotated[int, typer.Option(help="How many, of random and tpe.")] = 100,
    seed: Seed = 0, batch: Batch = 8, segments: Segments = None, workers: Workers = None, backend: Backend = "loky",
    rates: Rates = None, out: Out = None, store: Store = None,
    list_: Annotated[bool, typer.Option("--list", help="Print what the strategy reads, and end.")] = False,
    write_config: Annotated[bool, typer.Option("--write-config", help="Write the best into the project's config.json.")] = False,
    quiet: Quiet = False, as_json: Json = False, debug: Debug = False,
) -> None:  # fmt: skip
    """Search for the parameters with which a strategy does best, and say how much of that is luck.

    Example: [bold]hidden-regime optimize optimized_multi_asset --trials 40[/]
    """
    from hidden_regime.experiments.asking import Question, ask
    from hidden_regime.experiments.optimization import run_study
    from hidden_regime.experiments.studies.folder import OPTIMIZER, study_dict
    from hidden_regime.experiments.workers import Workers as Pool
    from hidden_regime.files.whole import write_file
    from hidden_regime.research.strategies import template_folder

    console = Console(quiet=quiet or as_json)
    with messages(debug):
        question = Question(
            strategy, data, options.parse_day("--start", start), options.parse_day("--end", end), cash, tuple(parameter or ()),
            tuple(vary or ()), space, optimizer_config, tuple(objective or ()), direction, target, tuple(constraint or ()),
            method, trials, seed, batch, segments, store, _figures(rates, objective, constraint))  # fmt: skip
        if list_:
            show_studies.reads(console, question)
            return
        spec, notes = ask(question)
        if write_config and spec.setup.strategy.parent == template_folder():
            shared = "The templates share a folder, whose config.json all would read."
            raise ParameterError("--write-config", strategy, "a strategy of yours", shared)
        telling.notes(notes, quiet)
        folder = out or Path("results") / f"{spec.setup.name}-optimize-{spec.id[:8]}"
        endings.explain(f"the same command goes on with the study in {folder}")
        begin = perf_counter()
        with telling.progress(console, "trials") as step:
            study = run_study(spec, Pool(workers, backend), folder, lambda done, total, trial: step(done, total))
        endings.explain("no file is left half written")
        if optimizer_config is not None:
            write_file(folder / OPTIMIZER, optimizer_config.read_bytes())  # as it was, whatever else it holds
        if write_config and study.best is not None:
            from hidden_regime.experiments.space.project_config import write_project_parameters

            write_project_parameters(spec.setup.strategy.parent / "config.json", study.best.parameters)
        show_studies.study(console, study, perf_counter() - begin)
        telling.end(console, folder, study_dict(study) if as_json else None)
    if study.best is None:
        say(f"no trial may be the best: {show_studies.why_none(study)}", "red", err=True)
        raise typer.Exit(STRATEGY_FAILED)


def walk_forward(
    strategy: Strategy, data: Data = None, start: Start = None, end: End = None, cash: Cash = None, parameter: Varied = None,
    vary: Vary = None, space: SpaceFile = None, optimizer_config: Config = None, objective: Goals = None,
    direction: Direction = "max", constraint: Limits = None, method: Method = None,
    trials: Annotated[int, typer.Option(help="How many in each window, of random and tpe.")] = 50,
    is_months: Annotated[int, typer.Option(help="Months of search in each window.")] = 12,
    oos_months: Annotated[int, typer.Option(help="Months that are traded after it.")] = 6,
    mode: Annotated[str, typer.Option(help="rolling, anchored (all searches begin on the first day) or random.")] = "rolling",
    runs: Annotated[int, typer.Option(help="Windows of random.")] = 10,
    train: Annotated[float, typer.Option(help="Share of each random window that is searched.")] = 0.6,
    n_assets: Annotated[int | None, typer.Option(help="Assets drawn for each random window.")] = None,
    all_oos: Annotated[bool, typer.Option("--all-oos", help="Run all sets out of sample: what was the choice worth?")] = False,
    seed: Seed = 0, batch: Batch = 8, segments: Segments = None, workers: Workers = None, backend: Backend = "loky",
    rates: Rates = None, out: Out = None, store: Store = None, quiet: Quiet = False, as_json: Json = False, debug: Debug = False,
) -> None:  # fmt: skip
    """Search in one stretch of time, trade the winner in the next, again and again, and judge what was traded.

    Example: [bold]hidden-regime walk-forward optimized_multi_asset --trials 20[/]
    """
    from hidden_regime.experiments.asking import Question, ask
    from hidden_regime.experiments.studies.walk_forward_folder import walk_forward_dict
    from hidden_regime.experiments.walking_forward import Plan, walk
    from hidden_regime.experiments.workers import Workers as Pool

    console = Console(quiet=quiet or as_json)
    with messages(debug):
        question = Question(
            strategy, data, options.parse_day("--start", start), options.parse_day("--end", end), cash, tuple(parameter or ()),
            tuple(vary or ()), space, optimizer_config, tuple(objective or ()), direction, None, tuple(constraint or ()),
            method, trials, seed, batch, segments, store, _figures(rates, objective, constraint))  # fmt: skip
        spec, notes = ask(question)
        telling.notes(notes, quiet)
        plan = Plan(mode, is_months, oos_months, runs, train, n_assets, all_oos)
        folder = out or Path("results") / f"{spec.setup.name}-walk-forward-{plan.id_of(spec)[:8]}"
        endings.explain(f"the same command goes on with the study in {folder}")
        begin = perf_counter()
        with telling.progress(console, "windows") as step:
            found = walk(
                spec, plan, Pool(workers, backend), folder,
                lambda number, count, result, done, total: step(number - (result is None), count))  # fmt: skip
        endings.explain("no file is left half written")
        show_studies.walk_forward(console, found, perf_counter() - begin)
        telling.end(console, folder, walk_forward_dict(found) if as_json else None)
    if found.figures is None:
        say("no window had a feasible trial: nothing was traded", "red", err=True)
        raise typer.Exit(STRATEGY_FAILED)


def report(
    folder: Annotated[Path, path_argument("Folder of a finished study, walk-forward, comparison, simulation or check.")],
    out: Annotated[Path | None, path_option("Where to write the page. Default: report.html in the folder.")] = None,
    pdf: Annotated[bool, typer.Option("--pdf", help="Print the page into a PDF too, with a browser of this machine.")] = False,
    debug: Debug = False,
) -> None:
    """Make the page of a finished experiment again.

    Example: [bold]hidden-regime report results/my_study[/]
    """
    from hidden_regime.experiments.pages.printing import print_page
    from hidden_regime.experiments.reading import read_experiment
    from hidden_regime.files.whole import write_file

    with messages(debug):
        if not folder.is_dir():
            raise ParameterError("FOLDER", str(folder), "the folder of a finished study")
        page: str = read_experiment(folder).to_html()
        path = out or folder / "report.html"
        path.parent.mkdir(parents=True, exist_ok=True)
        write_file(path, page)
        say(f"Page in {path}.")
        if pdf:
            say(f"PDF in {print_page(path)}.")


def _figures(rates: Path | None, *asked: list[str] | None) -> tuple[AfterTax, ...]:
    """What objectives and constraints may name besides LEAN's figures."""
    from hidden_regime.operation.tax.objective import NAME, AfterTax

    if rates is not None:
        return (AfterTax.read(rates),)
    for text in (text for texts in asked for text in texts or ()):
        if f"{NAME}." in text.lower():
            raise ParameterError("--rates", None, f"a TOML file of rates, for {text!r}")
    return ()
