"""The only door to AlgorithmImports: it opens onto LEAN, and where LEAN isn't onto the embedded engine.

`quantconnect-stubs` makes `import AlgorithmImports` succeed with nothing in it, so names are imported one by one and
QCAlgorithm is believed only if it is a class.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hidden_regime.simulator.algorithm import PortfolioTarget, QCAlgorithm
    from hidden_regime.simulator.consolidation import CalendarInfo, QuoteBarConsolidator, TradeBarConsolidator
    from hidden_regime.simulator.enums import Calendar, DataNormalizationMode, InsightDirection, Market, Resolution, SecurityType
    from hidden_regime.simulator.framework.alpha import AlphaModel
    from hidden_regime.simulator.framework.insight import Insight
    from hidden_regime.simulator.framework.risk import RiskManagementModel
    from hidden_regime.simulator.framework.selection import UniverseSelectionModel
    from hidden_regime.simulator.indicators import (
        ExponentialMovingAverage,
        LogReturn,
        Maximum,
        PythonIndicator,
        RelativeStrengthIndex,
        SimpleMovingAverage,
        StandardDeviation,
    )
    from hidden_regime.simulator.models.brokerages import DefaultBrokerageModel
    from hidden_regime.simulator.objects import QuoteBar, Symbol, TradeBar
    from hidden_regime.simulator.universes.universe import ScheduledUniverse

    IN_LEAN: bool
else:
    try:
        from AlgorithmImports import (
            AlphaModel,
            Calendar,
            CalendarInfo,
            DataNormalizationMode,
            DefaultBrokerageModel,
            ExponentialMovingAverage,
            Insight,
            InsightDirection,
            LogReturn,
            Market,
            Maximum,
            PortfolioTarget,
            PythonIndicator,
            QCAlgorithm,
            QuoteBar,
            QuoteBarConsolidator,
            RelativeStrengthIndex,
            Resolution,
            RiskManagementModel,
            ScheduledUniverse,
            SecurityType,
            SimpleMovingAverage,
            StandardDeviation,
            Symbol,
            TradeBar,
            TradeBarConsolidator,
            UniverseSelectionModel,
        )

        if not isinstance(QCAlgorithm, type):
            raise ImportError("AlgorithmImports has no class QCAlgorithm")
        IN_LEAN = not QCAlgorithm.__module__.startswith("hidden_regime.")
    except ImportError:
        from hidden_regime.simulator.algorithm import PortfolioTarget, QCAlgorithm
        from hidden_regime.simulator.consolidation import CalendarInfo, QuoteBarConsolidator, TradeBarConsolidator
        from hidden_regime.simulator.enums import (
            Calendar,
            DataNormalizationMode,
            InsightDirection,
            Market,
            Resolution,
            SecurityType,
        )
        from hidden_regime.simulator.framework.alpha import AlphaModel
        from hidden_regime.simulator.framework.insight import Insight
        from hidden_regime.simulator.framework.risk import RiskManagementModel
        from hidden_regime.simulator.framework.selection import UniverseSelectionModel
        from hidden_regime.simulator.indicators import (
            ExponentialMovingAverage,
            LogReturn,
            Maximum,
            PythonIndicator,
            RelativeStrengthIndex,
            SimpleMovingAverage,
            StandardDeviation,
        )
        from hidden_regime.simulator.models.brokerages import DefaultBrokerageModel
        from hidden_regime.simulator.objects import QuoteBar, Symbol, TradeBar
        from hidden_regime.simulator.universes.universe import ScheduledUniverse

        IN_LEAN = False

PRIVATE = "_hidden_regime_quantconnect"
"""Module name of our algorithm classes: no entry file's name is a prefix of it, so LEAN's loader passes them by."""

__all__ = [
    "IN_LEAN", "PRIVATE", "AlphaModel", "Calendar", "CalendarInfo", "DataNormalizationMode", "DefaultBrokerageModel",
    "ExponentialMovingAverage", "Insight", "InsightDirection", "LogReturn", "Market", "Maximum", "PortfolioTarget",
    "PythonIndicator", "QCAlgorithm", "QuoteBar", "QuoteBarConsolidator", "RelativeStrengthIndex", "Resolution",
    "RiskManagementModel", "ScheduledUniverse", "SecurityType", "SimpleMovingAverage", "StandardDeviation", "Symbol",
    "TradeBar", "TradeBarConsolidator", "UniverseSelectionModel",
]  # fmt: skip
