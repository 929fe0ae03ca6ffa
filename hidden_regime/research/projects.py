"""A project of LEAN's command line: a folder with main.py and config.json, whose parameters and libraries a run takes."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from hidden_regime.data.unpacking import read_json
from hidden_regime.exceptions import RegimeWarning, UnknownStrategyError

CONFIG, MAIN = "config.json", "main.py"


def main_file(folder: Path) -> Path:
    """The strategy of a project's folder."""
    path = folder / MAIN
    if not path.is_file():
        raise UnknownStrategyError(f"project {str(folder)!r}: expected a {MAIN} in this folder, as `lean backtest` does.")
    return path


def name_of(path: Path) -> str:
    """What results are named after: a strategy's file, or the project where the file has the name that all have."""
    beside = path.resolve().parent
    return beside.name if path.name == MAIN and (beside / CONFIG).is_file() and beside.name else path.stem


def read_config(strategy: Path) -> dict[str, Any]:
    """The config.json beside a strategy; empty where there is none or it can't be read, which is told."""
    path = strategy.resolve().parent / CONFIG
    if not path.is_file():
        return {}
    try:
        content = read_json(path)
        if not isinstance(content, dict):
            raise ValueError("no object")
    except ValueError as error:
        said = f"hidden_regime: {path} isn't read ({error}): expected a project's config.json, an object with parameters."
        warnings.warn(RegimeWarning(said), stacklevel=2)
        return {}
    return content


def parameters(strategy: Path) -> dict[str, str]:
    """What `get_parameter` answers in LEAN without `-p`: the parameters of the project's config.json."""
    given = read_config(strategy).get("parameters") or {}
    return {str(name): str(value) for name, value in given.items()} if isinstance(given, dict) else {}


def parameters_in(path: Path) -> dict[str, str]:
    """The parameters of a config.json that was asked for by name.

    Raises
    ------
    UnknownStrategyError
        There is none, or it isn't one.
    """
    try:
        content = read_json(path)
        given = content.get("parameters") if isinstance(content, dict) else None
        if not isinstance(given, dict):
            raise ValueError("no object with parameters")
    except (OSError, ValueError) as error:
        raise UnknownStrategyError(
            f"config {str(path)!r} can't be used ({error}): expected an object with parameters."
        ) from error
    return {str(name): str(value) for name, value in given.items()}


def library_folders(strategy: Path) -> list[Path]:
    """Folders from which a project's libraries are imported: those above the ones that its config.json names."""
    named = read_config(strategy).get("libraries") or []
    home = strategy.resolve().parent
    out: list[Path] = []
    for library in named if isinstance(named, list) else []:
        place = str(library.get("path") or library.get("name") or "") if isinstance(library, dict) else str(library)
        # Paths begin at the folder in which `lean init` was called, which lies somewhere above the project.
        found = next((folder / place for folder in (home, *home.parents) if _is_folder(folder / place)), None) if place else None
        if found is None:
            said = f"hidden_regime: {home / CONFIG} names a library {place!r}: no folder of this name lies beside or above."
            warnings.warn(RegimeWarning(said), stacklevel=2)
        elif found.parent not in out:
            out.append(found.parent)
    return out


def _is_folder(path: Path) -> bool:
    """Whether there is such a folder; names that no system can have are none."""
    try:
        return path.is_dir()
    except (OSError, ValueError):
        return False


@contextmanager
def libraries(strategy: Path) -> Iterator[None]:
    """Have a project's libraries imported by their names, as in LEAN; afterwards they are forgotten."""
    folders = library_folders(strategy)
    before = set(sys.modules)
    sys.path.extend(str(folder) for folder in folders)
    try:
        yield
    finally:
        for folder in folders:
            sys.path.remove(str(folder))
        for name in set(sys.modules) - before:
            where = getattr(sys.modules[name], "__file__", None)
            if where and any(folder in Path(where).resolve().parents for folder in folders):
                del sys.modules[name]
