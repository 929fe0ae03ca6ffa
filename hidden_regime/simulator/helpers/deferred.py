"""A module that is imported when something of it is first asked for: LEAN's `plt`, which few strategies use."""

from __future__ import annotations

import importlib
from types import ModuleType
from typing import Any

from hidden_regime.exceptions import MissingDependencyError


class Deferred(ModuleType):
    """Stands for a module of another package's.

    Parameters
    ----------
    module : str
        Name of the module.
    extra : str
        This package's extra that installs it.
    """

    def __init__(self, module: str, extra: str) -> None:
        super().__init__(module)
        self.__dict__["_extra"] = extra

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        try:
            found = importlib.import_module(self.__name__)
        except ImportError:
            package = self.__name__.partition(".")[0]
            raise MissingDependencyError(
                f"{self.__name__}.{name} needs {package}, which isn't installed: pip install {package}, or "
                f"pip install 'hidden-regime[{self._extra}]'."
            ) from None
        return getattr(found, name)
