"""The `jobs` commands: campaigns that go by themselves, and what a person says to them."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from hidden_regime.cli import endings, options, show, show_jobs
from hidden_regime.cli.messages import STRATEGY_FAILED, Debug, messages, path_argument, say
from hidden_regime.cli.options import Json, Quiet
from hidden_regime.exceptions import ParameterError

if TYPE_CHECKING:
    from hidden_regime.jobs.campaign import Campaign
    from hidden_regime.jobs.report import CampaignResult
    from hidden_regime.jobs.store import Store

jobs_app = typer.Typer(
    no_args_is_help=True,
    help="Campaigns: hypotheses from a file to a verdict.\n\nExample: [bold]hidden-regime jobs run campaign.toml[/]",
)
File = Annotated[Path, path_argument("The campaign's file, TOML.")]
Titles = Annotated[list[str] | None, typer.Argument(help="HYPOTHESIS/STEP or HYPOTHESIS. Default: all that wait.")]
WAITS = 3
"""Exit status where a person has to say something, or something goes on elsewhere."""


@jobs_app.command()
def run(
    campaign: File,
    workers: Annotated[int, typer.Option(help="Processes; hypotheses run beside each other.")] = 1,
    quiet: Quiet = False, as_json: Json = False, debug: Debug = False,
) -> None:  # fmt: skip
    """Take a campaign as far as it goes without a person. Stopped or killed, the same command goes on.

    Exit status 1: a step failed. 3: a step waits for `approve`, or goes on in the cloud.

    Example: [bold]hidden-regime jobs run campaign.toml --workers 4[/]
    """
    from hidden_regime.jobs.record import StepRecord
    from hidden_regime.jobs.runner import run_campaign

    console = Console(quiet=quiet or as_json)

    def told(step: StepRecord) -> None:
        console.print(show.said(f"{step.title}{f' ({step.place})' if step.place else ''}", "dim"), highlight=False)

    with messages(debug):
        endings.explain("the same command goes on")
        found = run_campaign(campaign, workers=workers, progress=told)
        _told(console, found, campaign, as_json)
    _exit(found)


@jobs_app.command("show")
def show_one(
    campaign: File,
    log: Annotated[bool, typer.Option("--log", help="Every event, with its time.")] = False,
    as_json: Json = False, debug: Debug = False,
) -> None:  # fmt: skip
    """Show each step of a campaign: where it ran, what it came to, and why.

    Example: [bold]hidden-regime jobs show campaign.toml --log[/]
    """
    from hidden_regime.jobs.report import result_of

    console = Console(quiet=as_json)
    with messages(debug):
        asked, store = _opened(campaign)
        found = result_of(store, asked)
        show_jobs.campaign(console, found)
        console.print()
        show_jobs.steps(console, [step for one in found.hypotheses for step in one.steps])
        if log:
            console.print()
            show_jobs.log(console, store.events(asked.name))
        if as_json:
            say(json.dumps(found.to_dict(), indent=2))


@jobs_app.command("list")
def list_all(
    folder: Annotated[Path, path_argument("The folder that campaigns' files are in.")] = Path("."), debug: Debug = False
) -> None:
    """List the campaigns of a folder, and how far they are.

    Example: [bold]hidden-regime jobs list[/]
    """
    from hidden_regime.jobs.store import FILE, FOLDER, Store

    with messages(debug):
        if not (folder / FOLDER / FILE).is_file():
            raise ParameterError("FOLDER", str(folder), "a folder in which a campaign was run")
        store = Store(folder / FOLDER)
        rows = []
        for name, path in store.campaigns():
            states = Counter(step.state for step in store.steps(name))
            rows.append((name, ", ".join(f"{count} {state}" for state, count in sorted(states.items())), Path(path).name))
        show_jobs.campaigns(Console(), rows)


@jobs_app.command()
def approve(campaign: File, steps: Titles = None, debug: Debug = False) -> None:
    """Approve steps that wait, as they are specified now; it holds for 24 hours. Then `jobs run` goes on.

    Example: [bold]hidden-regime jobs approve campaign.toml my_idea/optimise[/]
    """
    from hidden_regime.jobs.gates import approve as approve_steps
    from hidden_regime.jobs.gates import waiting

    with messages(debug):
        asked, store = _opened(campaign)
        waits = waiting(store, asked.name)
        known = {step.title for step in waits} | {step.hypothesis for step in waits}
        for one in steps or ():
            if one not in known:
                raise ParameterError("STEPS", one, f"one that waits: {', '.join(step.title for step in waits) or 'none does'}")
        approved = approve_steps(store, asked.name, steps or ())
        for step in approved:
            say(f"approved {step.title}, spec {step.spec_hash}")
        if not approved:
            say("nothing waits")


@jobs_app.command()
def retry(
    campaign: File,
    hypothesis: Annotated[str, typer.Argument(help="Default: all.")] = "", debug: Debug = False,
) -> None:  # fmt: skip
    """Plan again what failed, is unclear or was cancelled. Then `jobs run` goes on.

    Example: [bold]hidden-regime jobs retry campaign.toml my_idea[/]
    """
    from hidden_regime.jobs.changing import retry as retry_steps

    with messages(debug):
        asked, store = _opened(campaign)
        again = retry_steps(store, asked.name, _known(asked, hypothesis))
        for step in again:
            say(f"{step.title} was {step.state} and is planned again")
        if not again:
            say("nothing failed, is unclear or was cancelled")


@jobs_app.command()
def cancel(campaign: File, hypothesis: Annotated[str, typer.Argument(help="Its name.")], debug: Debug = False) -> None:
    """Cancel what of a hypothesis hasn't begun.

    Example: [bold]hidden-regime jobs cancel campaign.toml my_idea[/]
    """
    from hidden_regime.jobs.changing import cancel as cancel_steps

    with messages(debug):
        asked, store = _opened(campaign)
        gone = cancel_steps(store, asked.name, _known(asked, hypothesis))
        say(f"cancelled {', '.join(step.title for step in gone)}" if gone else "nothing of it is planned or waits")


@jobs_app.command()
def add(
    campaign: File,
    name: Annotated[str, typer.Argument(help="Of the hypothesis.")],
    strategy: Annotated[str, typer.Argument(help="A template, a .py file or a project's folder, beside the campaign's file.")],
    parameter: Annotated[
        list[str] | None, typer.Option("-p", "--parameter", help="name=10:50:5 varies, name=value fixes.")
    ] = None,
    why: Annotated[str, typer.Option(help="Why anybody should believe it.")] = "",
    debug: Debug = False,
) -> None:  # fmt: skip
    """Write a hypothesis into a campaign's file, which is made where there is none.

    Example: [bold]hidden-regime jobs add campaign.toml my_idea my_strategy.py -p fast=10:50:10[/]
    """
    from hidden_regime.jobs.adding import add_hypothesis

    with messages(debug):
        given = options.parse_parameters(list(parameter or ()))
        space = {one: text for one, text in given.items() if ":" in text}
        fixed = {one: text for one, text in given.items() if one not in space}
        made = add_hypothesis(campaign, name, strategy, why=why, parameters=fixed, space=space)
        n = len(made.hypotheses)
        say(f"{campaign} has {n} hypothes{'i' if n == 1 else 'e'}s now.")


def _opened(path: Path) -> tuple[Campaign, Store]:
    """A campaign and its store, with its steps as the file has them now."""
    from hidden_regime.jobs.campaign_file import read_campaign
    from hidden_regime.jobs.planning import plan
    from hidden_regime.jobs.store import open_store

    campaign = read_campaign(path)
    steps = plan(campaign)
    store = open_store(campaign)
    store.plan(campaign, steps)
    return campaign, store


def _known(campaign: Campaign, hypothesis: str) -> str:
    names = [one.name for one in campaign.hypotheses]
    if hypothesis and hypothesis not in names:
        raise ParameterError("HYPOTHESIS", hypothesis, f"one of {', '.join(names)}")
    return hypothesis


def _told(console: Console, found: CampaignResult, path: Path, as_json: bool) -> None:
    show_jobs.campaign(console, found)
    if found.spec["gates"]["mode"] == "dry":
        console.print()
        show_jobs.steps(console, [step for one in found.hypotheses for step in one.steps])
        console.print("Dry: nothing was run.")
    page = found.folder / "report.html"
    if page.is_file():
        console.print(show.said(f"Campaign in {found.folder}. Open {page} in a browser."), highlight=False, soft_wrap=True)
    if as_json:
        say(json.dumps(found.to_dict() | {"folder": str(found.folder), "over": found.is_over}, indent=2))
    for step in found.waiting:
        say(f"{step.title} waits: hidden-regime jobs approve {path} {step.title}", "yellow", err=True)


def _exit(found: CampaignResult) -> None:
    from hidden_regime.jobs import words

    if any(found.named(state) for state in (words.FAILED, words.UNCLEAR)):
        raise typer.Exit(STRATEGY_FAILED)
    if not found.is_over and found.spec["gates"]["mode"] != words.DRY:
        raise typer.Exit(WAITS)
