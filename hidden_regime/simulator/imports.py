"""The module `AlgorithmImports` that strategy files import, for the time of a run and never where LEAN's own is."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType

MODULE = "AlgorithmImports"


def _names() -> dict[str, object]:
    import json
    import math
    from datetime import date, datetime, time, timedelta

    import numpy as np
    import pandas as pd

    from hidden_regime.simulator import algorithm, engine, enums, fees, indicators, objects, orders

    out: dict[str, object] = {
        "np": np, "pd": pd, "math": math, "json": json, "date": date, "datetime": datetime, "time": time, "timedelta": timedelta,
    }  # fmt: skip
    for module in (enums, objects, orders, fees, indicators):
        found = {name: value for name, value in vars(module).items() if getattr(value, "__module__", "") == module.__name__}
        out |= {name: value for name, value in found.items() if not name.startswith("_") and isinstance(value, type)}
    out |= {"QCAlgorithm": algorithm.QCAlgorithm, "PortfolioTarget": algorithm.PortfolioTarget}
    out["SecurityChanges"] = engine.SecurityChanges
    return out


def real_one_exists() -> bool:
    """Whether LEAN's own module can be imported; a package of stubs has no QCAlgorithm and doesn't count."""
    loaded = sys.modules.get(MODULE)
    if loaded is None:
        if importlib.util.find_spec(MODULE) is None:
            return False
        loaded = importlib.import_module(MODULE)
    return isinstance(getattr(loaded, "QCAlgorithm", None), type) and not getattr(loaded, "__embedded__", False)


@contextmanager
def offered() -> Iterator[None]:
    """Offer the module inside the block."""
    if real_one_exists():
        yield
        return
    before = sys.modules.get(MODULE)
    module = ModuleType(MODULE, "Names of LEAN's AlgorithmImports that the embedded engine has.")
    names = _names()
    vars(module).update(names)
    module.__all__ = sorted(names)  # type: ignore[attr-defined]
    module.__embedded__ = True  # type: ignore[attr-defined]
    sys.modules[MODULE] = module
    try:
        yield
    finally:
        if before is None:
            sys.modules.pop(MODULE, None)
        else:
            sys.modules[MODULE] = before
