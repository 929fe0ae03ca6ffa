"""Entry point of the `hidden-regime` command: options, messages and exit codes. The work is done elsewhere."""

from __future__ import annotations

import json
import traceback
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import date
from pathlib import Path
from time import perf_counter
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

import hidden_regime
from hidden_regime.cli import data_sets, endings, judging, lean_data, live_reports, options, show, studies
from hidden_regime.cli.assistants import mcp
from hidden_regime.cli.benchmark import benchmark_app
from hidden_regime.cli.bundle import bundle
from hidden_regime.cli.cache import cache_app
from hidden_regime.cli.cloud import qc_app
from hidden_regime.cli.jobs import jobs_app
from hidden_regime.cli.learning import ml_app
from hidden_regime.cli.live import live_app
from hidden_regime.cli.local_lean import lean_app
from hidden_regime.cli.messages import STRATEGY_FAILED, Debug, messages, path_argument, path_option, say
from hidden_regime.cli.monitor import monitor_app
from hidden_regime.cli.notebooks import notebook_app
from hidden_regime.cli.portfolio import portfolio_app
from hidden_regime.cli.ready import grow, new, ready, weekly
from hidden_regime.cli.rehearsing import rehearse
from hidden_regime.cli.start import main
from hidden_regime.cli.tax import tax_app
from hidden_regime.exceptions import NoRegimesWarning, ParameterError, RegimeWarning, TrainingError, UnusedParameterWarning
from hidden_regime.files.text import text_in
from hidden_regime.files.whole import write_file
from hidden_regime.simulator.failures import EngineError
from hidden_regime.simulator.missing_imports import import_hint
from hidden_regime.simulator.run_state import run_state_of

app = typer.Typer(
    no_args_is_help=True, add_completion=False, rich_markup_mode="rich", pretty_exceptions_enable=False,
    help="Market regimes, point in time.\n\nExample: [bold]hidden-regime backtest optimized_multi_asset[/]",
)  # fmt: skip
data_app = typer.Typer(
    no_args_is_help=True, help="Packaged data, and yours for LEAN.\n\nExample: [bold]hidden-regime data list[/]"
)
app.add_typer(data_app, name="data")
app.add_typer(cache_app, name="cache")
app.add_typer(benchmark_app, name="benchmark")
app.add_typer(qc_app, name="qc")
app.add_typer(lean_app, name="lean")
app.add_typer(notebook_app, name="notebook")
app.add_typer(jobs_app, name="jobs")
app.add_typer(live_app, name="live")
app.add_typer(tax_app, name="tax")
app.add_typer(portfolio_app, name="portfolio")
app.add_typer(ml_app, name="ml")
app.add_typer(monitor_app, name="monitor")
for command in (live_reports.serve, live_reports.daily, live_reports.report):
    live_app.command()(command)
live_app.command()(rehearse)
app.command()(live_reports.archive)
app.command()(mcp)
app.command()(new)
app.command()(ready)
app.command()(weekly)
app.command()(grow)
data_app.command("list")(data_sets.data_list)
data_app.command("info")(data_sets.data_info)
data_app.command(name="to-lean")(lean_data.to_lean)
data_app.command(name="check")(lean_data.check)


class StoppedError(EngineError):
    """A run that a signal ended: what it came to until then is kept."""


def _version(wanted: bool) -> None:
    if wanted:
        say(f"hidden-regime {hidden_regime.__version__}")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")] = False,
) -> None:
    """Market regimes, point in time."""


def _own_frames(error: BaseException, strategy: Path) -> str:
    """Traceback of a strategy's failure, cut to the strategy's own frames."""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if Path(f.filename).resolve() == strategy.resolve()]
    lines = traceback.format_list(frames) + traceback.format_exception_only(error)
    hint = import_hint(error, strategy)
    return "Traceback of the strategy:\n" + "".join(lines).rstrip() + (f"\n{hint}" if hint else "")


