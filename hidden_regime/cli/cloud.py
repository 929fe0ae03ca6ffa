"""The `qc` commands: QuantConnect's cloud, or the server to practise on."""

from __future__ import annotations

import json
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from hidden_regime.cli import cloud_jobs, cloud_options, show_cloud
from hidden_regime.cli.cloud_options import Delete, Force, Server, opened
from hidden_regime.cli.messages import Debug, messages, path_argument, path_option, say
from hidden_regime.cli.options import Json
from hidden_regime.exceptions import ParameterError

if TYPE_CHECKING:
    from hidden_regime.cloud.budget.budget import Budget

qc_app = typer.Typer(
    no_args_is_help=True,
    help="QuantConnect's cloud: projects, backtests, optimisations and what they cost.\n\n"
    "Example: [bold]hidden-regime qc whoami[/]",
)
qc_app.command(name="backtest")(cloud_jobs.backtest)
qc_app.command(name="optimize")(cloud_jobs.optimize)
qc_app.command(name="results")(cloud_jobs.results)


@qc_app.command()
def whoami(server: Server = cloud_options.BASE, as_json: Json = False, debug: Debug = False) -> None:
    """Say whose credentials these are, and what is left to spend.

    Example: [bold]hidden-regime qc whoami[/]
    """
    with messages(debug), opened(server) as qc:
        account, organizations = qc.account.read(), qc.account.organizations()
        told = {
            "server": qc.transport.base_url, "user_id": qc.credentials.user_id, "organization": account.organization_id,
            "credits": account.credit_balance, "organizations": [one.name for one in organizations],
        }  # fmt: skip
        if as_json:
            say(json.dumps(told, indent=2))
        else:
            show_cloud.whoami(Console(), told, organizations)


@qc_app.command()
def push(
    strategy: Annotated[str, typer.Argument(help="A project's folder; a template or a .py file is bundled into qc/NAME first.")],
    name: Annotated[str | None, typer.Option(help="Of a project that doesn't exist yet. Default: the folder's.")] = None,
    delete: Delete = False, force: Force = False, server: Server = cloud_options.BASE, as_json: Json = False,
    debug: Debug = False,
) -> None:  # fmt: skip
    """Make the cloud's project as a folder is, with the parameters of its config.json. What the cloud changed is refused.

    Example: [bold]hidden-regime qc push my_project[/]
    """
    from hidden_regime.cloud.sync.syncing import push as send

    with messages(debug), opened(server) as qc:
        folder = cloud_options.project_folder(strategy)
        project, changes = send(qc, folder, name=name, delete=delete, force=force, budget=cloud_options.budget_of(qc))
        _synced(project, changes, ("here", "in the cloud"), f"{folder} is project {project.project_id}", as_json)


@qc_app.command()
def pull(
    project: Annotated[str, typer.Argument(help="Number or name.")],
    folder: Annotated[Path | None, path_argument("Default: the project's name.")] = None,
    delete: Delete = False, force: Force = False, server: Server = cloud_options.BASE, as_json: Json = False,
    debug: Debug = False,
) -> None:  # fmt: skip
    """Make a folder as the cloud's project is, with its parameters in config.json. What was changed here is refused.

    Example: [bold]hidden-regime qc pull 12345678 my_project[/]
    """
    from hidden_regime.cloud.results import safe_name
    from hidden_regime.cloud.sync.syncing import pull as fetch
    from hidden_regime.cloud.sync.there import find_project

    with messages(debug), opened(server) as qc:
        found = find_project(qc, project)
        place = folder or Path(safe_name(found.name))
        found, changes = fetch(qc, found.project_id or project, place, delete=delete, force=force)
        _synced(found, changes, ("in the cloud", "here"), f"project {found.project_id} is in {place}", as_json)


def _synced(project: Any, changes: Any, sides: tuple[str, str], said: str, as_json: bool) -> None:
    """Say what was made equal on the second of the sides, and what wasn't."""
    from dataclasses import asdict

    if as_json:
        say(json.dumps({"project_id": project.project_id, "name": project.name} | asdict(changes), indent=2))
        return
    for what in ("created", "updated", "deleted"):
        for name in getattr(changes, what):
            say(f"{what}  {name}")
    for name in changes.kept:
        say(f"kept     {name}: deleted {sides[0]}; --delete deletes it {sides[1]}", "yellow")
    for name in changes.foreign:
        say(f"foreign  {name}: {sides[1]} alone; it is left as it is", "yellow")
    say(f"{changes.count} of {changes.count + len(changes.unchanged)} files changed; {said}.")


