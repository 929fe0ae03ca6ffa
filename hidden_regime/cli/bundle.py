"""The `bundle` command: a strategy as a project for QuantConnect Cloud."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hidden_regime.cli import options
from hidden_regime.cli.messages import Debug, messages, path_argument, path_option, say
from hidden_regime.exceptions import StrategyError
from hidden_regime.research import projects, strategies

DIFFERENT = 1
"""Exit code where the bundle's orders aren't the strategy's."""


def bundle(
    strategy: Annotated[str, typer.Argument(help="A shipped template, a .py file written for LEAN, or its project's folder.")],
    out: Annotated[Path, path_argument("Folder to write: new, empty, or an earlier bundle.")],
    parameter: Annotated[
        list[str] | None, typer.Option("-p", "--parameter", help="name=value for config.json and for --check; may repeat.")
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Prove it: run it on LEAN's versions without this package, and compare orders.")
    ] = False,
    data: Annotated[str | None, typer.Option(help="Data for --check. Default: a synthetic market.")] = None,
    python: Annotated[
        Path | None, path_option("Interpreter for --check. Default: one with LEAN's versions, which pip installs once.")
    ] = None,
    store: Annotated[Path | None, path_option("Object store for --check, such as one that holds a learned model.")] = None,
    debug: Debug = False,
) -> None:
    """Write a strategy and what it needs as a folder that `lean cloud push` takes, within the free tier's limits.

    Example: [bold]hidden-regime bundle basic_regime_switching my_project --check[/]
    """
    from hidden_regime.bundle import write_bundle
    from hidden_regime.simulator.static import check_file

    with messages(debug):
        path = strategies.find_strategy(strategy)
        given = projects.parameters(path) | options.parse_parameters(parameter or [])
        errors = [finding for finding in check_file(path) if finding.kind == "error"]
        if errors:
            raise StrategyError(f"{path}:{errors[0].line}: {errors[0].message} LEAN wouldn't run it: see lean-check --static.")
        made = write_bundle(path, out, given)
        largest = max(made.files, key=lambda name: made.files[name])
        say(
            f"{out}: main.py and {len(made.files) - 1} files (24 at most), {sum(made.files.values()):,} bytes, the largest "
            f"{largest} with {made.files[largest]:,} (31,999 at most)."
        )
        same = _check(path, out, data, given, python, store) if check else True
        say(f"Push it with `lean cloud push --project {out}`.")
    if not same:
        raise typer.Exit(DIFFERENT)


def _check(path: Path, out: Path, data: str | None, given: dict[str, str], python: Path | None, store: Path | None) -> bool:
    from hidden_regime.bundle import differing, pinned_python, prove
    from hidden_regime.data import make_market, open_market

    market = make_market(n_days=900).market if data is None else open_market(data)
    parameters = strategies.market_parameters(market, None, None) | given
    found = prove(path, out, data=data, parameters=parameters, python=python or pinned_python(), store=store)
    others = differing(found.versions)
    if others:
        say(f"warning: not LEAN's versions: {'; '.join(others)}.", "yellow", err=True)
    versions = ", ".join(f"{name} {version}" for name, version in found.versions.items())
    if found.problems:
        for problem in found.problems:
            say(f"check: {problem}", "red", err=True)
    else:
        where = f"{versions}; numba's kernels, without this package"
        say(f"check: {found.orders} orders, all equal ({where}).", "green")
    return not found.problems
