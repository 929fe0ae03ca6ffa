"""LEAN's namespaces of the classes that the engine has: an object without a text of its own prints its class's full name."""

from __future__ import annotations

from functools import cache

ENGINE = "hidden_regime.simulator."
BY_MODULE = {
    "account": "Securities", "algorithm": "Algorithm", "charts": "", "consolidation": "Data.Consolidators", "feed": "Data",
    "framework.alpha": "Algorithm.Framework.Alphas", "framework.construction": "Algorithm.Framework.Portfolio",
    "framework.execution": "Algorithm.Framework.Execution", "framework.insight": "Algorithm.Framework.Alphas",
    "framework.risk": "Algorithm.Framework.Risk", "framework.selection": "Algorithm.Framework.Selection",
    "indicators": "Indicators", "models": "Securities", "models.brokerages": "Brokerages", "models.brokers": "Brokerages",
    "models.fees": "Orders.Fees",
    "models.fills": "Orders.Fills", "models.slippage": "Orders.Slippage", "object_store": "Storage", "objects": "Data",
    "objects.bars": "Data.Market", "objects.corporate": "Data.Market", "objects.dictionaries": "Data.Market",
    "objects.symbol": "", "orders": "Orders", "orders.targets": "Algorithm.Framework.Portfolio", "schedule": "Scheduling",
    "universes": "Data.UniverseSelection",
}  # fmt: skip
"""By module, or by the package that holds it."""
BY_NAME = {
    "BaseData": "Data.BaseData", "Book": "Securities.SecurityTransactionManager", "CashAmount": "Securities.CashAmount",
    "DayTimeInForce": "Orders.TimeInForces.DayTimeInForce", "Exchange": "Securities.SecurityExchange",
    "GoodTilCanceledTimeInForce": "Orders.TimeInForces.GoodTilCanceledTimeInForce",
    "GoodTilDateTimeInForce": "Orders.TimeInForces.GoodTilDateTimeInForce",
    "IndicatorDataPoint": "Indicators.IndicatorDataPoint", "Portfolio": "Securities.SecurityPortfolioManager",
    "PortfolioTargetCollection": "Algorithm.Framework.Portfolio.PortfolioTargetCollection", "PythonData": "Python.PythonData",
    "Security": "Securities.Equity.Equity", "Holding": "Securities.Equity.EquityHolding", "Settings": "AlgorithmSettings",
    "UniverseSettings": "Data.UniverseSelection.UniverseSettings",
}  # fmt: skip
"""Classes whose namespace or name isn't that of their module."""


@cache
def full_name(kind: type) -> str:
    """Name of a class in LEAN: of the nearest that is the engine's own, if it is a user's."""
    kind = next((k for k in kind.__mro__ if k.__module__.startswith(ENGINE)), kind)
    module = kind.__module__.removeprefix(ENGINE)
    name = BY_NAME.get(kind.__name__)
    while name is None and module not in BY_MODULE and "." in module:
        module = module.rpartition(".")[0]
    space = BY_MODULE.get(module, "")
    return f"QuantConnect.{name}" if name else ".".join(filter(None, ("QuantConnect", space, kind.__name__)))
