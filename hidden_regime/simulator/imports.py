"""The modules that strategy files import in LEAN, for the time of a run and never where LEAN's own are.

`AlgorithmImports` has LEAN's names and those of Python's that LEAN puts there. `QuantConnect...` have LEAN's, `System...`
those of .NET's, `clr` what headers of old call. LEAN's models that are Python files (`Risk.NullRiskManagementModel`) come
last in the search, as they stand last on LEAN's path: a package `Risk` of the user's own wins.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

from hidden_regime.simulator.globals import Globals
from hidden_regime.simulator.helpers.deferred import Deferred
from hidden_regime.simulator.lean_names import QC_CLASSES
from hidden_regime.simulator.lean_names.modules import DOTNET, FOLDERS, MODEL_CLASSES, MODEL_FILES, NAMESPACES, PACKAGES
from hidden_regime.simulator.lean_only import lean_only
from hidden_regime.simulator.objects.identifier import SecurityIdentifier
from hidden_regime.simulator.symbol_cache import SymbolCache

MODULE = "AlgorithmImports"
CLR = "clr"
FIRST = frozenset({MODULE, CLR, *NAMESPACES, *DOTNET, *PACKAGES})
LAST = MODEL_FILES | FOLDERS
NET_ONLY = frozenset({"Decimal", "String"})
"""Classes of .NET's that LEAN's AlgorithmImports brings along and the engine doesn't have."""
NET_NAMES = ("Action", "Color", "DateTime", "DayOfWeek", "Decimal", "Func", "Math", "Random", "String", "TimeSpan")
UNLISTED = frozenset(name for name in NAMESPACES if name.startswith(("QuantConnect.Lean.", "QuantConnect.Packets"))) | PACKAGES
"""Namespaces of the machinery behind LEAN, and packages of others: AlgorithmImports has few of their classes."""
GENERIC = ("Dictionary", "HashSet", "List")
"""Collections of System.Collections.Generic: in AlgorithmImports these names are Python's, or nobody's."""


class Delegate:
    """`Action(function)` and `Func[...](function)`: the function itself."""

    def __new__(cls, function: Any) -> Any:
        """Nothing to wrap."""
        return function

    def __class_getitem__(cls, _: Any) -> type[Delegate]:
        return cls


def _public(module: ModuleType) -> dict[str, object]:
    return {
        name: value for name, value in vars(module).items()
        if not name.startswith("_") and isinstance(value, type) and value.__module__.startswith("hidden_regime.simulator")
    }  # fmt: skip


@cache
def _lean() -> dict[str, object]:
    """LEAN's names, and .NET's."""
    from hidden_regime.simulator import (
        algorithm,
        charts,
        consolidation,
        enums,
        failures,
        fields,
        helpers,
        indicators,
        objects,
        settings,
        time_zones,
    )
    from hidden_regime.simulator.account import cash_book, currencies, pair_security, portfolio, security
    from hidden_regime.simulator.figures import benchmarks
    from hidden_regime.simulator.framework import (
        alpha,
        construction,
        data_selection,
        execution,
        insight,
        optimized,
        optimizers,
        pairs,
        patient_execution,
        risk,
        selection,
    )
    from hidden_regime.simulator.models import (
        binance,
        brokerages,
        brokers,
        buying_power,
        bybit,
        cash_buying_power,
        coinbase,
        fees,
        fills,
        filters,
        initializers,
        interest,
        margin_call,
        margin_parameters,
        messages,
        risk_free,
        settlement,
        shortable,
        slippage,
        volatility,
    )
    from hidden_regime.simulator.objects import fundamental, price_bars, ticks
    from hidden_regime.simulator.orders import coin_properties, events, kinds, properties, requests, responses, targets, tickets
    from hidden_regime.simulator.universes import changes, data, universe

    out: dict[str, object] = {name: lean_only(name) for name in sorted(QC_CLASSES | NET_ONLY | MODEL_CLASSES)}
    for module in (
        enums, objects, charts, indicators, settings, fields, events, kinds, properties, coin_properties, requests, responses,
        targets, tickets, changes, universe, data, fundamental, price_bars, ticks, alpha, construction, execution, insight, risk,
        selection, data_selection, patient_execution, optimizers, optimized, pairs, brokerages, brokers, buying_power, fees,
        fills, filters, initializers, interest, margin_parameters, margin_call, messages, risk_free, settlement, shortable,
        slippage, volatility, security, portfolio, benchmarks,
    ):  # fmt: skip
        out |= _public(module)
    out |= {name: getattr(helpers, name) for name in helpers.__all__ if name not in GENERIC}
    out |= {kind.__name__: kind for kind in consolidation.OFFERED}
    out |= {"QCAlgorithm": algorithm.QCAlgorithm, "QCAlgorithmFramework": algorithm.QCAlgorithm}
    out |= {"QCAlgorithmFrameworkBridge": algorithm.QCAlgorithm, "RegressionTestException": failures.RegressionTestException}
    out |= {"Forex": pair_security.Forex, "Crypto": pair_security.Crypto, "Cash": cash_book.Cash, "CashBook": cash_book.CashBook}
    out |= {"CashBuyingPowerModel": cash_buying_power.CashBuyingPowerModel, "CoinbaseFeeModel": coinbase.CoinbaseFeeModel}
    out |= {
        "GDAXFeeModel": coinbase.GDAXFeeModel,
        "BinanceFeeModel": binance.BinanceFeeModel,
        "BybitFeeModel": bybit.BybitFeeModel,
    }
    out |= {"Equity": security.Security, "Action": Delegate, "Func": Delegate, "Globals": Globals, "Color": charts.Color}
    out |= {"ETFConstituentData": fundamental.ETFConstituentUniverse, "Fundamentals": data.FundamentalUniverse}
    out |= {"Exchange": ticks.Exchange, "InvalidOperationException": failures.InvalidOperationException}
    out |= {"ArgumentException": failures.ArgumentException}
    out |= {"SecurityIdentifier": SecurityIdentifier, "SymbolCache": SymbolCache}
    out |= {"Currencies": currencies.Currencies, "TimeZones": time_zones.TimeZones}
    out["OrderFee"], out["CashAmount"] = fees.OrderFee, fees.CashAmount
    return out


