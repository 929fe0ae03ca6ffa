"""`live serve`, `live daily`, `live report`, and `archive`: what a person is shown of deployments."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hidden_regime.cli import endings, options
from hidden_regime.cli.live import Name, Workspace, _journal
from hidden_regime.cli.messages import STRATEGY_FAILED, Debug, messages, path_option, say
from hidden_regime.exceptions import MissingDependencyError, ParameterError, StudyError

if TYPE_CHECKING:
    import sqlite3

    from hidden_regime.operation.reporting.daily import Summary

UNSENT = (
    "nothing sends alerts of this workspace now: the summary waits for a deployment with [alerts] that runs, or for "
    "`hidden-regime monitor watch --rules rules.toml`."
)


def serve(
    port: Annotated[int, typer.Option(help="Where it listens, on this machine alone. 0: any that is free.")] = 8601,
    against: Annotated[
        list[str] | None, typer.Option(help="NAME=FOLDER of its backtest or study, for a band around its value; may repeat.")
    ] = None,
    workspace: Workspace = Path("."), debug: Debug = False,
) -> None:  # fmt: skip
    """Serve the status page of a workspace to this machine's browser, until Ctrl-C; the printed address opens it.

    Example: [bold]hidden-regime live serve --against basic_regime_switching=results/basic_regime_switching[/]
    """
    import threading

    from hidden_regime.operation.watching.server import StatusServer

    with messages(debug):
        journal = _journal(workspace)
        folders = {name: Path(folder) for name, folder in options.parse_parameters(against or [], "--against").items()}
        for name in folders:
            journal.deployment(name)
        with StatusServer(journal.path, port, against=folders) as server, endings.awaited():
            journal.close()
            say(server.url)
            threading.Thread(target=server.serve_forever, daemon=True).start()
            endings.explain("the strategies go on")
            while endings.received() is None:
                time.sleep(0.2)
            server.shutdown()


def daily(
    name: Name,
    day: Annotated[str | None, typer.Option(help="yyyy-mm-dd. Default: the latest trading day that is over.")] = None,
    again: Annotated[bool, typer.Option("--again", help="Print it although it was given before, and note nothing.")] = False,
    as_html: Annotated[bool, typer.Option("--html", help="As HTML for a mail.")] = False,
    post: Annotated[bool, typer.Option("--post", help="Send it to the sinks of rules.toml, by the sender of alerts.")] = False,
    workspace: Workspace = Path("."), debug: Debug = False,
) -> None:  # fmt: skip
    """Print the summary of a day: value, what the day brought, trades, regimes. Once: the journal notes that it was given.

    Example: [bold]hidden-regime live daily basic_regime_switching[/]
    """
    from hidden_regime.operation.alerts.process import is_sending
    from hidden_regime.operation.alerts.queue import post_in
    from hidden_regime.operation.clocks import utc, wall_text
    from hidden_regime.operation.reporting.daily import daily_summary, last_day
    from hidden_regime.operation.reporting.giving import give_once

    def printed(summary: Summary) -> None:
        say(summary.to_html() if as_html else summary.to_text(), nl=False)

    def give(db: sqlite3.Connection, summary: Summary) -> None:
        printed(summary)
        if post:  # in the transaction that notes it as given: sent once, also after a kill
            post_in(db, "daily", f"{name} {summary.day}", summary.to_text(), utc().timestamp())

    with messages(debug):
        journal = _journal(workspace)
        journal.deployment(name)
        if again and post:
            raise ParameterError("--post", True, "no --again: what was posted is never posted twice")
        chosen = options.parse_day("--day", day) or last_day(journal, name)
        if again:
            printed(daily_summary(journal, name, chosen))
        elif not give_once(journal, name, chosen, wall_text(), give):
            say(f"{name}: the summary of {chosen} was given. --again prints it.", err=True)
        elif post and not is_sending(journal.path):
            say(f"warning: {UNSENT}", "yellow", err=True)


def report(
    name: Name,
    month: Annotated[str, typer.Option(help="yyyy-mm.")],
    out: Annotated[Path | None, path_option("Folder for the files. Default: results/NAME.")] = None,
    pdf: Annotated[bool | None, typer.Option("--pdf/--no-pdf", help="Print it too. Default: where there is a browser.")] = None,
    workspace: Workspace = Path("."), debug: Debug = False,
) -> None:  # fmt: skip
    """Write the report of a month as a page, as Markdown, and as PDF where a browser is there to print it.

    Example: [bold]hidden-regime live report basic_regime_switching --month 2012-03 --out reports/[/]
    """
    from hidden_regime.experiments.pages.printing import browser, print_page
    from hidden_regime.operation.reporting.pages import write_month

    with messages(debug):
        page, text = write_month(_journal(workspace), name, month, out or Path("results") / name)
        say(str(page))
        say(str(text))
        if pdf or (pdf is None and browser() is not None):
            try:
                say(str(print_page(page)))
            except (MissingDependencyError, StudyError) as error:
                if pdf:
                    raise
                say(f"warning: {error.text}", "yellow", err=True)


def archive(
    name: Annotated[str | None, typer.Argument(help="Name of the deployment.")] = None,
    out: Annotated[Path | None, path_option("The file. Default: results/NAME.zip.")] = None,
    check: Annotated[Path | None, path_option("Compare an archive with the digests that it holds, instead.")] = None,
    workspace: Workspace = Path("."), as_json: options.Json = False, debug: Debug = False,
) -> None:  # fmt: skip
    """Write a deployment's code, journal and reports into one file, with the digest of each. Equal journals: equal bytes.

    Exit status 1: with --check, what lies in the archive isn't what its manifest says.

    Example: [bold]hidden-regime archive basic_regime_switching --out archive/2012-06.zip[/]
    """
    from hidden_regime.operation.reporting.archive import check_archive, write_archive

    with messages(debug):
        if (name is None) == (check is None):
            raise ParameterError("NAME", name, "the name of a deployment, or --check FILE")
        if check is None:
            assert name is not None
            path = out or Path("results") / f"{name}.zip"
            n_files = write_archive(_journal(workspace), name, path)
            say(json.dumps({"schema": 1, "archive": str(path), "files": n_files}) if as_json else f"{path}: {n_files} files")
            return
        n_files, wrong = check_archive(check)
        if as_json:
            say(json.dumps({"schema": 1, "archive": str(check), "files": n_files, "wrong": list(wrong)}, indent=2))
        else:
            for one in wrong:
                say(f"{check}: {one}", "red")
            if not wrong:
                say(f"{check}: {n_files} files, as the manifest says")
    if wrong:
        raise typer.Exit(STRATEGY_FAILED)
