"""Notebooks that run: a QuantBook without LEAN, runs with parameters and a report, a check for calls that don't exist."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hidden_regime.lazily import lazily

if TYPE_CHECKING:
    from hidden_regime.notebooks.analysis import new_notebook
    from hidden_regime.notebooks.linting import lint
    from hidden_regime.notebooks.quantbook import QuantBook
    from hidden_regime.notebooks.reports import Failure, Report, read_report, report
    from hidden_regime.notebooks.running import run_notebook

_REPORTS = "hidden_regime.notebooks.reports"
_HOMES = {
    "Failure": _REPORTS,
    "QuantBook": "hidden_regime.notebooks.quantbook",
    "Report": _REPORTS,
    "lint": "hidden_regime.notebooks.linting",
    "new_notebook": "hidden_regime.notebooks.analysis",
    "read_report": _REPORTS,
    "report": _REPORTS,
    "run_notebook": "hidden_regime.notebooks.running",
}

__getattr__ = lazily(__name__, _HOMES)

__all__ = ["Failure", "QuantBook", "Report", "lint", "new_notebook", "read_report", "report", "run_notebook"]


def load_ipython_extension(shell: Any) -> None:
    """`%load_ext hidden_regime.notebooks`: QuantBook, report, api and LEAN's names in a notebook of your own."""
    from hidden_regime.notebooks.kernel import begin

    begin(shell)