@app.command()
def backtest(
    strategy: Annotated[str, typer.Argument(help="A shipped template, a .py file written for LEAN, or its project's folder.")],
    data: Annotated[str | None, typer.Option(help="A packaged set, a LEAN data folder, or files of prices.")] = None,
    start: Annotated[str | None, typer.Option(help="First day, yyyy-mm-dd, instead of the strategy's own.")] = None,
    end: Annotated[str | None, typer.Option(help="Last day.")] = None,
    cash: Annotated[float | None, typer.Option(help="Dollars to start with.")] = None,
    parameter: Annotated[
        list[str] | None, typer.Option("-p", "--parameter", help="name=value for get_parameter; may repeat.")
    ] = None,
    config: Annotated[
        Path | None, path_option("A config.json whose parameters to take, such as a study's; -p has more say.")
    ] = None,
    out: Annotated[Path | None, path_option("Folder for the results. Default: results/NAME.")] = None,
    store: Annotated[Path | None, path_option("Folder of the object store, kept from run to run.")] = None,
    as_live: Annotated[
        bool, typer.Option("--as-live", help="Feed as LEAN live does: raw bars, events in the morning, live_mode True.")
    ] = False,
    rules: Annotated[Path | None, path_option("rules.toml, whose guards watch over it as they would live.")] = None,
    report: Annotated[bool, typer.Option("--report/--no-report", help="Write report.html.")] = True,
    profile: Annotated[
        bool, typer.Option("--profile", help="Measure where the time in regimes goes: in the report, and in profile.json.")
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="Print nothing but errors.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON.")] = False,
    debug: Debug = False,
) -> None:
    """Run a strategy over market history in the embedded engine.

    Example: [bold]hidden-regime backtest optimized_multi_asset --data us_stocks -p retrain=weekly[/]
    """
    from hidden_regime.data import packaged
    from hidden_regime.research import projects, strategies
    from hidden_regime.simulator.run import run_file

    begin = perf_counter()
    console = Console(quiet=quiet or as_json)
    with messages(debug):
        path = strategies.find_strategy(strategy)
        kept = {} if config is None else projects.parameters_in(config)
        given = options.parse_parameters(parameter or [])
        first, last = options.parse_day("--start", start), options.parse_day("--end", end)
        if path.parent == strategies.template_folder():
            for day in ("start", "end"):
                options.parse_day(f"-p {day}", given.get(day))
        if cash is not None and not 0 < cash < float("inf"):
            raise ParameterError("--cash", cash, "a positive amount of dollars")
        name = projects.name_of(path)
        folder = out or Path("results") / name
        market = packaged.open_market(packaged.DEFAULT if data is None else data)
        folder.mkdir(parents=True, exist_ok=True)
        parameters = strategies.market_parameters(market, first, last) | projects.parameters(path) | kept | given
        with projects.libraries(path), endings.awaited(), _progress(console, parameters, first, last) as on_day:
            run = run_file(
                path, market, parameters=parameters, start=first, end=last, cash=cash, store=store,
                prepare=_prepared(profile, rules), on_day=on_day, live=as_live,
            )  # fmt: skip
        _warn(run, given)
        _finish(console, run, name, folder, report=report, profile=profile, as_json=as_json, begin=begin)
    if run.error is not None:
        if isinstance(run.error, StoppedError):
            endings.explain(f"what it came to is in {folder}")
            raise typer.Exit(STRATEGY_FAILED)
        if debug:
            raise run.error
        say(_own_frames(run.error, path), "red", err=True)
        raise typer.Exit(STRATEGY_FAILED)


def _prepared(profile: bool, rules: Path | None) -> Callable[[Any], None]:
    """What is done with an algorithm before it is initialised: have it measured, and watched over."""
    from hidden_regime.operation.guarding import watch_over
    from hidden_regime.quantconnect.guards.rules import read_rules
    from hidden_regime.quantconnect.tracking import trackers_of

    text = "" if rules is None else text_in("--rules", rules)
    read_rules(text)

    def prepare(algorithm: Any) -> None:
        if profile:
            for tracker in trackers_of(algorithm):
                tracker.profiler.enable()
        if text:
            watch_over(algorithm, text)

    return prepare


