"""Writes an analysis notebook beside the results that it shows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from hidden_regime.exceptions import ParameterError, StudyError
from hidden_regime.files.paths import given_path
from hidden_regime.files.whole import write_file
from hidden_regime.notebooks.analysis import backtest, optimization, walk_forward
from hidden_regime.notebooks.analysis.cells import Cell

KINDS: dict[str, tuple[str, tuple[Cell, ...]]] = {
    "backtest": ("statistics.json", backtest.CELLS),
    "optimization": ("study.json", optimization.CELLS),
    "walk-forward": ("windows.json", walk_forward.CELLS),
}
"""What each kind of folder is known by, and the cells of its notebook."""
MADE_BY = {"display_name": "Python 3", "language": "python", "name": "python3"}


def new_notebook(kind: str, folder: str | Path) -> Path:
    """Write an analysis notebook into the folder of an experiment.

    It loads the results, shows tables and figures, and reports the key figures by name. It runs in Jupyter, or with
    `hidden-regime notebook run`.

    Parameters
    ----------
    kind : str
        "backtest", "optimization" or "walk-forward".
    folder : str or Path
        Where such an experiment was written to.

    Returns
    -------
    Path
        The notebook, named after its kind.

    Raises
    ------
    ParameterError
    StudyError
        The folder holds no such experiment, or the notebook is there already: it may have become somebody's own.
    """
    if kind not in KINDS:
        raise ParameterError("kind", kind, f"one of {', '.join(KINDS)}")
    place = given_path("folder", folder)
    known, cells = KINDS[kind]
    if not (place / known).is_file():
        raise StudyError(f"{place} holds no {known}: expected the folder of a finished {kind}.")
    path = place / f"{kind}.ipynb"
    if path.exists():
        raise StudyError(f"{path} is there already, and may have become your own: rename or delete it first.")
    write_file(path, json.dumps(notebook_of(cells), indent=1, ensure_ascii=False) + "\n")
    return path


def notebook_of(cells: tuple[Cell, ...]) -> dict[str, Any]:
    """A notebook of cells, as Jupyter reads it."""
    return {
        "cells": [_written(number, cell) for number, cell in enumerate(cells, 1)],
        "metadata": {"kernelspec": MADE_BY, "language_info": {"name": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def _written(number: int, cell: Cell) -> dict[str, Any]:
    told: dict[str, Any] = {
        "cell_type": cell.kind, "id": f"cell-{number}", "metadata": {"tags": list(cell.tags)} if cell.tags else {},
        "source": cell.source.splitlines(keepends=True),
    }  # fmt: skip
    return told | {"execution_count": None, "outputs": []} if cell.kind == "code" else told
