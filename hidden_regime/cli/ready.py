"""`new`, `ready`, `weekly`, `grow`: from an idea to a strategy that somebody has signed for."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from hidden_regime.cli import options
from hidden_regime.cli.messages import STRATEGY_FAILED, Debug, messages, path_argument, path_option, say
from hidden_regime.cli.options import Json
from hidden_regime.cli.show import said
from hidden_regime.exceptions import ParameterError
from hidden_regime.files.text import text_in

if TYPE_CHECKING:
    from hidden_regime.operation.readiness.proof import Proof

STYLES = {"pass": "green", "fail": "red", "not done": "yellow"}
WAITS = 3
"""Exit status where somebody has to sign first."""
Workspace = Annotated[Path, path_option("Folder whose journal it is.")]
By = Annotated[str, typer.Option(help="Who signs.")]


def new(
    name: Annotated[Path, path_argument("The folder to make.")],
    origin: Annotated[str, typer.Option("--from", help="A template, a file, or another project's folder, which is copied.")] = (
        "basic_regime_switching"
    ),
    debug: Debug = False,
) -> None:
    """Make a folder for a strategy: a copy of another, its parameters, guards, and the questions that it has to answer.

    Example: [bold]hidden-regime new momentum --from basic_regime_switching[/]
    """
    from hidden_regime.operation.readiness.project import new_project

    with messages(debug):
        for path in new_project(name, origin):
            say(str(path))


def ready(
    strategy: options.Strategy,
    data: options.Data = None,
    start: options.Start = None,
    end: options.End = None,
    walk_forward: Annotated[Path | None, path_option("Folder of a finished walk-forward.")] = None,
    monte_carlo: Annotated[Path | None, path_option("Folder of a finished simulation.")] = None,
    rules: Annotated[Path | None, path_option("rules.toml. Default: the one beside the strategy.")] = None,
    parameter: options.Fixed = None,
    workspace: Workspace = Path("."),
    as_json: Json = False,
    debug: Debug = False,
) -> None:
    """Try what a strategy has to have passed before it trades: pass, fail or not done, with what was seen.

    Exit status 1 unless all have passed. What has passed is noted for exactly these files.

    Example: [bold]hidden-regime ready momentum --data us_stocks --start 2010-01-04 --end 2011-12-30[/]
    """
    from hidden_regime.data import packaged
    from hidden_regime.operation.clocks import wall_text
    from hidden_regime.operation.deploying import digest_of_strategy
    from hidden_regime.operation.journal import journal_of
    from hidden_regime.operation.readiness.checking import last_day
    from hidden_regime.operation.readiness.checking import ready as try_all
    from hidden_regime.operation.readiness.signing import keep_proofs
    from hidden_regime.research import strategies

    console = Console(quiet=as_json)
    with messages(debug):
        chosen = packaged.DEFAULT if data is None else data
        last = options.parse_day("--end", end) or last_day(packaged.open_market(chosen))
        first = options.parse_day("--start", start) or last - timedelta(days=365)
        proofs = try_all(
            strategy, chosen, start=first, end=last, walk_forward=walk_forward, monte_carlo=monte_carlo,
            rules=None if rules is None else text_in("--rules", rules),
            parameters=options.parse_parameters(parameter or []),
            tell=lambda proof: tell_proof(console, proof),
        )  # fmt: skip
        keep_proofs(journal_of(workspace), digest_of_strategy(strategies.find_strategy(strategy)), proofs, wall_text())
        if as_json:
            say(json.dumps({"schema": 1, "proofs": [asdict(one) for one in proofs]}, indent=2))
    if any(one.state != "pass" for one in proofs):
        raise typer.Exit(STRATEGY_FAILED)


def tell_proof(console: Console, proof: Proof) -> None:
    """Show a proof."""
    line = said(f"{proof.state:<9}", STYLES[proof.state])
    line.append_text(said(f"{proof.name}: {proof.evidence}", "default"))
    console.print(line, highlight=False, soft_wrap=True)


def weekly(
    name: Annotated[str, typer.Argument(help="Name of the deployment.")],
    by: By,
    workspace: Workspace = Path("."),
    debug: Debug = False,
) -> None:
    """Sign for the week: without it nothing is begun at a target other than paper.

    Example: [bold]hidden-regime weekly momentum --by Ada[/]
    """
    from hidden_regime.operation.clocks import SystemClock, wall_text
    from hidden_regime.operation.journal import journal_of
    from hidden_regime.operation.readiness.signing import CHECKS, WEEK, sign, week_of

    with messages(debug):
        week = week_of(SystemClock().now().date())
        sign(journal_of(workspace), name, WEEK, week, by, wall_text())
        for one in CHECKS:
            say(f"- {one}")
        say(f"{by.strip()} has signed for {name} and {week}")


def grow(
    name: Annotated[str, typer.Argument(help="Name of the deployment.")],
    to: Annotated[float, typer.Option(help="Share of the money that is meant for it, such as 0.05.")],
    by: By,
    workspace: Workspace = Path("."),
    debug: Debug = False,
) -> None:
    """Sign for the next step of real money: 5%, 10%, 25%, 50%, all of it, each at least four weeks after the one before.

    Exit status 3: it is too early.

    Example: [bold]hidden-regime grow momentum --to 0.05 --by Ada[/]
    """
    from hidden_regime.operation.clocks import utc, wall_text
    from hidden_regime.operation.journal import journal_of
    from hidden_regime.operation.readiness.signing import NotSignedError
    from hidden_regime.operation.readiness.signing import grow as sign_step

    with messages(debug):
        if not 0.0 < to <= 1.0:
            raise ParameterError("--to", to, "a share above 0, at most 1")
        try:
            share = sign_step(journal_of(workspace), name, to, by, wall_text(), now=utc())
        except NotSignedError as error:
            say(error.text, "yellow", err=True)
            raise typer.Exit(WAITS) from None
        say(f"{by.strip()} has signed for {share:.0%} of the money of {name}")
