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
from hidden_regime.files.paths import given_path

BAD_INPUT, STRATEGY_FAILED = 2, 1
EMPTY = Path(".")
"""Stands for a path without a letter."""
Debug = Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")]


def plain(text: str, keep: str = "\n") -> str:
    """A text from outside as it is: what would steer the terminal is spelled out."""
    return "".join(c if c.isprintable() or c in keep else c.encode("unicode_escape").decode() for c in text)


def say(text: str, colour: str | None = None, *, err: bool = False, nl: bool = True) -> None:
    """Print a text."""
    typer.secho(plain(text), fg=colour, err=err, nl=nl)


@contextmanager
def messages(debug: bool) -> Iterator[None]:
    """One line and exit code 2 for a wrong input; warnings of ours as one line each."""

    def show_warning(message: Any, category: Any, *_: Any, **__: Any) -> None:
        say(f"warning: {str(message).removeprefix(PREFIX)}", "yellow", err=True)

    with warnings.catch_warnings():
        warnings.simplefilter("always", RegimeWarning)
        warnings.showwarning = show_warning
        try:
            yield
        except RegimeError as error:
            if debug:
                raise
            say(f"error: {_users_line(error)}{error.text}", "red", err=True)
            raise typer.Exit(BAD_INPUT) from None
        except BrokenPipeError:  # who reads the output has seen enough
            raise
        except OSError as error:
            if debug:
                raise
            where = "the output" if error.filename is None else error.filename
            why = error.strerror or str(error) or type(error).__name__
            say(f"error: {where}: {why}: expected a place that can be read or written.", "red", err=True)
            raise typer.Exit(BAD_INPUT) from None


def _path(text: str | Path) -> Path:
    return Path(text) if str(text).strip() else EMPTY  # a default comes as the path that it is


def _checked(param: typer.CallbackParam, value: Any) -> Any:
    """Refuse an empty path by the name of its option; Python would take it for the working folder."""
    if value is EMPTY:
        with messages(False):
            given_path(param.opts[0] if param.opts[0].startswith("-") else param.opts[0].upper(), "")
    return value


def path_option(text: str) -> Any:
    """An option that is a path."""
    return typer.Option(help=text, parser=_path, callback=_checked, metavar="PATH")


def path_argument(text: str) -> Any:
    """An argument that is a path."""
    return typer.Argument(help=text, parser=_path, callback=_checked)


def _users_line(error: BaseException) -> str:
    """Where in the user's own code an error came up: the last frame outside of this package and of what is installed."""
    package = Path(__file__).resolve().parents[1]
    installed = {Path(sysconfig.get_path(name)).resolve() for name in ("stdlib", "purelib", "platlib", "scripts")}
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        path = Path(frame.filename).resolve()
        if path.is_file() and not any(folder in path.parents for folder in (package, *installed)):
            return f"{path.name} line {frame.lineno}: "
    return ""
