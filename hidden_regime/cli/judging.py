"""The `check-lookahead` command, and those that judge runs: `compare`, `monte-carlo`, `segments`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from hidden_regime.cli import endings, options, show_judgements, telling
from hidden_regime.cli.messages import STRATEGY_FAILED, Debug, messages, path_option, say
from hidden_regime.cli.options import Backend, Cash, Data, End, Fixed, Json, Quiet, Start, Store, Strategy, Workers
from hidden_regime.exceptions import ParameterError

SOURCE = "A strategy, which is run, or the folder of a backtest, a study or a walk-forward."
Sources = Annotated[list[str], typer.Argument(help=SOURCE)]
Source = Annotated[str, typer.Argument(help=SOURCE)]
Benchmark = Annotated[str | None, typer.Option(help="Name of one of them. Default: holding what the first has as benchmark.")]
Eras = Annotated[Path | None, path_option("Eras, fixed beforehand: a TOML file of [[era]] with name, start, end, why.")]
Asset = Annotated[str | None, typer.Option(help="Whose regimes. Default: what the strategy holds, else its benchmark.")]
Resamples = Annotated[int, typer.Option(help="Draws of the bootstrap.")]
Out = Annotated[Path | None, path_option("Folder for the figures and the page. Default: results/NAME-...")]
Seed = Annotated[int, typer.Option(help="The same seed gives the same answer.")]


def check_lookahead(
    strategy: Strategy, data: Data = None, start: Start = None, end: End = None, cash: Cash = None, parameter: Fixed = None,
    cuts: Annotated[int, typer.Option(help="Moments from which the future is hidden.")] = 5,
    seed: Annotated[int, typer.Option(help="Which moments, and how the future is changed.")] = 0,
    workers: Workers = None, backend: Backend = "loky", out: Out = None, quiet: Quiet = False, as_json: Json = False,
    debug: Debug = False,
) -> None:  # fmt: skip
    """Find orders that know what happens after them: the future is hidden, and no earlier order may change.

    Exit status 0: none was found. 1: the strategy looks ahead, or two equal runs differ.

    Example: [bold]hidden-regime check-lookahead basic_regime_switching[/]
    """
    from hidden_regime.experiments.lookahead.check import check_lookahead as check
    from hidden_regime.experiments.lookahead.folder import lookahead_dict
    from hidden_regime.research.projects import name_of
    from hidden_regime.research.strategies import find_strategy

    console = Console(quiet=quiet or as_json)
    with messages(debug):
        endings.explain("no file is left half written")
        with telling.progress(console, "runs") as step:
            found = check(
                strategy, data, parameters=options.parse_parameters(list(parameter or ())),
                start=options.parse_day("--start", start), end=options.parse_day("--end", end), cash=cash, cuts=cuts, seed=seed,
                workers=workers, backend=backend, out=out, progress=step)  # fmt: skip
        folder = _written(found, out, f"{name_of(find_strategy(strategy))}-lookahead-{found.id[:8]}")
        show_judgements.lookahead(console, found)
        telling.end(console, folder, lookahead_dict(found) if as_json else None, "Check")
    if found.findings:
        raise typer.Exit(STRATEGY_FAILED)


def compare(
    strategies: Sources, data: Data = None, start: Start = None, end: End = None, cash: Cash = None, parameter: Fixed = None,
    benchmark: Benchmark = None,
    orders: Annotated[bool, typer.Option("--orders", help="Compare orders alone: equal, or the first that differs.")] = False,
    resamples: Resamples = 2000, seed: Seed = 0, workers: Workers = None, backend: Backend = "loky", out: Out = None,
    store: Store = None, quiet: Quiet = False, as_json: Json = False, debug: Debug = False,
) -> None:  # fmt: skip
    """Run strategies over the same days, rank them, and say whether their Sharpe ratios differ by more than luck.

    With --orders: whether one strategy sent the same orders here, in local LEAN and in the cloud.

    Exit status 1: one of them failed, and the others were compared; with --orders, orders differ.

    Example: [bold]hidden-regime compare basic_regime_switching multi_asset_rotation[/]
    """
    from hidden_regime.experiments.comparison.comparing import compare_strategies
    from hidden_regime.experiments.comparison.folder import comparison_dict
    from hidden_regime.experiments.optimization import KEPT
    from hidden_regime.experiments.sources import is_results
    from hidden_regime.research.strategies import find_strategy

    if orders:
        days = {"start": start, "end": end}
        _compare_orders(strategies, data, days, cash, list(parameter or ()), quiet=quiet, as_json=as_json, debug=debug)
        return
    console = Console(quiet=quiet or as_json)
    with messages(debug):
        for one in strategies:  # a name that is misspelt is told before anything is run
            if not is_results(Path(one)):
                find_strategy(one)
        first, *others = _names(strategies)
        beside = "" if not others else f"-and-{others[0] if len(others) == 1 else f'{len(others)}-others'}"
        endings.explain("no file is left half written")
        with telling.progress(console, "runs") as step:
            found = compare_strategies(
                strategies, data=data, parameters=options.parse_parameters(list(parameter or ())),
                start=options.parse_day("--start", start), end=options.parse_day("--end", end), cash=cash, benchmark=benchmark,
                n_resamples=resamples, seed=seed, workers=workers, backend=backend, store=store or KEPT, out=out,
                progress=lambda done, total, result: step(done, total))  # fmt: skip
        folder = _written(found, out, f"{first}{beside}-comparison-{found.id[:8]}")
        show_judgements.comparison(console, found)
        telling.end(console, folder, comparison_dict(found) if as_json else None, "Comparison")
    if any(one.error for one in found.figures):
        raise typer.Exit(STRATEGY_FAILED)


def _compare_orders(
    strategies: Sequence[str], data: str | None, days: dict[str, str | None], cash: float | None, parameters: list[str], *,
    quiet: bool, as_json: bool, debug: bool,
) -> None:  # fmt: skip
    """Say whether each run's orders are the first one's."""
    from dataclasses import asdict

    from hidden_regime.experiments.comparison.agreement import agreement
    from hidden_regime.experiments.sources import result_of

    with messages(debug):
        if len(strategies) < 2:
            raise ParameterError("STRATEGIES", list(strategies), "at least two, to be compared")
        given = options.parse_parameters(parameters)
        first_day, last_day = (options.parse_day(f"--{name}", day) for name, day in days.items())
        first, *others = [
            result_of(one, name=one, data=data, parameters=given, cash=cash, start=first_day, end=last_day) for one in strategies
        ]
        found = [agreement(first, other) for other in others]
        for one in found:
            if not (quiet or as_json):
                say(str(one), "green" if one.is_equal else "red")
        if as_json:
            say(json.dumps([asdict(one) | {"equal": one.is_equal} for one in found], indent=2))
    if not all(one.is_equal for one in found):
        raise typer.Exit(STRATEGY_FAILED)


def segments(
    source: Source, data: Data = None, start: Start = None, end: End = None, cash: Cash = None, parameter: Fixed = None,
    by: Annotated[str, typer.Option(help="regime, era or year.")] = "regime",
    eras: Eras = None,
    asset: Asset = None,
    min_spells: Annotated[int, typer.Option(help="A part of fewer is 'too few'.")] = 5,
    resamples: Resamples = 2000, seed: Seed = 0, out: Out = None, store: Store = None, quiet: Quiet = False,
    as_json: Json = False, debug: Debug = False,
) -> None:  # fmt: skip
    """Say what a run earned in each regime, as it was known then, or in each era.

    Example: [bold]hidden-regime segments multi_asset_rotation[/]
    """
    from hidden_regime.experiments.optimization import KEPT
    from hidden_regime.experiments.segments import segment
    from hidden_regime.experiments.segments.folder import identity, segments_dict

    console = Console(quiet=quiet or as_json)
    with messages(debug):
        found = segment(
            source, by="era" if eras is not None and by == "regime" else by, eras=eras, asset=asset, min_spells=min_spells,
            n_resamples=resamples, seed=seed, data=data, parameters=options.parse_parameters(list(parameter or ())),
            start=options.parse_day("--start", start), end=options.parse_day("--end", end), cash=cash, store=store or KEPT,
            out=out)  # fmt: skip
        folder = _written(found, out, f"{_names([source])[0]}-segments-{identity(found)[:8]}")
        show_judgements.segments(console, found)
        telling.end(console, folder, segments_dict(found) if as_json else None, "Segments")


def monte_carlo(
    source: Source, data: Data = None, start: Start = None, end: End = None, cash: Cash = None, parameter: Fixed = None,
    kind: Annotated[str, typer.Option(help="bootstrap, trades, parameters or regime-paths.")] = "bootstrap",
    paths: Annotated[int | None, typer.Option(help="Default: 10,000 drawn, 200 run over regime-paths, 40 sets.")] = None,
    block: Annotated[float | None, typer.Option(help="Mean length of blocks in days. Default: as the returns ask for.")] = None,
    years: Annotated[float | None, typer.Option(help="Length of a path. Default: as long as the source.")] = None,
    ruin: Annotated[float, typer.Option(help="Share of the start below which an account is ruined.")] = 0.5,
    space: Annotated[Path | None, path_option("What parameters are moved. Default: STRATEGY.space.toml beside it.")] = None,
    objective: Annotated[str, typer.Option(help="Of parameters: what has to be kept.")] = "Sharpe Ratio",
    n_states: Annotated[int, typer.Option(help="Regimes that paths are drawn from.")] = 3,
    seed: Seed = 0, workers: Workers = None, backend: Backend = "loky", out: Out = None, store: Store = None,
    quiet: Quiet = False, as_json: Json = False, debug: Debug = False,
) -> None:  # fmt: skip
    """Say what might have come instead: returns, drawdowns and ruin over many paths.

    Example: [bold]hidden-regime monte-carlo multi_asset_rotation --kind regime-paths --years 3[/]
    """
    from hidden_regime.experiments.optimization import KEPT
    from hidden_regime.experiments.simulation import monte_carlo as simulate
    from hidden_regime.experiments.simulation.folder import simulation_dict

    console = Console(quiet=quiet or as_json)
    with messages(debug):
        endings.explain("paths that were run are kept, and the same command goes on")
        with telling.progress(console, "paths") as step:
            found = simulate(
                source, kind=kind, n_paths=paths, block=block, years=years, ruin=ruin, seed=seed, data=data,
                parameters=options.parse_parameters(list(parameter or ())), start=options.parse_day("--start", start),
                end=options.parse_day("--end", end), cash=cash, space=space, objective=objective, n_states=n_states,
                workers=workers, backend=backend, store=store or KEPT, out=out, progress=step)  # fmt: skip
        folder = _written(found, out, f"{_names([source])[0]}-{kind}-{found.id[:8]}")
        show_judgements.simulation(console, found)
        telling.end(console, folder, simulation_dict(found) if as_json else None, "Simulation")


def _written(found: Any, out: Path | None, name: str) -> Path:
    """The folder that the answer is in: the user's, or one of its own question's, which another question leaves alone."""
    folder = out or Path("results") / name
    if out is None:
        found.write(folder)
    return folder


def _names(sources: Sequence[str]) -> list[str]:
    """What the folder of results is called by."""
    return [Path(source).stem or "run" for source in sources]
