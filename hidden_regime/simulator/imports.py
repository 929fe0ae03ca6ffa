"""The module `AlgorithmImports` that strategy files import, for the time of a run and never where LEAN's own is."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from types import ModuleType
from typing import Any

from hidden_regime.exceptions import UnsupportedError
from hidden_regime.simulator.lean_names import QC_CLASSES

MODULE = "AlgorithmImports"


SUBMODULES = (
    "QuantConnect", "QuantConnect.Algorithm", "QuantConnect.Algorithm.Framework", "QuantConnect.Algorithm.Framework.Alphas",
    "QuantConnect.Algorithm.Framework.Execution", "QuantConnect.Algorithm.Framework.Portfolio",
    "QuantConnect.Algorithm.Framework.Risk", "QuantConnect.Algorithm.Framework.Selection", "QuantConnect.Data",
    "QuantConnect.Data.Consolidators", "QuantConnect.Data.Market", "QuantConnect.Indicators", "QuantConnect.Orders",
    "QuantConnect.Orders.Fees", "QuantConnect.Orders.Fills", "QuantConnect.Orders.Slippage", "QuantConnect.Python",
    "QuantConnect.Securities",
)  # fmt: skip


DOTNET = frozenset({"DateTime", "Decimal", "Math", "String", "TimeSpan"})
"""Classes of .NET's that LEAN's AlgorithmImports brings along."""


class _LeanOnlyMeta(type):
    """Says of a class that it exists in LEAN only, at the moment it is used."""

    def _refuse(cls) -> Any:
        raise UnsupportedError(
            f"{cls.__name__} exists in LEAN only: the embedded engine doesn't have it. Run the strategy in LEAN, or do without."
        )

    def __call__(cls, *_: Any, **__: Any) -> Any:
        return cls._refuse()

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return cls._refuse()

    def __getitem__(cls, _: Any) -> Any:
        return cls._refuse()

    def __setattr__(cls, name: str, value: Any) -> None:
        cls._refuse()

    def __new__(mcs, name: str, bases: tuple[type, ...], namespace: dict[str, Any], **_: Any) -> Any:
        if bases:
            bases[0]._refuse()  # type: ignore[attr-defined]
        return super().__new__(mcs, name, bases, namespace)


class Delegate:
    """`Action(function)` and `Func[...](function)`: the function itself."""

    def __new__(cls, function: Any) -> Any:
        """Nothing to wrap."""
        return function

    def __class_getitem__(cls, _: Any) -> type[Delegate]:
        return cls


class Globals:
    """Folders."""

    data_folder = DataFolder = ""


def _public(module: ModuleType) -> dict[str, object]:
    return {
        name: value for name, value in vars(module).items()
        if not name.startswith("_") and isinstance(value, type) and value.__module__.startswith("hidden_regime.simulator")
    }  # fmt: skip


@cache
def _names() -> dict[str, object]:
    import json
    import math
    import os
    import typing
    from datetime import date, datetime, time, timedelta

    import numpy as np
    import pandas as pd

    from hidden_regime.simulator import algorithm, charts, consolidation, enums, fields, indicators, objects, settings
    from hidden_regime.simulator.account import portfolio, security
    from hidden_regime.simulator.framework import alpha, construction, execution, insight, risk, selection
    from hidden_regime.simulator.models import (
        brokerages,
        buying_power,
        fees,
        fills,
        initializers,
        margin_call,
        settlement,
        slippage,
    )
    from hidden_regime.simulator.orders import events, kinds, properties, requests, targets, tickets
    from hidden_regime.simulator.universes import changes, universe

    out: dict[str, object] = {name: getattr(typing, name) for name in typing.__all__}
    out |= {name: _LeanOnlyMeta(name, (), {}) for name in sorted(QC_CLASSES | DOTNET)}
    out |= {
        "np": np, "pd": pd, "math": math, "json": json, "date": date, "datetime": datetime, "time": time, "timedelta": timedelta,
        "Globals": Globals, "os": os, "sys": sys, "Color": charts.Color,
        "TradeBarConsolidator": consolidation.TradeBarConsolidator,
        "QuoteBarConsolidator": consolidation.QuoteBarConsolidator,
    }  # fmt: skip
    for module in (
        enums, objects, charts, indicators, settings, fields, events, kinds, properties, requests, targets, tickets, changes,
        universe, alpha,
        construction, execution, insight, risk, selection, brokerages, buying_power, fees, fills, initializers, margin_call,
        settlement, slippage, security, portfolio,
    ):  # fmt: skip
        out |= _public(module)
    out |= {"CalendarInfo": consolidation.CalendarInfo, "QCAlgorithm": algorithm.QCAlgorithm}
    out |= {"QCAlgorithmFramework": algorithm.QCAlgorithm, "Equity": security.Security, "Action": Delegate, "Func": Delegate}
    out["OrderFee"], out["CashAmount"] = fees.OrderFee, fees.CashAmount
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
def offered(data_folder: str = "") -> Iterator[None]:
    """Offer the module inside the block, and those of LEAN's namespaces that strategies import by name.

    Parameters
    ----------
    data_folder : str
        What `Globals.data_folder` says.
    """
    if real_one_exists():
        yield
        return
    names = _names()
    Globals.data_folder = Globals.DataFolder = data_folder
    before = {name: sys.modules.get(name) for name in (MODULE, *SUBMODULES)}
    for name in before:
        module = ModuleType(name, "Names of LEAN's that the embedded engine has.")
        vars(module).update(names)
        module.__all__ = sorted(names)  # type: ignore[attr-defined]
        module.__embedded__ = True  # type: ignore[attr-defined]
        module.__path__ = []
        sys.modules[name] = module
    try:
        yield
    finally:
        for name, known in before.items():
            if known is None:
                sys.modules.pop(name, None)
            else:
                sys.modules[name] = known
