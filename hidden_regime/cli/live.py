"""The `live` commands: a strategy that runs every day, and what a person says to it."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from hidden_regime.cli import endings, options, show_live
from hidden_regime.cli.messages import STRATEGY_FAILED, Debug, messages, path_option, say
from hidden_regime.cli.options import Json, Quiet
from hidden_regime.cli.show import said
from hidden_regime.exceptions import ParameterError, RegimeError
from hidden_regime.files.text import text_in

if TYPE_CHECKING:
    from hidden_regime.operation.journal import Journal
    from hidden_regime.operation.journal.records import Deployment

live_app = typer.Typer(
    no_args_is_help=True,
    help="Strategies that run every day.\n\nExample: [bold]hidden-regime live start basic_regime_switching --data prices/[/]",
)
Workspace = Annotated[Path, path_option("Folder whose journal it is.")]
Name = Annotated[str, typer.Argument(help="Name of the deployment.")]
WAITS, NOT_FLAT = 3, 5
"""Exit statuses: somebody has to sign first; something is still held, or nobody knows."""
BEGINS = 30.0
"""Seconds that a process in the background has to begin before it is believed to."""


def _path_of(workspace: Path) -> Path:
    """The journal's file of a workspace that has one."""
    from hidden_regime.operation.journal.journal import FILE, FOLDER

    if not (workspace / FOLDER / FILE).is_file():
        raise ParameterError("--workspace", str(workspace), "a folder in which a strategy was started")
    return workspace / FOLDER / FILE


def _journal(workspace: Path) -> Journal:
    """The journal of a workspace that has one."""
    from hidden_regime.operation.journal import Journal

    return Journal(_path_of(workspace))


@live_app.command()
def start(
    strategy: options.Strategy,
    data: Annotated[
        str | None, typer.Option(help="A folder that grows, https://.../{ticker}.csv, or file.py:Class; with --speed, any data.")
    ] = None,
    name: Annotated[str | None, typer.Option(help="Of the deployment. Default: the strategy's.")] = None,
    target: Annotated[
        str | None, typer.Option(help="paper (the default), cloud:PROJECT_ID, or lean:FOLDER#ENVIRONMENT of lean.json.")
    ] = None,
    start: Annotated[str | None, typer.Option(help="First day, yyyy-mm-dd. Default: tomorrow.")] = None,
    end: options.End = None, cash: options.Cash = None, parameter: options.Fixed = None,
    speed: Annotated[float | None, typer.Option(help="Play finished data back so many times as fast; 1e9: at once.")] = None,
    grace: Annotated[float | None, typer.Option(help="Seconds that a bar may be late. Default: 30 minutes of a day's.")] = None,
    rules: Annotated[Path | None, path_option("rules.toml: guards and alerts. Default: the one beside the strategy.")] = None,
    workspace: Workspace = Path("."),
    detach: Annotated[bool, typer.Option("--detach", help="Go on in the background.")] = False,
    quiet: Quiet = False, as_json: Json = False, debug: Debug = False,
) -> None:  # fmt: skip
    """Run a strategy by the clock, in a process that is begun again when it dies. The same command goes on where it ended.

    Ctrl-C ends it; positions stay. Exit status 1: it can't go on. 3: somebody has to
    sign first. 5: it was ended by the kill switch and isn't flat.

    Example: [bold]hidden-regime live start basic_regime_switching --data us_stocks --start 2012-01-03 --speed 200000[/]
    """
    from hidden_regime.operation.journal import journal_of
    from hidden_regime.operation.journal.records import FAILED, HALTED
    from hidden_regime.operation.readiness.signing import NotSignedError

    console = Console(quiet=quiet or as_json)
    with messages(debug):
        journal = journal_of(workspace)
        asked = {
            "data": data, "target": target, "start": options.parse_day("--start", start), "end": options.parse_day("--end", end),
            "cash": cash, "parameters": options.parse_parameters(parameter or []), "speed": speed, "grace": grace,
            "rules": None if rules is None else _rules(rules),
        }  # fmt: skip
        try:
            deployment = _deployed(journal, strategy, name, asked, console)
        except NotSignedError as error:
            say(error.text, "yellow", err=True)
            raise typer.Exit(WAITS) from None
        if detach:
            _detach(journal, workspace, deployment)
            begun = f"{deployment.name} runs in the background: hidden-regime live status {deployment.name}"
            console.print(said(begun), highlight=False, soft_wrap=True)
            return
        state, unsaid = _keep(journal, deployment, console)
        if state == HALTED:
            raise typer.Exit(_panic(journal.path, deployment.name, console, as_json=False))
        if not unsaid:
            show_live.ended(console, journal, deployment.name)
        if as_json:
            _say_status(journal, deployment.name)
    if state == FAILED:
        raise typer.Exit(STRATEGY_FAILED)


