"""Any finished experiment from its folder, by what lies in it."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

from hidden_regime.exceptions import StudyError

HOMES = {
    "study.json": ("hidden_regime.experiments.studies.folder", "read_study"),
    "windows.json": ("hidden_regime.experiments.studies.walk_forward_folder", "read_walk_forward"),
    "comparison.json": ("hidden_regime.experiments.comparison.folder", "read_comparison"),
    "segments.json": ("hidden_regime.experiments.segments.folder", "read_segments"),
    "lookahead.json": ("hidden_regime.experiments.lookahead.folder", "read_lookahead"),
}
"""What each kind of folder is known by, and what reads it."""


def read_experiment(folder: str | Path) -> Any:
    """A study, a walk-forward, a comparison, a simulation, segments or a check, as it was when it was finished.

    Raises
    ------
    StudyError
        Nothing of that kind lies there, or it is damaged.
    """
    folder = Path(folder)
    for name, (module, reader) in HOMES.items():
        if (folder / name).is_file():
            return getattr(import_module(module), reader)(folder)
    raise StudyError(f"{folder} holds no {next(iter(HOMES))}: expected the folder of a finished study. The same command goes on.")
