"""Regimes inside QuantConnect LEAN, and in the embedded engine where LEAN isn't."""

from hidden_regime.quantconnect.algorithm import HiddenRegimeAlgorithm
from hidden_regime.quantconnect.optimized_algorithm import HiddenRegimeAlgorithmOptimized, OptimizedMultiAssetExample

__all__ = ["HiddenRegimeAlgorithm", "HiddenRegimeAlgorithmOptimized", "OptimizedMultiAssetExample"]
