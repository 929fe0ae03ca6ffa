"""Reads a report out of an executed notebook, whoever executed it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from hidden_regime.exceptions import DataError
from hidden_regime.files.paths import given_path
from hidden_regime.notebooks.reports.encoding import decode
from hidden_regime.notebooks.reports.mime import METADATA, MIME
from hidden_regime.notebooks.reports.report import COMPLETED, FAILED, NOT_RUN, Failure, Report

INJECTED = "injected-parameters"
PAPERMILLS = "papermill-error-cell-tag"
"""Tag of the cells in which papermill says that a notebook failed."""


def read_report(path: str | Path) -> Report:
    """What an executed notebook came to: of `run_notebook`, of papermill, or saved in Jupyter after it was run.

    Raises
    ------
    DataError
        It is no notebook.
    """
    path = given_path("path", path)
    try:
        notebook = json.loads(path.read_text(encoding="utf-8"))
        cells = notebook["cells"]
        return replace(report_of(notebook), path=path) if isinstance(cells, list) else _refuse(path, "no list of cells")
    except FileNotFoundError:
        raise DataError(f"{path} isn't there: expected an executed notebook (.ipynb).") from None
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise DataError(
            f"{path} can't be read ({type(error).__name__}: {str(error)[:200]}): expected an executed notebook (.ipynb)."
        ) from error


def report_of(notebook: Mapping[str, Any]) -> Report:
    """The report of a notebook's content."""
    metadata = notebook.get("metadata", {})
    ours, papermills = metadata.get(METADATA, {}), metadata.get("papermill", {})
    told: dict[str, Any] = {}
    error: Failure | None = Failure(**ours["error"]) if ours.get("error") else None
    ran = False
    for number, cell in numbered(notebook["cells"]):
        if cell.get("cell_type") != "code":
            continue
        ran = ran or cell.get("execution_count") is not None or bool(cell.get("outputs"))
        for output in cell.get("outputs", ()):
            one = output.get("data", {}).get(MIME)
            if isinstance(one, Mapping) and one.get("kind") == "value":
                told[str(one["name"])] = one["value"]
        error = error or failure_in(cell, number)
    if error is None and papermills.get("exception"):
        error = Failure("stopped", message="papermill stopped, and no cell says why.")
    status = FAILED if error is not None else COMPLETED if ran else NOT_RUN
    given = (
        {name: decode(one) for name, one in ours["parameters"].items()}
        if "parameters" in ours
        else papermills.get("parameters", {})
    )
    return Report(
        status,
        error,
        told,
        dict(given),
        seconds=ours.get("seconds", papermills.get("duration")),
        notes=tuple(ours.get("notes", ())),
    )


def numbered(cells: list[Any]) -> Iterator[tuple[int, Any]]:
    """Cells with their numbers from 1, those aside that were put in to run the notebook."""
    number = 0
    for cell in cells:
        tags = cell.get("metadata", {}).get("tags", ())
        if PAPERMILLS in tags:
            continue
        number += INJECTED not in tags
        yield number, cell


def failure_in(cell: Mapping[str, Any], number: int) -> Failure | None:
    """The exception that ended a cell, if one did."""
    outputs = cell.get("outputs", ())
    raised = next((one for one in outputs if one.get("output_type") == "error"), None)
    if raised is None or "raises-exception" in cell.get("metadata", {}).get("tags", ()):
        return None
    told: Mapping[str, Any] = next((one["data"][MIME] for one in outputs if _is_failure(one.get("data", {}).get(MIME))), {})
    line = told.get("line")
    source = cell.get("source", "")
    lines = ("".join(source) if isinstance(source, list) else source).split("\n")
    shown = lines[line - 1] if isinstance(line, int) and 0 < line <= len(lines) else ""
    return Failure("failed cell", number, line, shown, str(raised.get("ename", "")), str(raised.get("evalue", "")))


def _is_failure(told: Any) -> bool:
    return isinstance(told, Mapping) and told.get("kind") == "failure"


def _refuse(path: Path, why: str) -> Report:
    raise DataError(f"{path} has {why}: expected a notebook (.ipynb) of nbformat 4.")
