"""Experiments: runs, searches for parameters, and whether what they find is luck."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hidden_regime.lazily import lazily

if TYPE_CHECKING:
    from hidden_regime.experiments.constraint import Constraint
    from hidden_regime.experiments.objective import Objective
    from hidden_regime.experiments.optimization import optimize
    from hidden_regime.experiments.regime_paths.engine import engine_paths
    from hidden_regime.experiments.regime_paths.result import EnginePaths
    from hidden_regime.experiments.result import Result
    from hidden_regime.experiments.run import run_strategy
    from hidden_regime.experiments.space import Choice, Range, Space
    from hidden_regime.experiments.studies.study import Study
    from hidden_regime.experiments.walk_forward_result import WalkForward
    from hidden_regime.experiments.walking_forward import walk_forward

_HOMES = {
    "Choice": "hidden_regime.experiments.space",
    "Constraint": "hidden_regime.experiments.constraint",
    "EnginePaths": "hidden_regime.experiments.regime_paths.result",
    "Objective": "hidden_regime.experiments.objective",
    "Range": "hidden_regime.experiments.space",
    "Result": "hidden_regime.experiments.result",
    "Space": "hidden_regime.experiments.space",
    "Study": "hidden_regime.experiments.studies.study",
    "WalkForward": "hidden_regime.experiments.walk_forward_result",
    "engine_paths": "hidden_regime.experiments.regime_paths.engine",
    "optimize": "hidden_regime.experiments.optimization",
    "run_strategy": "hidden_regime.experiments.run",
    "walk_forward": "hidden_regime.experiments.walking_forward",
}

__getattr__ = lazily(__name__, _HOMES)

__all__ = [
    "Choice",
    "Constraint",
    "EnginePaths",
    "Objective",
    "Range",
    "Result",
    "Space",
    "Study",
    "WalkForward",
    "engine_paths",
    "optimize",
    "run_strategy",
    "walk_forward",
]
