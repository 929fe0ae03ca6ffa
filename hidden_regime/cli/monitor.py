"""The `monitor` commands: whether deployments still do what they did, and whether they are alive."""

from __future__ import annotations

import json
import time
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from hidden_regime.cli import endings
from hidden_regime.cli.live import Name, Workspace, _journal
from hidden_regime.cli.messages import STRATEGY_FAILED, Debug, messages, path_option, say
from hidden_regime.cli.options import Json, Quiet
from hidden_regime.cli.show import said

if TYPE_CHECKING:
    from hidden_regime.operation.drift.monitor import Monitored

monitor_app = typer.Typer(
    no_args_is_help=True,
    help="Whether strategies still do what they did.\n\nExample: [bold]hidden-regime monitor run basic_regime_switching[/]",
)
Against = Annotated[Path | None, path_option("Folder of its backtest, study or walk-forward.")]


@monitor_app.command()
def run(
    name: Name, against: Against = None, workspace: Workspace = Path("."), quiet: Quiet = False, as_json: Json = False,
    debug: Debug = False,
) -> None:  # fmt: skip
    """Test returns, orders, features and regimes against the backtest. Exit status 1: something drifted, which is an alert too.

    Example: [bold]hidden-regime monitor run basic_regime_switching --against results/basic_regime_switching[/]
    """
    from hidden_regime.operation.clocks import wall_text
    from hidden_regime.operation.drift.monitor import monitor

    with messages(debug):
        journal = _journal(workspace)
        found = monitor(journal, name, against)
        beat = journal.heartbeat(name)
        for one in found.findings:
            if one.drifted and beat is not None:
                said_so = f"{one.test} of {one.subject}: {one.said}"
                journal.tell(name, wall_text(), datetime.fromisoformat(beat[1]), "warning", "drift", said_so)
        if as_json:
            say(json.dumps(found.to_dict(), indent=2))
        else:
            _show(Console(quiet=quiet), found)
    if found.drifted:
        raise typer.Exit(STRATEGY_FAILED)


def _show(console: Console, found: Monitored) -> None:
    answer = "drifted" if found.drifted else "no drift" if found.findings else "nothing could be tested"
    of = f" against {found.against}" if found.against else ""
    console.print(said(f"{found.name}: {answer}, {found.days} trading days{of}", "red" if found.drifted else ""), highlight=False,
                  soft_wrap=True)  # fmt: skip
    if found.growth is not None and found.band is not None:
        band = f"a dollar became {found.growth:.4f}; 90 of 100 lie between {found.band[0]:.4f} and {found.band[1]:.4f}"
        console.print(said(band), highlight=False, soft_wrap=True)
    table = Table(box=None, pad_edge=False, header_style="bold")
    for head in ("test", "of", "", ""):
        table.add_column(head, overflow="fold")
    for one in found.findings:
        table.add_row(said(one.test), said(one.subject), said("drifted" if one.drifted else "", "red"), said(one.said))
    if found.findings:
        console.print(table)
    for text in found.skipped:
        console.print(said(f"not tested: {text}", "yellow"), highlight=False, soft_wrap=True)


@monitor_app.command()
def postmortem(
    name: Name,
    out: Annotated[Path | None, path_option("Where to write it. Default: results/NAME/postmortem.md.")] = None,
    against: Against = None, workspace: Workspace = Path("."), debug: Debug = False,
) -> None:  # fmt: skip
    """Write down what happened, as Markdown from the journal: runs, orders, regimes, drift, equity, open questions.

    Example: [bold]hidden-regime monitor postmortem basic_regime_switching --out postmortem.md[/]
    """
    from hidden_regime.files.whole import write_file
    from hidden_regime.operation.drift.monitor import monitor
    from hidden_regime.operation.drift.postmortem import postmortem as written

    with messages(debug):
        journal = _journal(workspace)
        text = written(journal, name, monitor(journal, name, against))
        path = out or Path("results") / name / "postmortem.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        write_file(path, text)
        say(str(path))


@monitor_app.command()
def watch(
    rules: Annotated[Path | None, path_option("rules.toml whose [alerts] say whom to tell. Default: the terminal alone.")] = None,
    workspace: Workspace = Path("."), debug: Debug = False,
) -> None:  # fmt: skip
    """Watch the heartbeats of all deployments from a process of its own, until Ctrl-C: each that is missed is told of once.

    With --rules it sends alerts, too: of a machine that came up again nobody else may.

    Example: [bold]hidden-regime monitor watch --rules rules.toml[/]
    """
    import os
    from contextlib import ExitStack

    from hidden_regime.operation.alerts import read_alert_rules
    from hidden_regime.operation.alerts.sending import check_installed
    from hidden_regime.operation.clocks import utc, wall_text
    from hidden_regime.operation.heartbeat import Missed
    from hidden_regime.operation.heartbeat import watch as watch_beats
    from hidden_regime.operation.running.kept_sender import KeptSender

    def report(found: Missed) -> None:
        say(f"{found.name}: {found.said}, {found.age:,.0f} s", "red")

    def trouble(said: str) -> None:
        say(f"warning: {said}", "yellow", err=True)

    def asked() -> str:
        came = endings.received()
        return "" if came is None else came.name

    def pause(seconds: float) -> None:
        left = seconds
        while left > 0 and not asked():
            time.sleep(0.2)
            left -= 0.2
        if sender is not None:
            sender.tend()

    sender: KeptSender | None = None
    with messages(debug), ExitStack() as ending:
        journal = _journal(workspace)
        if rules is not None:
            check_installed()
            read_alert_rules(rules, os.environ)
            sender = KeptSender(journal.path, rules, trouble, seconds=time.monotonic)
            ending.callback(sender.end, time.sleep)
        endings.explain("the strategies go on unwatched")
        with endings.awaited():
            watch_beats(journal, report, now=utc, at=wall_text, pause=pause, asked=asked, trouble=trouble)
