"""What commands of experiments say besides their results: how far they are, what is worth knowing, where it all is."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from hidden_regime.cli import show
from hidden_regime.cli.messages import say


def end(console: Console, folder: Path, told: dict[str, Any] | None, what: str = "Study") -> None:
    """Say where it all is."""
    said = show.said(f"{what} in {folder}. Open {folder / 'report.html'} in a browser.")
    console.print(said, highlight=False, soft_wrap=True)
    if told is not None:
        say(json.dumps(told | {"folder": str(folder)}, indent=2))


def notes(said: tuple[str, ...], quiet: bool) -> None:
    """Say what is worth knowing of a question."""
    for note in () if quiet else said:
        say(f"note: {note}", "yellow", err=True)


@contextmanager
def progress(console: Console, what: str) -> Iterator[Any]:
    """A bar with an estimate of the end on a terminal; nothing where output is piped: a line at the end is enough."""
    columns = (
        TextColumn(what),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    off = console.quiet or not console.is_terminal
    with Progress(*columns, console=console, transient=True, disable=off) as shown:
        task = shown.add_task(what, total=None)
        yield lambda done, total: shown.update(task, completed=done, total=total)
