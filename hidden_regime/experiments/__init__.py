"""Experiments: runs, searches for parameters, and whether what they find is luck."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hidden_regime.lazily import lazily

if TYPE_CHECKING:
    from hidden_regime.experiments.comparison.comparing import compare_strategies
    from hidden_regime.experiments.comparison.comparison import Comparison
    from hidden_regime.experiments.constraint import Constraint
    from hidden_regime.experiments.lookahead.check import check_lookahead
    from hidden_regime.experiments.lookahead.finding import Finding, Lookahead
    from hidden_regime.experiments.objective import Objective
    from hidden_regime.experiments.optimization import optimize
    from hidden_regime.experiments.regime_paths.engine import engine_paths
    from hidden_regime.experiments.regime_paths.result import EnginePaths
    from hidden_regime.experiments.result import Result
    from hidden_regime.experiments.run import run_strategy
    from hidden_regime.experiments.segments import Segments, segment
    from hidden_regime.experiments.simulation import Simulation, monte_carlo
    from hidden_regime.experiments.space import Choice, Range, Space
    from hidden_regime.experiments.studies.study import Study
    from hidden_regime.experiments.walk_forward_result import WalkForward
    from hidden_regime.experiments.walking_forward import walk_forward

_HOMES = {
    "Choice": "hidden_regime.experiments.space",
    "Comparison": "hidden_regime.experiments.comparison.comparison",
    "Constraint": "hidden_regime.experiments.constraint",
    "Finding": "hidden_regime.experiments.lookahead.finding",
    "Lookahead": "hidden_regime.experiments.lookahead.finding",
    "EnginePaths": "hidden_regime.experiments.regime_paths.result",
    "Objective": "hidden_regime.experiments.objective",
    "Range": "hidden_regime.experiments.space",
    "Result": "hidden_regime.experiments.result",
    "Segments": "hidden_regime.experiments.segments",
    "Simulation": "hidden_regime.experiments.simulation",
    "Space": "hidden_regime.experiments.space",
    "Study": "hidden_regime.experiments.studies.study",
    "WalkForward": "hidden_regime.experiments.walk_forward_result",
    "check_lookahead": "hidden_regime.experiments.lookahead.check",
    "compare_strategies": "hidden_regime.experiments.comparison.comparing",
    "engine_paths": "hidden_regime.experiments.regime_paths.engine",
    "monte_carlo": "hidden_regime.experiments.simulation",
    "optimize": "hidden_regime.experiments.optimization",
    "run_strategy": "hidden_regime.experiments.run",
    "segment": "hidden_regime.experiments.segments",
    "walk_forward": "hidden_regime.experiments.walking_forward",
}

__getattr__ = lazily(__name__, _HOMES)

__all__ = [
    "Choice",
    "Comparison",
    "Constraint",
    "EnginePaths",
    "Finding",
    "Lookahead",
    "Objective",
    "Range",
    "Result",
    "Segments",
    "Simulation",
    "Space",
    "Study",
    "WalkForward",
    "check_lookahead",
    "compare_strategies",
    "engine_paths",
    "monte_carlo",
    "optimize",
    "run_strategy",
    "segment",
    "walk_forward",
]
