"""Projects and folders of results in a workspace, held to what lean-cli can work with."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Callable
from pathlib import Path

from hidden_regime.exceptions import ParameterError
from hidden_regime.files.paths import given_path
from hidden_regime.local_lean.errors import LeanError
from hidden_regime.research import projects

MAIN = (projects.MAIN, "Main.cs")


def project_in(workspace: Path, project: str | Path) -> Path:
    """A project of a workspace, by its path, or by its path in the workspace.

    Raises
    ------
    ParameterError
        There is none, or it lies elsewhere.
    LeanError
        lean-cli couldn't read its config.json.
    """
    place = given_path("project", project)
    place = (place if place.exists() else workspace / place).resolve()
    if not strategy_of(place).is_file():
        raise ParameterError("project", str(project), f"a strategy's file, or a folder with {' or '.join(MAIN)}")
    _check_inside("project", place, workspace)
    config = strategy_of(place).parent / projects.CONFIG
    if config.is_file():
        try:
            json.loads(config.read_text(encoding="utf-8"))
        except ValueError as error:
            raise LeanError(
                f"{config} is no JSON ({error}): lean-cli would delete it and go on without its parameters. Correct it; "
                "comments may not be in it."
            ) from error
    return place


def strategy_of(project: Path) -> Path:
    """The file with a project's strategy, as lean-cli looks for it."""
    if not project.is_dir():
        return project
    return next((project / name for name in MAIN if (project / name).is_file()), project / MAIN[0])


def output_folder(given: str | Path | None, project: Path, kind: str, workspace: Path, clock: Callable[[], float]) -> Path:
    """Where results go: the folder given, which is new or empty, or one of its own in the project's folder of this kind.

    Raises
    ------
    ParameterError
        Something lies there, or it isn't in the workspace.
    """
    if given is None:
        name = time.strftime("%Y-%m-%d_%H-%M-%S", time.localtime(clock()))
        return strategy_of(project).parent / kind / f"{name}_{secrets.token_hex(4)}"
    place = given_path("out", given).resolve()
    if place.exists() and (not place.is_dir() or any(place.iterdir())):
        raise ParameterError("out", str(given), "a new or empty folder", "lean-cli would take the id of what lies there.")
    _check_inside("out", place, workspace)
    return place


def _check_inside(parameter: str, place: Path, workspace: Path) -> None:
    if not place.is_relative_to(workspace):
        raise ParameterError(parameter, str(place), f"a path in the workspace {workspace}", "lean-cli works in it alone.")