def _rules(path: Path) -> str:
    """The text of a rules.toml."""
    from hidden_regime.quantconnect.guards.rules import read_rules

    text = text_in("--rules", path)
    read_rules(text, path)
    return text


def _rules_beside(strategy: Path, target: str, console: Console) -> str:
    """The text of the rules.toml beside a strategy of one's own, as `ready` tries it; empty where there is none."""
    from hidden_regime.operation.deploying import RULES
    from hidden_regime.operation.targets.opening import runs_elsewhere
    from hidden_regime.research import strategies

    path = strategy.parent / RULES
    if runs_elsewhere(target) or strategy.parent == strategies.template_folder() or not path.is_file():
        return ""
    console.print(said(f"guards and alerts are those of {path}, beside the strategy"), highlight=False, soft_wrap=True)
    return _rules(path)


def _deployed(journal: Journal, strategy: str, name: str | None, asked: dict[str, Any], console: Console) -> Deployment:
    """What is asked for: a new deployment, or the one of that name."""
    from hidden_regime.operation.alerting import check_alerts
    from hidden_regime.operation.clocks import SystemClock, wall_text
    from hidden_regime.operation.deploying import check_may_go_on, deploy, differs
    from hidden_regime.operation.targets.opening import PAPER, check_reachable
    from hidden_regime.research import projects, strategies

    found = journal.find(name or strategy)
    if found is None:
        path = strategies.find_strategy(strategy)
        name = name or projects.name_of(path)
        found = journal.find(name)
    if found is not None:
        different = differs(found, asked)
        if different is not None:
            option, was = different
            raise ParameterError(
                f"--{option}", asked.get(option) or asked["parameters"], f"{was}, with which {found.name} was deployed",
                "A deployment never changes: give another --name for another one, or leave the option out to go on.",
            )  # fmt: skip
        check_may_go_on(journal, found, SystemClock().now().date())
        check_alerts(journal, found.name, found.spec.rules)
        console.print(said(f"{found.name} goes on: deployed {found.made[:10]}, {found.state}"), highlight=False, soft_wrap=True)
        return found
    assert name is not None
    target = asked["target"] or PAPER
    rules = _rules_beside(path, target, console) if asked["rules"] is None else asked["rules"]
    asked |= {"target": target, "rules": rules}
    made = deploy(journal, name, strategy, now=SystemClock().now(), at=wall_text(), reach=check_reachable, **asked)
    told = f"{name} is deployed: {made.spec.origin}, from {made.spec.start} on, {made.spec.target}"
    console.print(said(told), highlight=False, soft_wrap=True)
    return made


def _keep(journal: Journal, deployment: Deployment, console: Console) -> tuple[str, str]:
    """Keep it running here, and show how far it is; how it ended, and what of that the journal could not take."""
    from hidden_regime.operation.running.supervisor import Supervisor

    endings.explain(f"`hidden-regime live start {deployment.name}` goes on, positions stay")

    def asked() -> str:
        signal = endings.received()
        return "" if signal is None else f"stopped by {signal.name}"

    with endings.awaited(), show_live.progress(console, journal, deployment.name) as tick:
        keeper = Supervisor(journal, deployment.name, asked=asked, tick=tick)
        state = keeper.run()
    if keeper.unsaid:
        say(f"{deployment.name} {state}: {keeper.unsaid}", "red", err=True)
    return state, keeper.unsaid