@qc_app.command()
def cost(
    set_: Annotated[
        list[str] | None, typer.Option("--set", help="LIMIT=N, such as month=1000; may repeat. 100 QCC are $1.")
    ] = None,
    unset: Annotated[list[str] | None, typer.Option(help="Take a limit away; may repeat.")] = None,
    source: Annotated[str, typer.Option(help="Where the limits come from; kept with the day.")] = "set by hand",
    settle: Annotated[bool, typer.Option("--settle", help="Look up what a killed command left open.")] = False,
    server: Server = cloud_options.BASE, as_json: Json = False, debug: Debug = False,
) -> None:  # fmt: skip
    """Show and set what may be spent and done, and what was. Nothing that costs money is sent without limits.

    Example: [bold]hidden-regime qc cost --set job=50 --set day=100 --set month=1000[/]
    """
    from hidden_regime.cloud.budget.limits import checked

    with messages(debug), opened(server) as qc:
        budget = cloud_options.budget_of(qc)
        limits = dict(_limit_of(pair) for pair in set_ or ())
        for name in unset or ():  # all are looked at before one is changed
            checked(name, 0)
        for name, value in limits.items():
            budget.set(name, value, source=source)
        for name in unset or ():
            budget.unset(name)
        if settle:
            qc.optimizations.settle(budget)
        if as_json:
            say(json.dumps(_books(budget), indent=2))
        else:
            show_cloud.cost(Console(), qc.account_name, budget)


def _limit_of(pair: str) -> tuple[str, int]:
    from hidden_regime.cloud.budget.limits import checked

    name, _, value = pair.partition("=")
    if not value.strip().isdecimal():
        raise ParameterError("--set", pair, "LIMIT=N with a whole number, such as month=1000")
    return name.strip(), checked(name.strip(), int(value))


def _books(budget: Budget) -> dict[str, Any]:
    from dataclasses import asdict

    return {
        "account": budget.account,
        "limits": {name: asdict(one) | {"day": one.day.isoformat()} for name, one in budget.limits().items()},
        "spent": {period: budget.spent(period) for period in ("day", "month")},
        "backtests_today": budget.counted("backtests"),
        "entries": [asdict(one) for one in budget.entries()],
    }


@qc_app.command()
def serve(
    port: Annotated[
        int, typer.Option(min=0, max=65_535, help="On this machine alone. 5612 is where lean-cli looks with QC_API=local.")
    ] = 5612,
    data: Annotated[str | None, typer.Option(help="What strategies trade on: a packaged set, a LEAN data folder, files.")] = None,
    store: Annotated[Path | None, path_option("Folder that keeps projects and results. Default: .practice-cloud.")] = None,
    user: Annotated[str, typer.Option(help="Whose requests are taken.")] = "1",
    token: Annotated[str, typer.Option(help="With which token.")] = "practice",
    speed: Annotated[float, typer.Option(help="Seconds of the market that pass in a second, of live deployments.")] = 1.0,
    debug: Debug = False,
) -> None:
    """Serve the same API on this machine: backtests and optimisations are really run, by the embedded engine. For practice.

    Example: [bold]hidden-regime qc serve[/]
    """
    from hidden_regime.cli import endings
    from hidden_regime.cloud.fake import FakeCloud
    from hidden_regime.cloud.fake.settings import Settings
    from hidden_regime.data.packaged import DEFAULT

    with messages(debug):
        place = store or Path(".practice-cloud")
        endings.explain(f"what was done is in {place}")
        cloud = FakeCloud(
            place,
            data=data or DEFAULT,
            user_id=user,
            token=token,
            port=port,
            settings=Settings(data=data or DEFAULT, speed=speed),
        )
        with cloud:
            say(f"A server to practise on, at {cloud.url}: the embedded engine runs what it is sent. In another terminal:")
            say(f"  export {cloud_options.ADDRESS}={cloud.url} QC_USER_ID={user} QC_API_TOKEN={token}")
            say("  hidden-regime qc whoami")
            say(f"Strategies trade on {data or DEFAULT}. Ctrl-C ends it.")
            Event().wait()
