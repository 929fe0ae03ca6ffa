"""Former address of `hidden_regime.quantconnect.by_hand.caching`, for code that names it."""

from hidden_regime.quantconnect.by_hand.caching import CachedRegimeDetector, RegimeModelCache, create_cached_detector

__all__ = ["CachedRegimeDetector", "RegimeModelCache", "create_cached_detector"]
