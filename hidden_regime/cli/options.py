"""Options that several commands have, and their values."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from hidden_regime.cli.messages import path_option
from hidden_regime.exceptions import ParameterError
from hidden_regime.research.strategies import pair_of

STRATEGY = typer.Argument(help="A shipped template, a .py file written for LEAN, or its project's folder.")
Strategy = Annotated[str, STRATEGY]
Data = Annotated[str | None, typer.Option(help="A packaged set, a LEAN data folder, or files of prices.")]
Start = Annotated[str | None, typer.Option(help="First day, yyyy-mm-dd, instead of the strategy's own.")]
End = Annotated[str | None, typer.Option(help="Last day.")]
Cash = Annotated[float | None, typer.Option(help="Dollars to start with.")]
Varied = Annotated[
    list[str] | None,
    typer.Option("-p", "--parameter", help="name=low:high:step varies a number, name=value fixes it; may repeat."),
]
Direction = Annotated[str, typer.Option(help="max or min.")]
Limits = Annotated[list[str] | None, typer.Option("--constraint", help="Such as 'Drawdown <= 25%'; may repeat.")]
Seed = Annotated[int, typer.Option(help="Of random and tpe.")]
Fixed = Annotated[list[str] | None, typer.Option("-p", "--parameter", help="name=value for get_parameter; may repeat.")]
Workers = Annotated[int | None, typer.Option(help="Processes. Default: as many as there are processors.")]
Backend = Annotated[str, typer.Option(help="loky (this machine), dask or ray (the cluster that is connected).")]
Store = Annotated[Path | None, path_option("Folder of trials that were run before, in any study. Default: the user's cache.")]
Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
Quiet = Annotated[bool, typer.Option("--quiet", help="Print nothing but errors.")]


def parse_parameters(pairs: list[str], option: str = "-p") -> dict[str, str]:
    """`name=value` pairs of an option."""
    return dict(pair_of(option, pair) for pair in pairs)


def parse_day(option: str, text: str | None) -> date | None:
    """A date of an option."""
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ParameterError(option, text, "a date such as 2010-01-31") from None
