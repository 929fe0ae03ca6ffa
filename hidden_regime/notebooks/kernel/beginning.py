"""Gives an IPython shell the names that QuantConnect's research environment gives."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

from hidden_regime.notebooks.kernel.api import Api
from hidden_regime.notebooks.kernel.failing import tell_failures
from hidden_regime.notebooks.quantbook import QuantBook
from hidden_regime.notebooks.reports.reporting import report
from hidden_regime.simulator import imports

BEGUN = "_hidden_regime_names"
"""Under which the shell holds on to the modules that are offered."""
STARTS = "start.py"
LEANS = ("clr_loader", "Initializer.Start")
"""What tells LEAN's start.py from another's."""


def begin(shell: Any) -> None:
    """Offer AlgorithmImports, and put its names, QuantBook, `report` and `api` into a shell.

    Where LEAN's own AlgorithmImports can be imported it stays, and so does its QuantBook.

    Parameters
    ----------
    shell : IPython.core.interactiveshell.InteractiveShell
    """
    given: dict[str, Any] = {"report": report, "api": Api()}
    if not imports.real_one_exists():
        if not hasattr(shell, BEGUN):
            offer = imports.offered()
            offer.__enter__()
            setattr(shell, BEGUN, offer)
        lean = _with_quantbook("AlgorithmImports")
        _with_quantbook("QuantConnect.Research")
        given = {name: getattr(lean, name) for name in lean.__all__} | given
    shell.push(given, interactive=False)
    _take_starts(shell)
    tell_failures(shell)


def _with_quantbook(name: str) -> Any:
    """A module of LEAN's names in which QuantBook is this package's: a star import brings the same one."""
    module: Any = import_module(name)
    module.QuantBook = QuantBook
    module.__all__ = sorted({*module.__all__, "QuantBook"})
    return module


def _take_starts(shell: Any) -> None:
    """Take `%run ../start.py`, which makes the names in LEAN's environment: here they are there already."""
    known: Callable[[str], Any] = shell.find_line_magic("run")
    if known is None or getattr(known, "takes_starts", False):
        return

    def run(line: str) -> Any:
        """Run a file; LEAN's start.py has nothing to do here."""
        return None if _is_leans_start(line) else known(line)

    run.takes_starts = True  # type: ignore[attr-defined]
    shell.register_magic_function(run, "line", "run")


def _is_leans_start(line: str) -> bool:
    path = Path(line.strip().strip("\"'"))
    if path.name != STARTS:
        return False
    if not path.is_file():
        return True
    text = path.read_text(encoding="utf-8", errors="replace")
    return any(word in text for word in LEANS)
