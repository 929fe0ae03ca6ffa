"""Regimes inside QuantConnect LEAN, and in the embedded engine where LEAN isn't."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hidden_regime.lazily import lazily

if TYPE_CHECKING:
    from hidden_regime.quantconnect.algorithm import HiddenRegimeAlgorithm
    from hidden_regime.quantconnect.by_hand.batch_updates import BatchRegimeUpdater
    from hidden_regime.quantconnect.by_hand.caching import CachedRegimeDetector, RegimeModelCache
    from hidden_regime.quantconnect.by_hand.config import MultiAssetRegimeConfig, QuantConnectConfig, RegimeTradingConfig
    from hidden_regime.quantconnect.by_hand.data_adapter import (
        HistoryDataAdapter,
        QuantConnectDataAdapter,
        RollingWindowDataAdapter,
        create_dataframe_from_bars,
    )
    from hidden_regime.quantconnect.by_hand.signal_adapter import MultiAssetSignalAdapter, RegimeSignalAdapter
    from hidden_regime.quantconnect.factory import with_regimes
    from hidden_regime.quantconnect.framework.alpha_model import HiddenRegimeAlphaModel
    from hidden_regime.quantconnect.framework.risk_model import RegimeRiskManagementModel
    from hidden_regime.quantconnect.framework.universe_selection import MultiRegimeUniverseSelection, RegimeBasedUniverseSelection
    from hidden_regime.quantconnect.indicators import (
        RegimeConfidenceIndicator,
        RegimeIndicator,
        RegimeStrengthIndicator,
        create_confidence_indicator,
        create_regime_indicator,
        create_strength_indicator,
    )
    from hidden_regime.quantconnect.learned.loading import load_model
    from hidden_regime.quantconnect.learned.model import LearnedModel
    from hidden_regime.quantconnect.optimized_algorithm import HiddenRegimeAlgorithmOptimized, OptimizedMultiAssetExample
    from hidden_regime.quantconnect.profiling import PerformanceProfiler
    from hidden_regime.signals.signal import SignalDirection, SignalStrength, TradingSignal

_HERE = "hidden_regime.quantconnect"
_HOMES = {
    "RegimeModelCache": f"{_HERE}.by_hand.caching",
    "PerformanceProfiler": f"{_HERE}.profiling",
    "CachedRegimeDetector": f"{_HERE}.by_hand.caching",
    "BatchRegimeUpdater": f"{_HERE}.by_hand.batch_updates",
    "HiddenRegimeAlgorithm": f"{_HERE}.algorithm",
    "HiddenRegimeAlgorithmOptimized": f"{_HERE}.optimized_algorithm",
    "HiddenRegimeAlphaModel": f"{_HERE}.framework.alpha_model",
    "HistoryDataAdapter": f"{_HERE}.by_hand.data_adapter",
    "LearnedModel": f"{_HERE}.learned.model",
    "MultiAssetRegimeConfig": f"{_HERE}.by_hand.config",
    "MultiAssetSignalAdapter": f"{_HERE}.by_hand.signal_adapter",
    "MultiRegimeUniverseSelection": f"{_HERE}.framework.universe_selection",
    "OptimizedMultiAssetExample": f"{_HERE}.optimized_algorithm",
    "QuantConnectConfig": f"{_HERE}.by_hand.config",
    "QuantConnectDataAdapter": f"{_HERE}.by_hand.data_adapter",
    "RegimeBasedUniverseSelection": f"{_HERE}.framework.universe_selection",
    "RegimeConfidenceIndicator": f"{_HERE}.indicators",
    "RegimeIndicator": f"{_HERE}.indicators",
    "RegimeRiskManagementModel": f"{_HERE}.framework.risk_model",
    "RegimeSignalAdapter": f"{_HERE}.by_hand.signal_adapter",
    "RegimeStrengthIndicator": f"{_HERE}.indicators",
    "RegimeTradingConfig": f"{_HERE}.by_hand.config",
    "RollingWindowDataAdapter": f"{_HERE}.by_hand.data_adapter",
    "SignalDirection": "hidden_regime.signals.signal",
    "SignalStrength": "hidden_regime.signals.signal",
    "TradingSignal": "hidden_regime.signals.signal",
    "create_confidence_indicator": f"{_HERE}.indicators",
    "create_dataframe_from_bars": f"{_HERE}.by_hand.data_adapter",
    "create_regime_indicator": f"{_HERE}.indicators",
    "create_strength_indicator": f"{_HERE}.indicators",
    "load_model": f"{_HERE}.learned.loading",
    "with_regimes": f"{_HERE}.factory",
}


__getattr__ = lazily(__name__, _HOMES)


__all__ = [
    "BatchRegimeUpdater",
    "CachedRegimeDetector",
    "HiddenRegimeAlgorithm",
    "HiddenRegimeAlgorithmOptimized",
    "HiddenRegimeAlphaModel",
    "HistoryDataAdapter",
    "LearnedModel",
    "MultiAssetRegimeConfig",
    "MultiAssetSignalAdapter",
    "MultiRegimeUniverseSelection",
    "OptimizedMultiAssetExample",
    "PerformanceProfiler",
    "QuantConnectConfig",
    "QuantConnectDataAdapter",
    "RegimeBasedUniverseSelection",
    "RegimeConfidenceIndicator",
    "RegimeIndicator",
    "RegimeModelCache",
    "RegimeRiskManagementModel",
    "RegimeSignalAdapter",
    "RegimeStrengthIndicator",
    "RegimeTradingConfig",
    "RollingWindowDataAdapter",
    "SignalDirection",
    "SignalStrength",
    "TradingSignal",
    "create_confidence_indicator",
    "create_dataframe_from_bars",
    "create_regime_indicator",
    "create_strength_indicator",
    "load_model",
    "with_regimes",
]
