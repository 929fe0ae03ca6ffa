"""`live rehearse`: a week on paper with faults on purpose, recorded, and what remains to be seen with an account."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from hidden_regime.cli import options
from hidden_regime.cli.messages import STRATEGY_FAILED, Debug, messages, path_option, say
from hidden_regime.cli.options import Json
from hidden_regime.cli.ready import Workspace, tell_proof
from hidden_regime.cli.show import said
from hidden_regime.files.text import text_in


def rehearse(
    strategy: options.Strategy,
    data: options.Data = None,
    start: Annotated[str | None, typer.Option(help="First day, yyyy-mm-dd. Default: the data's last days.")] = None,
    sessions: Annotated[int, typer.Option(min=1, help="Days on which it trades.")] = 5,
    cash: options.Cash = None,
    parameter: options.Fixed = None,
    rules: Annotated[Path | None, path_option("rules.toml. Default: the one beside the strategy.")] = None,
    seen: Annotated[list[str] | None, typer.Option(help="An item of the list that --by has seen; nothing is rehearsed.")] = None,
    by: Annotated[str, typer.Option(help="Who has seen it.")] = "",
    workspace: Workspace = Path("."),
    as_json: Json = False,
    debug: Debug = False,
) -> None:  # fmt: skip
    """Trade a week on paper at once: a bar doesn't come, the run is cut off and goes on, and the kill switch ends it.

    It is recorded for exactly these files, with a list of what an account alone can show. Exit status 1 unless all have passed.

    Example: [bold]hidden-regime live rehearse momentum --data us_stocks --cash 25000[/]
    """
    from hidden_regime.operation.clocks import wall_text
    from hidden_regime.operation.deploying import digest_of_strategy
    from hidden_regime.operation.journal import journal_of
    from hidden_regime.operation.readiness import dry_run
    from hidden_regime.operation.readiness.checking import rehearse_as_asked
    from hidden_regime.operation.readiness.proof import PASSED
    from hidden_regime.research import projects, strategies

    console = Console(quiet=as_json)
    with messages(debug):
        path = strategies.find_strategy(strategy)
        name, journal = projects.name_of(path), journal_of(workspace)
        for item in seen or []:
            dry_run.note_seen(journal, name, item, by, wall_text())
        proofs = [] if seen else rehearse_as_asked(
            path, data, start=options.parse_day("--start", start), sessions=sessions, cash=cash,
            parameters=options.parse_parameters(parameter or []), rules=None if rules is None else text_in("--rules", rules),
        )  # fmt: skip
        if proofs:
            dry_run.keep_rehearsal(journal, digest_of_strategy(path), proofs, wall_text())
        for proof in proofs:
            tell_proof(console, proof)
        listed = dry_run.listed(journal, name)
        console.print(said("With an account alone can be seen:", "bold"), highlight=False)
        for one in listed:
            state = f"seen by {one.by}, {one.at[:10]}" if one.by else "not seen"
            console.print(said(f"- {one.item}: {one.what} ({state})"), highlight=False, soft_wrap=True)
        if as_json:
            told = {"schema": 1, "proofs": [asdict(one) for one in proofs], "account": [asdict(one) for one in listed]}
            say(json.dumps(told, indent=2))
    if any(one.state != PASSED for one in proofs):
        raise typer.Exit(STRATEGY_FAILED)
