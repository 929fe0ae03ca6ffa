"""How the command speaks of wrong input: one line, and an exit code."""

from __future__ import annotations

import sysconfig
import traceback
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from hidden_regime.exceptions import PREFIX, RegimeError, RegimeWarning

BAD_INPUT, STRATEGY_FAILED = 2, 1
Debug = Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")]


@contextmanager
def messages(debug: bool) -> Iterator[None]:
    """One line and exit code 2 for a wrong input; warnings of ours as one line each."""

    def show_warning(message: Any, category: Any, *_: Any, **__: Any) -> None:
        typer.secho(f"warning: {str(message).removeprefix(PREFIX)}", err=True, fg="yellow")

    with warnings.catch_warnings():
        warnings.simplefilter("always", RegimeWarning)
        warnings.showwarning = show_warning
        try:
            yield
        except RegimeError as error:
            if debug:
                raise
            typer.secho(f"error: {_users_line(error)}{error.text}", err=True, fg="red")
            raise typer.Exit(BAD_INPUT) from None
        except OSError as error:
            if debug:
                raise
            typer.secho(
                f"error: {error.filename}: {error.strerror}: expected a place that can be read or written.", err=True, fg="red"
            )
            raise typer.Exit(BAD_INPUT) from None


def _users_line(error: BaseException) -> str:
    """Where in the user's own code an error came up: the last frame outside of this package and of what is installed."""
    package = Path(__file__).resolve().parents[1]
    installed = {Path(sysconfig.get_path(name)).resolve() for name in ("stdlib", "purelib", "platlib", "scripts")}
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        path = Path(frame.filename).resolve()
        if path.is_file() and not any(folder in path.parents for folder in (package, *installed)):
            return f"{path.name} line {frame.lineno}: "
    return ""