@cache
def _python() -> dict[str, object]:
    """Python's names that LEAN's AlgorithmImports brings along."""
    import json
    import math
    import os
    import typing
    from datetime import date, datetime, time, timedelta

    import numpy as np
    import pandas as pd

    out: dict[str, object] = {name: getattr(typing, name) for name in typing.__all__}
    return out | {
        "np": np, "pd": pd, "plt": Deferred("matplotlib.pyplot", "plot"), "math": math, "json": json, "date": date,
        "datetime": datetime, "time": time, "timedelta": timedelta, "os": os, "sys": sys,
    }  # fmt: skip


@cache
def _clr() -> dict[str, object]:
    def accept(*_: object) -> None:
        """Load an assembly: there are none."""

    return {"AddReference": accept, "AddReferenceByName": accept, "AddReferenceByPartialName": accept,
            "AddReferenceToFileAndPath": accept, "GetClrType": lambda kind: kind}  # fmt: skip


@cache
def _content(name: str) -> tuple[dict[str, object], list[str]]:
    """What a module holds, and its names."""
    from hidden_regime.simulator import helpers

    lean = _lean()
    if name == CLR:
        held = _clr()
    elif name in PACKAGES:
        held = {}
    elif name in DOTNET:
        held = {item: lean[item] for item in NET_NAMES} | {item: getattr(helpers, item) for item in GENERIC}
    elif name in NAMESPACES:
        held = lean
    else:
        held = lean | _python()
    return held, sorted(held)


def _unlisted(name: str) -> type:
    """A class of those namespaces."""
    if name[:1].isupper():
        return lean_only(name)
    raise AttributeError(name)


class _Offer(MetaPathFinder, Loader):
    """Finds and makes the modules of these names."""

    def __init__(self, names: frozenset[str]) -> None:
        self._names = names

    def find_spec(self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None) -> ModuleSpec | None:
        """The module's place: here."""
        return ModuleSpec(fullname, self, is_package=True) if fullname in self._names else None

    def exec_module(self, module: ModuleType) -> None:
        """Fill the module."""
        if module.__name__ in FOLDERS:
            return
        held, names = _content(module.__name__)
        vars(module).update(held)
        module.__all__ = names  # type: ignore[attr-defined]
        if module.__name__ in UNLISTED:
            vars(module)["__getattr__"] = _unlisted
        module.__embedded__ = True  # type: ignore[attr-defined]


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
    """Offer the modules inside the block.

    Parameters
    ----------
    data_folder : str
        What `Globals.data_folder` says.
    """
    if real_one_exists():
        yield
        return
    Globals.data_folder = Globals.DataFolder = data_folder
    before = {name: sys.modules.pop(name) for name in FIRST if name in sys.modules}
    known = {name for name in LAST if name in sys.modules}
    first, last = _Offer(FIRST), _Offer(LAST)
    sys.meta_path.insert(0, first)
    sys.meta_path.append(last)
    try:
        yield
    finally:
        sys.meta_path[:] = [finder for finder in sys.meta_path if finder is not first and finder is not last]
        for name in (FIRST | LAST) - known:
            sys.modules.pop(name, None)
        sys.modules.update(before)