def _warn(run: Any, given: dict[str, str]) -> None:
    """Say what looks like a result and is none."""
    from hidden_regime.research import backtest as backtest_tables

    core = run_state_of(run.algorithm)
    for name in sorted(set(given) - set(core.parameters_read)):
        warnings.warn(UnusedParameterWarning(f"-p {name}={given[name]}: the strategy never read it."), stacklevel=1)
    for name in sorted(core.parameters_unusable & set(given)):
        message = f"-p {name}={given[name]}: expected a number; like LEAN the engine took the strategy's default."
        warnings.warn(UnusedParameterWarning(message), stacklevel=1)
    if not core.securities and run.error is None:
        warnings.warn(RegimeWarning("hidden_regime: the strategy subscribed to no asset, so nothing happened."), stacklevel=1)
    unknown, none_known = backtest_tables.unknown_regimes(run)
    if none_known:
        ticker, why = next(iter(unknown.items()))
        raise TrainingError(f"no regime of any asset became known. {ticker}: {why}")
    for ticker, why in unknown.items():
        warnings.warn(RegimeWarning(f"hidden_regime: no regime of {ticker} is known: {why}"), stacklevel=1)


@contextmanager
def _progress(console: Console, parameters: dict[str, str], first: date | None, last: date | None) -> Iterator[Any]:
    """A bar that shows the market's date."""
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[day]}"), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=console.quiet) as progress:
        total = None
        # The strategy says what is wrong with its dates; the bar just can't know its length.
        with suppress(KeyError, ValueError):
            total = (date.fromisoformat(parameters["end"]) - date.fromisoformat(parameters["start"])).days
        task = progress.add_task("running", total=total, day="")
        origin: list[date] = []

        def on_day(day: date) -> None:
            if not origin:
                origin.append(day)
            if (came := endings.received()) is not None:
                raise StoppedError(f"stopped by {came.name} after {day}", "hidden-regime backtest")
            if day.day % 7 == 0:
                progress.update(task, completed=(day - origin[0]).days, day=day.isoformat())

        yield on_day


def _finish(console: Console, run: Any, name: str, folder: Path, *, report: bool, profile: bool, as_json: bool,
            begin: float) -> None:  # fmt: skip
    from hidden_regime.quantconnect.tracking import trackers_of
    from hidden_regime.research import tables
    from hidden_regime.research.backtest import collect

    done = collect(run, name)
    seconds = perf_counter() - begin
    trackers = trackers_of(run.algorithm) if profile else []
    tree = [row for tracker in trackers for row in tracker.profiler.get_tree()]
    pages = {"profile.json": json.dumps(tree, indent=1) + "\n"} if profile else {}
    if report:
        from hidden_regime.research.report import render

        pages["report.html"] = render(done, tree)
    tables.write(done, folder, pages)
    if run.error is None or len(done.equity):
        show.backtest(console, done, seconds)
    page = f" Open {folder / 'report.html'} in a browser." if report else ""
    console.print(show.said(f"Results in {folder}.{page}"), highlight=False, soft_wrap=True)
    if as_json:
        say(json.dumps(tables.summary(done) | {"folder": str(folder)}, indent=2))


@app.command("lean-check")
def lean_check(
    target: Annotated[Path, path_argument("Results that LEAN wrote (their folder), a case, or with --static a strategy.")],
    static: Annotated[bool, typer.Option("--static", help="Read a strategy without running it.")] = False,
    strategy: Annotated[Path | None, path_option("The file that LEAN ran.")] = None,
    data: Annotated[str | None, typer.Option(help="The LEAN data folder that LEAN had.")] = None,
    parameter: Annotated[
        list[str] | None, typer.Option("-p", "--parameter", help="name=value for get_parameter; may repeat.")
    ] = None,
    debug: Debug = False,
) -> None:
    """Compare a run of the embedded engine with LEAN's answer, or list what LEAN would refuse or silently do otherwise.

    Example: [bold]hidden-regime lean-check backtests/2026-01-05_10-00-00 --strategy main.py --data data[/]
    """
    from hidden_regime.cli import check

    with messages(debug):
        equal = check.static(target) if static else check.compare(target, strategy, data, parameter or [])
    if not equal:
        raise typer.Exit(STRATEGY_FAILED)


