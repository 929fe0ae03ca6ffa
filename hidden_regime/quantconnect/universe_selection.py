"""Former address of `hidden_regime.quantconnect.framework.universe_selection`, for code that names it."""

from hidden_regime.quantconnect.framework.universe_selection import MultiRegimeUniverseSelection, RegimeBasedUniverseSelection

__all__ = ["MultiRegimeUniverseSelection", "RegimeBasedUniverseSelection"]