def _detach(journal: Journal, workspace: Path, deployment: Deployment) -> None:
    """Begin what keeps it running in the background, and wait until it does."""
    import time

    from hidden_regime.operation.errors import OperationError
    from hidden_regime.operation.running.supervisor import LOG, refuse_second, supervisor_of

    folder = journal.folder(deployment.name)
    refuse_second(folder)
    begin = "from hidden_regime.cli.start import main; main()"
    command = [sys.executable, "-c", begin, "live", "start", deployment.name, "--workspace", str(workspace), "--quiet"]
    with open(folder / LOG, "ab") as log:
        begun = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
    end = time.monotonic() + BEGINS
    while supervisor_of(folder) is None and begun.poll() is None and time.monotonic() < end:
        time.sleep(0.05)
    if begun.poll() not in (None, 0):
        raise OperationError(f"{deployment.name} did not begin (exit status {begun.returncode}): {folder / LOG} says why.")
    begun.returncode = 0  # it goes on without this process, which doesn't wait for it


@live_app.command()
def stop(
    name: Name, workspace: Workspace = Path("."),
    flatten: Annotated[bool, typer.Option("--flatten", help="Then sell everything; the deployment is over for good.")] = False,
    debug: Debug = False,
) -> None:  # fmt: skip
    """End a deployment's process within 10 seconds. Positions stay, and `live start` goes on, unless --flatten.

    Example: [bold]hidden-regime live stop basic_regime_switching[/]
    """
    from hidden_regime.operation.running.supervisor import stop as stop_running

    console = Console()
    with messages(debug):
        journal = _journal(workspace)
        journal.deployment(name)
        by_itself = stop_running(journal, name)
        ended = "has ended" if by_itself else "did not end by itself and was ended hard; its journal is whole all the same"
        console.print(said(f"{name} {ended}"), highlight=False, soft_wrap=True)
        if flatten:
            raise typer.Exit(_panic(journal.path, name, console, as_json=False))


@live_app.command()
def panic(name: Name, workspace: Workspace = Path("."), as_json: Json = False, debug: Debug = False) -> None:
    """The kill switch: end the process, cancel all orders, sell everything, and see that nothing is left.

    It asks nothing and begins nothing anew: what was halted is never started again. A file called HALT in the deployment's
    folder does the same. Exit status 5: something is still held, or nobody knows.

    Example: [bold]hidden-regime live panic basic_regime_switching[/]
    """
    console = Console(quiet=as_json)
    with messages(debug):
        code = _panic(_path_of(workspace), name, console, as_json=as_json)
    raise typer.Exit(code)


def _panic(path: Path, name: str, console: Console, *, as_json: bool) -> int:
    from hidden_regime.operation.halting import halt_at

    outcome = halt_at(path, name)
    if as_json:
        left = None if outcome.left is None else dict(outcome.left.positions)  # None: nobody knows
        told = {"schema": 1, "flat": outcome.is_flat, "rounds": outcome.rounds, "positions": left, "said": list(outcome.said)}
        say(json.dumps(told, indent=2))
    else:
        show_live.panicked(console, name, outcome)
    return 0 if outcome.is_flat else NOT_FLAT


@live_app.command()
def status(
    name: Annotated[str | None, typer.Argument(help="Name of the deployment. Default: all of them.")] = None,
    workspace: Workspace = Path("."),
    lines: Annotated[int, typer.Option(help="How many of its latest lines.")] = 8,
    as_json: Json = False, debug: Debug = False,
) -> None:  # fmt: skip
    """How a deployment stands. Exit status 1: it should run, and hasn't been heard of for a minute.

    Example: [bold]hidden-regime live status basic_regime_switching[/]
    """
    from hidden_regime.operation.status import status_of

    console = Console(quiet=as_json)
    with messages(debug):
        journal = _journal(workspace)
        if name is None:
            show_live.deployments(console, journal)
            if as_json:
                say(json.dumps([status_of(journal, one.name, lines=0).to_dict() for one in journal.deployments()], indent=2))
            return
        found = status_of(journal, name, lines=lines)
        show_live.status(console, found)
        if as_json:
            say(json.dumps(found.to_dict(), indent=2))
    if found.is_stale:
        raise typer.Exit(STRATEGY_FAILED)


