"""The `check-lookahead` command, and those that judge runs: `compare`, `monte-carlo`, `segments`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from hidden_regime.cli import endings, options, show_judgements, telling
from hidden_regime.cli.messages import STRATEGY_FAILED, Debug, messages, path_option
from hidden_regime.cli.options import Backend, Cash, Data, End, Fixed, Json, Quiet, Start, Strategy, Workers

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
        folder = out or Path("results") / f"{name_of(find_strategy(strategy))}-lookahead"
        endings.explain("no file is left half written")
        with telling.progress(console, "runs") as step:
            found = check(
                strategy, data, parameters=options.parse_parameters(list(parameter or ())),
                start=options.parse_day("--start", start), end=options.parse_day("--end", end), cash=cash, cuts=cuts, seed=seed,
                workers=workers, backend=backend, out=out, progress=step)  # fmt: skip
        found.write(folder)
        show_judgements.lookahead(console, found)
        telling.end(console, folder, lookahead_dict(found) if as_json else None, "Check")
    if found.findings:
        raise typer.Exit(STRATEGY_FAILED)
