"""Former address of `hidden_regime.quantconnect.by_hand.config`, for code that names it."""

from hidden_regime.quantconnect.by_hand.config import MultiAssetRegimeConfig, QuantConnectConfig, RegimeTradingConfig

__all__ = ["MultiAssetRegimeConfig", "QuantConnectConfig", "RegimeTradingConfig"]
