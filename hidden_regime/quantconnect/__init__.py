"""Regimes inside QuantConnect LEAN, and in the embedded engine where LEAN isn't."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hidden_regime.quantconnect.algorithm import HiddenRegimeAlgorithm
    from hidden_regime.quantconnect.factory import with_regimes
    from hidden_regime.quantconnect.optimized_algorithm import HiddenRegimeAlgorithmOptimized, OptimizedMultiAssetExample

_HOMES = {
    "HiddenRegimeAlgorithm": "hidden_regime.quantconnect.algorithm",
    "HiddenRegimeAlgorithmOptimized": "hidden_regime.quantconnect.optimized_algorithm",
    "OptimizedMultiAssetExample": "hidden_regime.quantconnect.optimized_algorithm",
    "with_regimes": "hidden_regime.quantconnect.factory",
}


def __getattr__(name: str) -> Any:
    """Import a name when it is first asked for: a strategy, and a bundle of it, carries what it uses."""
    if name not in _HOMES:
        raise AttributeError(f"module 'hidden_regime.quantconnect' has no attribute {name!r}; it has {', '.join(sorted(_HOMES))}")
    value = getattr(importlib.import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


__all__ = ["HiddenRegimeAlgorithm", "HiddenRegimeAlgorithmOptimized", "OptimizedMultiAssetExample", "with_regimes"]
