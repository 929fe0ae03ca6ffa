"""Finds the algorithm class in a strategy file, as LEAN's loader does, but without its silent choices."""

from __future__ import annotations

import importlib.util
import sys
import traceback
from pathlib import Path
from types import ModuleType

from hidden_regime.exceptions import (
    NoAlgorithmError,
    RegimeError,
    SeveralAlgorithmsError,
    StrategyError,
    UnknownStrategyError,
)
from hidden_regime.simulator.algorithm import QCAlgorithm


def _failure(path: Path, error: Exception) -> str:
    """Where and why a strategy file can't be imported."""
    if isinstance(error, SyntaxError):
        return f"{path.name} line {error.lineno}: {error.msg}: expected Python {sys.version_info[0]}.{sys.version_info[1]} code."
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if Path(frame.filename) == path]
    where = f" line {lines[-1]}" if lines else ""
    return f"{path.name}{where} can't be imported: {type(error).__name__}: {error}."


def load_module(path: Path) -> ModuleType:
    """Run a strategy file as a module named after it. Call it inside `imports.offered()`."""
    if not path.is_file():
        raise UnknownStrategyError(f"strategy {str(path)!r}: expected a shipped template's name or a .py file.")
    specification = importlib.util.spec_from_file_location(path.stem, path)
    assert specification is not None and specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    before = sys.modules.get(path.stem)
    sys.modules[path.stem] = module
    sys.path.insert(0, str(path.parent))
    try:
        specification.loader.exec_module(module)
    except RegimeError:
        raise
    except Exception as error:
        raise StrategyError(_failure(path, error)) from error
    finally:
        sys.path.remove(str(path.parent))
        if before is None:
            del sys.modules[path.stem]
        else:
            sys.modules[path.stem] = before
    return module


def find_algorithm(module: ModuleType, path: Path) -> type[QCAlgorithm]:
    """The one algorithm class of a strategy file.

    LEAN constructs every class of the file that derives from QCAlgorithm and runs the alphabetically last one. Where
    that isn't the class that derives from all others, the file means something else to LEAN than to its reader.

    Raises
    ------
    NoAlgorithmError, SeveralAlgorithmsError
    """
    found = {
        value.__name__: value
        for value in vars(module).values()
        if isinstance(value, type)
        and issubclass(value, QCAlgorithm)
        and value is not QCAlgorithm
        and value.__module__.startswith(module.__name__)
    }
    if not found:
        raise NoAlgorithmError(
            f"{path.name} defines no class that derives from QCAlgorithm: expected `class MyStrategy(QCAlgorithm):` with an "
            "initialize method."
        )
    last = found[max(found)]
    if not all(issubclass(last, other) for other in found.values()):
        raise SeveralAlgorithmsError(
            f"{path.name} defines several algorithm classes ({', '.join(sorted(found))}): LEAN would silently run "
            f"{last.__name__}, the alphabetically last. Keep one in the file and move the others to modules of their own."
        )
    return last
