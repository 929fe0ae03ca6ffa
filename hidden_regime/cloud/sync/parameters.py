"""A project's parameters, which travel with its files: in config.json here, in the project itself in the cloud."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from hidden_regime.cloud.records.projects import Project
from hidden_regime.experiments.space.project_config import PARAMETERS, project_config, write_project_values
from hidden_regime.research.projects import CONFIG


def parameters_here(folder: Path) -> dict[str, str]:
    """Those of the folder's config.json.

    Raises
    ------
    ParameterError
        It can't be read.
    """
    return {str(name): str(value) for name, value in (project_config(folder / CONFIG).get(PARAMETERS) or {}).items()}


def parameters_there(project: Project) -> dict[str, str]:
    """Those of a project in the cloud."""
    return {one.name: one.value for one in project.parameters if one.name and one.value is not None}


def write_here(folder: Path, parameters: Mapping[str, str]) -> None:
    """Let the folder's config.json have these and no others; all else in it stays."""
    write_project_values(folder / CONFIG, {PARAMETERS: dict(parameters)})


def as_file(parameters: Mapping[str, str]) -> dict[str, str]:
    """Them as the content of a file, by its name, so that they are compared as files are; nothing where there are none."""
    return {CONFIG: json.dumps(dict(parameters), sort_keys=True)} if parameters else {}
