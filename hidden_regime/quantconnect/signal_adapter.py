"""Former address of `hidden_regime.quantconnect.by_hand.signal_adapter`, for code that names it."""

from hidden_regime.quantconnect.by_hand.signal_adapter import (
    MultiAssetSignalAdapter,
    RegimeSignalAdapter,
    SignalDirection,
    SignalStrength,
    TradingSignal,
)

__all__ = ["MultiAssetSignalAdapter", "RegimeSignalAdapter", "SignalDirection", "SignalStrength", "TradingSignal"]
