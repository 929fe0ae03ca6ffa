"""Hidden Regime: market regimes, point in time, the same in research, backtest and live trading."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hidden_regime.lazily import lazily

__version__ = "0.1.0"

if TYPE_CHECKING:
    from hidden_regime.bars.bar import Bar
    from hidden_regime.bars.feature import Column, Feature
    from hidden_regime.data.packaged import load_dataset
    from hidden_regime.data.synthetic import make_market
    from hidden_regime.detection.detector import RegimeDetector
    from hidden_regime.detection.market import MarketDetector
    from hidden_regime.exceptions import RegimeError
    from hidden_regime.models.autoregressive import AutoregressiveHMM
    from hidden_regime.models.continuous_jump import ContinuousJumpModel
    from hidden_regime.models.covariate import CovariateHMM
    from hidden_regime.models.gaussian import GaussianHMM
    from hidden_regime.models.jump import JumpModel
    from hidden_regime.models.selection import plot_selection, select_n_states
    from hidden_regime.models.sparse_jump import SparseJumpModel
    from hidden_regime.models.student_t import StudentTHMM
    from hidden_regime.quantconnect.algorithm import HiddenRegimeAlgorithm
    from hidden_regime.quantconnect.optimized_algorithm import HiddenRegimeAlgorithmOptimized
    from hidden_regime.regimes.state import RegimeState
    from hidden_regime.research.pipeline import create_financial_pipeline
    from hidden_regime.research.result import RegimeResult, compare, find_regimes
    from hidden_regime.signals.signal import TradingSignal

_HOMES = {
    "AutoregressiveHMM": "hidden_regime.models.autoregressive",
    "CovariateHMM": "hidden_regime.models.covariate",
    "Column": "hidden_regime.bars.feature",
    "Feature": "hidden_regime.bars.feature",
    "create_financial_pipeline": "hidden_regime.research.pipeline",
    "RegimeResult": "hidden_regime.research.result",
    "find_regimes": "hidden_regime.research.result",
    "compare": "hidden_regime.research.result",
    "Bar": "hidden_regime.bars.bar",
    "GaussianHMM": "hidden_regime.models.gaussian",
    "HiddenRegimeAlgorithm": "hidden_regime.quantconnect.algorithm",
    "HiddenRegimeAlgorithmOptimized": "hidden_regime.quantconnect.optimized_algorithm",
    "MarketDetector": "hidden_regime.detection.market",
    "RegimeDetector": "hidden_regime.detection.detector",
    "RegimeError": "hidden_regime.exceptions",
    "RegimeState": "hidden_regime.regimes.state",
    "StudentTHMM": "hidden_regime.models.student_t",
    "JumpModel": "hidden_regime.models.jump",
    "SparseJumpModel": "hidden_regime.models.sparse_jump",
    "ContinuousJumpModel": "hidden_regime.models.continuous_jump",
    "TradingSignal": "hidden_regime.signals.signal",
    "load_dataset": "hidden_regime.data.packaged",
    "make_market": "hidden_regime.data.synthetic",
    "plot_selection": "hidden_regime.models.selection",
    "select_n_states": "hidden_regime.models.selection",
}


__getattr__ = lazily(__name__, _HOMES)


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])


__all__ = [
    "AutoregressiveHMM",
    "Bar",
    "Column",
    "ContinuousJumpModel",
    "CovariateHMM",
    "Feature",
    "GaussianHMM",
    "HiddenRegimeAlgorithm",
    "HiddenRegimeAlgorithmOptimized",
    "JumpModel",
    "MarketDetector",
    "RegimeDetector",
    "RegimeError",
    "RegimeResult",
    "RegimeState",
    "SparseJumpModel",
    "StudentTHMM",
    "TradingSignal",
    "__version__",
    "compare",
    "create_financial_pipeline",
    "find_regimes",
    "load_dataset",
    "make_market",
    "plot_selection",
    "select_n_states",
]
