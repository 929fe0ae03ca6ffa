"""Paths that the market might have taken: bars drawn from a fitted regime model, which a strategy trades in the engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hidden_regime.lazily import lazily

if TYPE_CHECKING:
    from hidden_regime.experiments.regime_paths.drawing import Drawn, draw
    from hidden_regime.experiments.regime_paths.engine import engine_paths
    from hidden_regime.experiments.regime_paths.fitting import fit_paths
    from hidden_regime.experiments.regime_paths.markets import path_market
    from hidden_regime.experiments.regime_paths.model import PathModel
    from hidden_regime.experiments.regime_paths.refitting import Refit, refit
    from hidden_regime.experiments.regime_paths.result import EnginePaths

_HOMES = {
    "Drawn": "hidden_regime.experiments.regime_paths.drawing",
    "EnginePaths": "hidden_regime.experiments.regime_paths.result",
    "PathModel": "hidden_regime.experiments.regime_paths.model",
    "Refit": "hidden_regime.experiments.regime_paths.refitting",
    "draw": "hidden_regime.experiments.regime_paths.drawing",
    "engine_paths": "hidden_regime.experiments.regime_paths.engine",
    "fit_paths": "hidden_regime.experiments.regime_paths.fitting",
    "path_market": "hidden_regime.experiments.regime_paths.markets",
    "refit": "hidden_regime.experiments.regime_paths.refitting",
}

__getattr__ = lazily(__name__, _HOMES)

__all__ = ["Drawn", "EnginePaths", "PathModel", "Refit", "draw", "engine_paths", "fit_paths", "path_market", "refit"]
