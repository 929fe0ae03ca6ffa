"""Says at which line of its cell a notebook failed, as data beside the traceback."""

from __future__ import annotations

from types import TracebackType
from typing import Any

from hidden_regime.notebooks.reports.reporting import publish

TIMED = "<timed exec>"
"""File that IPython gives to the body of a `%%time` cell, which stands a line lower in the cell."""


def tell_failures(shell: Any) -> None:
    """Have a shell tell each failed cell's line."""
    watch = _Watch(shell)
    for known in list(shell.events.callbacks["post_run_cell"]):
        if isinstance(getattr(known, "__self__", None), _Watch):
            shell.events.unregister("post_run_cell", known)
    shell.events.register("post_run_cell", watch.after)


class _Watch:
    """Looks at how each cell ended."""

    def __init__(self, shell: Any) -> None:
        self.shell = shell

    def after(self, result: Any) -> None:
        """Tell the line of the cell that raised; nothing where none is known."""
        error = result.error_before_exec or result.error_in_exec
        if error is None:
            return
        line = line_of(error, self.shell.user_ns)
        if line is not None:
            publish({"kind": "failure", "line": line}, f"failed at line {line} of this cell")


def line_of(error: BaseException, names: dict[str, Any]) -> int | None:
    """Line of the cell itself in which an exception came up, however deep in functions of others it was raised.

    Parameters
    ----------
    error : exception
    names : dict
        Those of the notebook: what they belong to is a cell's code.
    """
    frames = _frames(error, names)
    if not frames:
        return error.lineno if isinstance(error, SyntaxError) else None
    cell = frames[0][0]
    line = [number for file, number in frames if file == cell][-1]
    return line + 1 if cell == TIMED else line


def _frames(error: BaseException, names: dict[str, Any]) -> list[tuple[str, int]]:
    found = []
    step: TracebackType | None = error.__traceback__
    while step is not None:
        if step.tb_frame.f_globals is names:
            found.append((step.tb_frame.f_code.co_filename, step.tb_lineno))
        step = step.tb_next
    return found