@live_app.command()
def reconcile(name: Name, workspace: Workspace = Path("."), debug: Debug = False) -> None:
    """Compare the journal's orders with the target's positions. Exit status 1: they differ.

    Example: [bold]hidden-regime live reconcile basic_regime_switching[/]
    """
    from hidden_regime.operation.reconcile import by_journal, table
    from hidden_regime.operation.targets.opening import open_target

    console = Console()
    with messages(debug):
        journal = _journal(workspace)
        found = by_journal(journal, name, open_target(journal, journal.deployment(name)))
        for line in (table(found) if found else f"{name}: journal and target agree").splitlines():
            console.print(said(line), highlight=False, soft_wrap=True)
    if found:
        raise typer.Exit(STRATEGY_FAILED)


@live_app.command()
def check(name: Name, workspace: Workspace = Path("."), as_json: Json = False, debug: Debug = False) -> None:
    """Run the strategy as a backtest over the journal's bars, and compare orders and equity. Exit status 1: they differ.

    Example: [bold]hidden-regime live check basic_regime_switching[/]
    """
    from hidden_regime.operation.checking import check as check_journal

    console = Console(quiet=as_json)
    with messages(debug):
        found = check_journal(_journal(workspace), name)
        show_live.checked(console, name, found)
        if as_json:
            say(json.dumps({"schema": 1, **asdict(found)}, indent=2))
    if found.difference:
        raise typer.Exit(STRATEGY_FAILED)


@live_app.command()
def together(
    rules: Annotated[Path, path_option("rules.toml whose guards count for all of them together.")],
    names: Annotated[list[str] | None, typer.Argument(help="Deployments. Default: all that run.")] = None,
    workspace: Workspace = Path("."),
    every: Annotated[float, typer.Option(help="Seconds between two looks; 0: look once.")] = 30.0,
    debug: Debug = False,
) -> None:
    """Watch several deployments as one account: what they lose together, and hold together.

    "reduce" ends their processes and leaves positions, "stop" sells everything of all of them. Exit status 5: something is
    still held then, or nobody knows.

    Example: [bold]hidden-regime live together --rules all.toml[/]
    """
    import time

    from hidden_regime.operation.clocks import wall_text
    from hidden_regime.operation.together import Together
    from hidden_regime.quantconnect.guards.rules import Rules, read_rules

    console = Console()
    with messages(debug):
        if not 0.0 <= every < float("inf"):
            raise ParameterError("--every", every, "seconds, not below zero")
        told = read_rules(text_in("--rules", rules), rules).get("guards", {})
        guard, code = Together(_journal(workspace), names or (), Rules(told)), 0
        while True:
            over = not every
            try:
                for breach in guard.look(wall_text(), pause=time.sleep):
                    code = max(code, show_live.breached(console, breach))
                over = over or not guard.names
            except RegimeError as error:  # a target that doesn't answer may answer at the next look
                if not every:
                    raise
                say(f"warning: {error.text} Looked at again in {every:g} s.", "yellow", err=True)
            if over:
                break
            time.sleep(every)
    raise typer.Exit(code)


@live_app.command("test-alert")
def send_test_alert(
    rules: Annotated[Path, path_option("rules.toml with a table [alerts].")] = Path("rules.toml"), debug: Debug = False
) -> None:
    """Send a test alert to each sink of a rules.toml. Exit status 1: one did not take it.

    Example: [bold]hidden-regime live test-alert --rules rules.toml[/]
    """
    import os
    import time

    from hidden_regime.operation.alerts import read_alert_rules, send_test

    console = Console()
    with messages(debug):
        found = send_test(read_alert_rules(rules, os.environ), time.time)
        show_live.tested(console, found)
    if not all(one.arrived for one in found):
        raise typer.Exit(STRATEGY_FAILED)


@live_app.command()
def export(
    name: Name,
    out: Annotated[Path | None, path_option("Folder for the tables. Default: results/NAME-live.")] = None,
    workspace: Workspace = Path("."), debug: Debug = False,
) -> None:  # fmt: skip
    """Write a deployment's orders, equity, regimes and lines as CSV and text.

    Example: [bold]hidden-regime live export basic_regime_switching --out tables/[/]
    """
    from hidden_regime.operation.exporting import write_tables

    with messages(debug):
        folder = out or Path("results") / f"{name}-live"  # a backtest has tables of the same names in results/NAME
        for path in write_tables(_journal(workspace), name, folder):
            say(str(path))


def _say_status(journal: Journal, name: str) -> None:
    from hidden_regime.operation.status import status_of

    say(json.dumps(status_of(journal, name).to_dict(), indent=2))
