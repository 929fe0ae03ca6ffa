"""Finds the algorithm class in a strategy file, as LEAN's loader does, but not without a word."""

from __future__ import annotations

import importlib.util
import sys
import traceback
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

from hidden_regime.exceptions import (
    NoAlgorithmError,
    RegimeError,
    SeveralAlgorithmsWarning,
    StrategyError,
    UnknownStrategyError,
)
from hidden_regime.simulator import imports
from hidden_regime.simulator.algorithm import QCAlgorithm
from hidden_regime.simulator.missing_imports import import_hint

REQUIRED = frozenset({"numpy", "pandas", "scipy", "numba", "llvmlite", "exchange_calendars", "sklearn", "pyarrow", "dateutil"})
"""Packages that the engine and its imports need while a strategy runs."""


def _failure(path: Path, error: BaseException, what: str = "imported") -> str:
    """Where and why a strategy file can't be imported, or its class be made."""
    if isinstance(error, SyntaxError):
        line = f" line {error.lineno}" if error.lineno else ""
        return f"{path.name}{line}: {error.msg}: expected Python {sys.version_info[0]}.{sys.version_info[1]} code."
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if Path(frame.filename) == path]
    where = f" line {lines[-1]}" if lines else ""
    hint = import_hint(error, path)
    return f"{path.name}{where} can't be {what}: {type(error).__name__}: {str(error).rstrip('.')}.{f' {hint}' if hint else ''}"


def made(cls: type[QCAlgorithm], path: Path) -> QCAlgorithm:
    """An algorithm of a class, which must be made without arguments."""
    try:
        return cls()
    except RegimeError:
        raise
    except Exception as error:
        raise StrategyError(_failure(path, error, f"made into an algorithm ({cls.__name__}())")) from error


def name_taken(path: Path) -> str:
    """What is wrong with a file that would stand in the place of a module that it, or the engine, imports; else nothing."""
    name = path.stem
    taken = name in sys.stdlib_module_names or name in imports.FIRST | REQUIRED or name == __name__.partition(".")[0]
    return f"{path.name} has the name of a module that is needed, {name!r}: rename the file." if taken else ""


@contextmanager
def loaded(path: Path) -> Iterator[ModuleType]:
    """Run a strategy file as a module named after it. Use it inside `imports.offered()`.

    Inside the block the file's folder can be imported from and its classes be pickled, as in LEAN. Afterwards everything that
    came from that folder is forgotten: the next run has its own.
    """
    if not path.is_file():
        raise UnknownStrategyError(f"strategy {str(path)!r}: expected a shipped template's name or a .py file.")
    if taken := name_taken(path):
        raise StrategyError(taken)
    specification = importlib.util.spec_from_file_location(path.stem, path)
    assert specification is not None and specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    folder = path.resolve().parent
    before = dict(sys.modules)
    sys.modules[path.stem] = module
    sys.path.insert(0, str(folder))
    importlib.invalidate_caches()
    try:
        try:
            specification.loader.exec_module(module)
        except RegimeError:
            raise
        except (Exception, SystemExit) as error:
            raise StrategyError(_failure(path, error)) from error
        yield module
    finally:
        sys.path.remove(str(folder))
        for name, found in list(sys.modules.items()):
            if before.get(name) is not found and _is_inside(found, folder):
                if name in before:
                    sys.modules[name] = before[name]
                else:
                    del sys.modules[name]


def _is_inside(module: ModuleType, folder: Path) -> bool:
    where = getattr(module, "__file__", None)
    return where is not None and folder in Path(where).resolve().parents and "site-packages" not in where


def find_algorithm(module: ModuleType, path: Path) -> list[type[QCAlgorithm]]:
    """The algorithm classes of a strategy file as LEAN's loader finds them: by name, and the last one runs.

    LEAN constructs every class that derives from QCAlgorithm and whose module's name begins with the file's, and says nothing.
    Where the one that runs isn't derived from all the others, here a warning says so.

    Raises
    ------
    NoAlgorithmError
    """
    found = {
        value.__name__: value
        for value in vars(module).values()
        if isinstance(value, type)
        and QCAlgorithm in value.__mro__
        and value is not QCAlgorithm
        and value.__module__.startswith(module.__name__)
    }
    if not found:
        raise NoAlgorithmError(
            f"{path.name} defines no class that derives from QCAlgorithm: expected `class MyStrategy(QCAlgorithm):` with an "
            "initialize method."
        )
    chosen = [found[name] for name in sorted(found)]
    # By Python's chain of classes: issubclass compares .NET types, which are the same for all of them.
    if not all(other in chosen[-1].__mro__ for other in chosen):
        warnings.warn(
            SeveralAlgorithmsWarning(
                f"hidden_regime: {path.name} has several algorithm classes ({', '.join(sorted(found))}): the engine runs "
                f"{chosen[-1].__name__}, the alphabetically last, as LEAN does. Keep one in the file and import its bases from "
                f"a module whose name doesn't begin with {module.__name__!r}."
            ),
            stacklevel=3,
        )
    return chosen
