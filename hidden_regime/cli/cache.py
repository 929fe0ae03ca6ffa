"""`hidden-regime cache`: look after a store of trained models."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer
from rich.console import Console

from hidden_regime.cli import show
from hidden_regime.cli.messages import Debug, messages, plain, say
from hidden_regime.exceptions import ParameterError
from hidden_regime.files.paths import given_path

cache_app = typer.Typer(no_args_is_help=True, help="Caches of models.\n\nExample: [bold]hidden-regime cache info models[/]")
Where = Annotated[str, typer.Argument(help="The folder or URL given to enable_caching(store=...).")]
Objects = Annotated[
    bool, typer.Option("--object-store", help="The folder is an object store of LEAN's, with models among its objects.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")]
DAMAGED = 1


def _open(where: str, objects: bool) -> Any:
    from hidden_regime.cache import FolderStore, ObjectPacks, open_store
    from hidden_regime.simulator.object_store import ObjectStore

    if "://" not in where and not given_path("WHERE", where).is_dir():
        raise ParameterError(
            "WHERE", where, "a folder that exists, or a URL", "The first run with enable_caching(store=...) makes it."
        )
    if objects:
        return ObjectPacks(ObjectStore(where))
    store = open_store(where)
    strangers = store.strangers() if isinstance(store, FolderStore) else []
    if strangers and not len(store):
        raise ParameterError(
            "WHERE", where, "a folder of cached models", f"It holds {strangers[0]}. For an object store add --object-store."
        )
    return store


def _size(count: float) -> str:
    return f"{count / 1e6:,.1f} MB" if count >= 1e5 else f"{count / 1e3:,.1f} KB"


@cache_app.command()
def info(where: Where, object_store: Objects = False, as_json: AsJson = False, debug: Debug = False) -> None:
    """Say how many models are cached, and how large they are.

    Example: [bold]hidden-regime cache info models[/]
    """
    from datetime import datetime

    from hidden_regime.cache import inspect

    with messages(debug):
        store = _open(where, object_store)
        report = inspect(store)
        if as_json:
            say(json.dumps({"entries": report.entries, "bytes": report.bytes, "oldest": report.oldest,
                                   "newest": report.newest, "strangers": report.strangers}))  # fmt: skip
            return
        row = {"where": where, "models": f"{report.entries:,}", "size": _size(report.bytes)}
        for name in ("oldest", "newest"):
            if (when := getattr(report, name)) is not None:
                row[f"{name} last used"] = f"{datetime.fromtimestamp(when):%Y-%m-%d %H:%M}"
        if report.strangers:
            row["other files"] = f"{len(report.strangers)}, such as {report.strangers[0]}"
        if report.damaged:
            row["damaged"] = ", ".join(report.damaged)
        show.latest(Console(), "Cached models", row)


@cache_app.command()
def verify(
    where: Where,
    object_store: Objects = False,
    remove: Annotated[bool, typer.Option("--remove", help="Remove what is damaged.")] = False,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Read every model and check it. Exit code 1 if one is damaged.

    Example: [bold]hidden-regime cache verify models[/]
    """
    from hidden_regime.cache import inspect

    with messages(debug):
        store = _open(where, object_store)
        report = inspect(store, verify=True)
        if remove:
            for key in report.damaged:
                store.delete(key)
        if as_json:
            say(json.dumps({"entries": report.entries, "damaged": report.damaged, "removed": remove}))
        else:
            say(f"{report.sound:,} of {report.entries:,} models are sound.")
            for key, problem in report.damaged.items():
                say(f"  {key}: {problem}{'; removed' if remove else ''}")
            if report.damaged and not remove:
                say("They do no harm: each counts as a miss and is trained anew. --remove clears them away.")
        if report.damaged and not remove:
            raise typer.Exit(DAMAGED)


@cache_app.command()
def prune(
    where: Where,
    max_mb: Annotated[float | None, typer.Option(help="Largest size of all models, in megabytes.")] = None,
    max_age: Annotated[float | None, typer.Option(help="Days since a model was used last.")] = None,
    object_store: Objects = False,
    debug: Debug = False,
) -> None:
    """Remove the models unused for longest until the limits hold.

    Example: [bold]hidden-regime cache prune models --max-mb 100[/]
    """
    from hidden_regime.cache import prune as prune_store

    with messages(debug):
        if max_mb is None and max_age is None:
            raise ParameterError("--max-mb", None, "a limit in megabytes, or --max-age in days")
        for name, value in (("--max-mb", max_mb), ("--max-age", max_age)):
            if value is not None and value < 0:
                raise ParameterError(name, value, "a number of at least 0")
        store = _open(where, object_store)
        removed = prune_store(store, max_bytes=None if max_mb is None else max_mb * 1e6, max_age=max_age)
        say(f"{removed:,} models removed, {len(store):,} left.")


@cache_app.command()
def clear(
    where: Where,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Don't ask.")] = False,
    object_store: Objects = False,
    debug: Debug = False,
) -> None:
    """Remove every model.

    Example: [bold]hidden-regime cache clear models --yes[/]
    """
    from hidden_regime.cache import clear as clear_store

    with messages(debug):
        store = _open(where, object_store)
        count = len(store)
        if not yes and not typer.confirm(plain(f"Remove {count:,} models from {where}?")):
            raise typer.Exit
        say(f"{clear_store(store):,} models removed.")
