"""The only door to AlgorithmImports: it opens onto LEAN, and where LEAN isn't onto the embedded engine.

`quantconnect-stubs` makes `import AlgorithmImports` succeed with nothing in it, so names are imported one by one and
QCAlgorithm is believed only if it is a class.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hidden_regime.simulator.algorithm import PortfolioTarget, QCAlgorithm
    from hidden_regime.simulator.enums import DataNormalizationMode, Resolution, SecurityType
    from hidden_regime.simulator.objects import TradeBar

    QuoteBar = TradeBar
    IN_LEAN: bool
else:
    try:
        from AlgorithmImports import (
            DataNormalizationMode,
            PortfolioTarget,
            QCAlgorithm,
            QuoteBar,
            Resolution,
            SecurityType,
            TradeBar,
        )

        if not isinstance(QCAlgorithm, type):
            raise ImportError("AlgorithmImports has no class QCAlgorithm")
        IN_LEAN = not QCAlgorithm.__module__.startswith("hidden_regime.")
    except ImportError:
        from hidden_regime.simulator.algorithm import PortfolioTarget, QCAlgorithm
        from hidden_regime.simulator.enums import DataNormalizationMode, Resolution, SecurityType
        from hidden_regime.simulator.objects import TradeBar

        QuoteBar = TradeBar
        IN_LEAN = False

PRIVATE = "_hidden_regime_quantconnect"
"""Module name of our algorithm classes: no entry file's name is a prefix of it, so LEAN's loader passes them by."""

__all__ = [
    "IN_LEAN", "PRIVATE", "DataNormalizationMode", "PortfolioTarget", "QCAlgorithm", "QuoteBar", "Resolution", "SecurityType",
    "TradeBar",
]  # fmt: skip
