"""The `notebook` commands: run one, read one for calls that don't exist, write one for an experiment's results."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from hidden_regime.cli.messages import STRATEGY_FAILED, Debug, messages, path_argument, path_option, say
from hidden_regime.cli.options import Json, Quiet
from hidden_regime.exceptions import ParameterError

COLORS = {"error": "red", "warning": "yellow", "lean-only": "cyan"}

notebook_app = typer.Typer(
    no_args_is_help=True,
    help="Notebooks that run, and those of results.\n\nExample: [bold]hidden-regime notebook run research.ipynb -p days=250[/]",
)


@notebook_app.command()
def run(
    path: Annotated[Path, path_argument("An .ipynb file. It stays as it is.")],
    parameter: Annotated[
        list[str] | None,
        typer.Option("-p", "--parameter", help="name=value; True, None and numbers are what they look like. May repeat."),
    ] = None,
    text: Annotated[list[str] | None, typer.Option("-r", "--text", help="name=value, always as text. May repeat.")] = None,
    out: Annotated[Path | None, path_option("The executed notebook. Default: results/notebooks/NAME.ipynb.")] = None,
    data: Annotated[str | None, typer.Option(help="What QuantBook has: a packaged set, a LEAN data folder, files.")] = None,
    timeout: Annotated[float, typer.Option(help="Seconds for all cells.")] = 3600.0,
    cell_timeout: Annotated[float | None, typer.Option(help="Seconds for each cell.")] = None,
    kernel: Annotated[str | None, typer.Option(help="A kernel of Jupyter's. Default: this Python, with QuantBook.")] = None,
    quiet: Quiet = False, as_json: Json = False, debug: Debug = False,
) -> None:  # fmt: skip
    """Run a notebook with parameters, keep what came of it, and print what it reported.

    Exit status 1: a cell failed, took too long, or the kernel died; the message says where.

    Example: [bold]hidden-regime notebook run research.ipynb -p days=250 --data us_stocks[/]
    """
    from hidden_regime.notebooks.reports.reporting import shown
    from hidden_regime.notebooks.running import run_notebook

    with messages(debug):
        target = Path("results") / "notebooks" / path.name if out is None else out
        target.parent.mkdir(parents=True, exist_ok=True)
        given = _parameters(parameter or [], text or [])
        found = run_notebook(path, given, out=target, timeout=timeout, cell_timeout=cell_timeout, data=data, kernel=kernel)
    if as_json:
        say(json.dumps(_told(found), indent=2))
    elif not quiet:
        for note in found.notes:
            say(f"note: {note}", "yellow", err=True)
        for name, value in found.values.items():
            say(f"{name} = {shown(value)}")
        say(f"{path.name}: {found.status}. Executed notebook in {target}.")
    if found.error is not None:
        say(f"error: {path.name}: {found.error}", "red", err=True)
        raise typer.Exit(STRATEGY_FAILED)


@notebook_app.command()
def lint(
    paths: Annotated[list[Path], typer.Argument(help="Notebooks (.ipynb).", metavar="PATH...")],
    as_json: Json = False, debug: Debug = False,
) -> None:  # fmt: skip
    """Find calls that don't exist, such as qb.Backtest, and say what to use instead. Nothing is run.

    Exit status 1: there is an error.

    Example: [bold]hidden-regime notebook lint research.ipynb[/]
    """
    from hidden_regime.notebooks.linting import lint as lint_notebook

    with messages(debug):
        found = [(path, finding) for path in paths for finding in lint_notebook(path)]
    if as_json:
        say(json.dumps([{"path": str(path), **one.to_dict()} for path, one in found], indent=2))
    else:
        for path, one in found:
            say(f"{path}: {one}", COLORS[one.kind])
        for path in paths:
            own = [one for at, one in found if at == path]
            counts = {kind: sum(one.kind == kind for one in own) for kind in COLORS}
            said = ", ".join(f"{n} {kind}{'s' if n != 1 and kind != 'lean-only' else ''}" for kind, n in counts.items() if n)
            say(f"{path}: {said or 'nothing found'}.")
    if any(one.kind == "error" for _, one in found):
        raise typer.Exit(STRATEGY_FAILED)


@notebook_app.command()
def new(
    kind: Annotated[str, typer.Argument(help="backtest, optimization or walk-forward.")],
    folder: Annotated[Path, path_argument("Where such an experiment was written to.")],
    debug: Debug = False,
) -> None:
    """Write a notebook beside results that loads them, shows tables and figures, and reports the key figures.

    Example: [bold]hidden-regime notebook new backtest results/optimized_multi_asset[/]
    """
    from hidden_regime.notebooks.analysis import new_notebook

    with messages(debug):
        say(f"{new_notebook(kind, folder)} is written. Open it in Jupyter, or: hidden-regime notebook run {folder / kind}.ipynb")


def _parameters(pairs: list[str], texts: list[str]) -> dict[str, Any]:
    """Parameters of both options; a name may come once."""
    from hidden_regime.notebooks.running.parameters import parameter_of
    from hidden_regime.research.strategies import pair_of

    read = [(name, parameter_of(value)) for name, value in (pair_of("-p", pair) for pair in pairs)]
    read += [pair_of("-r", pair) for pair in texts]
    found = dict(read)
    if len(found) < len(read):
        raise ParameterError("-p", [name for name, _ in read], "each name once")
    return found


def _told(found: Any) -> dict[str, Any]:
    """A report as JSON: values as they stand in the notebook."""
    from dataclasses import asdict

    error = None if found.error is None else asdict(found.error)
    return {"status": found.status, "error": error, "values": found.told, "path": str(found.path), "seconds": found.seconds,
            "notes": list(found.notes)}  # fmt: skip