@app.command()
def detect(
    source: Annotated[str, typer.Argument(help="A packaged set, or a CSV or Parquet file.")],
    asset: Annotated[str | None, typer.Option(help="Ticker, where the source holds several.")] = None,
    n_states: Annotated[int, typer.Option(help="Number of regimes.")] = 3,
    lookback: Annotated[int, typer.Option(help="Bars in the training window.")] = 252,
    retrain: Annotated[str, typer.Option(help="never, daily, weekly, monthly, quarterly or a number of bars.")] = "monthly",
    out: Annotated[Path | None, path_option("Write the regimes bar by bar (.csv or .parquet).")] = None,
    plot: Annotated[Path | None, path_option("Write a picture that opens in a browser (.html).")] = None,
    debug: Debug = False,
) -> None:
    """Find the regimes of one price series.

    Example: [bold]hidden-regime detect sp500 --plot regimes.html[/]
    """
    from hidden_regime.data.packaged import load_series
    from hidden_regime.detection.detector import RegimeDetector
    from hidden_regime.regimes.statistics import regime_table

    console = Console()
    with messages(debug):
        for name, path, suffixes in (("--out", out, (".csv", ".parquet")), ("--plot", plot, (".html",))):
            if path is not None and path.suffix not in suffixes:
                raise ParameterError(name, str(path), f"a file name that ends in {' or '.join(suffixes)}")
            if path is not None:
                path.parent.mkdir(parents=True, exist_ok=True)
        title, frame = load_series(source, asset)
        detector = RegimeDetector(n_states, lookback=lookback, retrain=int(retrain) if retrain.isdigit() else retrain)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", NoRegimesWarning)  # a line of the table says so
            states = detector.run(frame)
        last = states.iloc[-1]
        expected, prior = last["expected_duration"], detector.prior_shares[last["state"]]
        row = {
            "date": f"{states.index[-1]:%Y-%m-%d}", "regime": last["regime"], "confidence": f"{last['confidence']:.1%}",
            "in it for": f"{last['duration']} bars", "expected duration": f"{expected:.0f} bars, {prior:.0%} of it the prior",
            "model trained": f"{last['trained_at']:%Y-%m-%d}", "trainings": detector.n_trainings,
            "regimes at all": detector.course.doubt.answer,
        }  # fmt: skip
        show.latest(console, f"{title}: latest state", row)
        console.print()
        show.regimes(console, "What followed each regime", regime_table(states, frame["close"]))
        if out is not None:
            write_file(out, states.to_parquet() if out.suffix == ".parquet" else states.to_csv())
            console.print(show.said(f"Regimes in {out}."), highlight=False, soft_wrap=True)
        if plot is not None:
            from hidden_regime.research.figures import price_and_probabilities

            known = states[states["regime"].notna()]
            figure = price_and_probabilities(title, frame["close"].loc[known.index], known)
            figure.update_layout(title=f"{title}: regimes", margin={"t": 90})
            write_file(plot, figure.to_html(include_plotlyjs=True))
            console.print(show.said(f"Picture in {plot}."), highlight=False, soft_wrap=True)


app.command()(bundle)
app.command()(studies.optimize)
app.command("walk-forward")(studies.walk_forward)
app.command()(studies.report)
app.command()(judging.compare)
app.command()(judging.segments)
app.command("monte-carlo")(judging.monte_carlo)
app.command("check-lookahead")(judging.check_lookahead)


if __name__ == "__main__":
    main()
