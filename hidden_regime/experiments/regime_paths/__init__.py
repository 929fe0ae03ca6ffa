"""Bars that a market's regimes might have brought instead, and strategies run over them."""

from hidden_regime.experiments.regime_paths.engine_paths import EnginePaths, engine_paths
from hidden_regime.experiments.regime_paths.model import PathModel, fit_paths
from hidden_regime.experiments.regime_paths.refit import Refit, refit

__all__ = ["EnginePaths", "PathModel", "Refit", "engine_paths", "fit_paths", "refit"]
