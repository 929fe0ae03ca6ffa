"""The embedded engine: a QCAlgorithm API that answers like LEAN."""

from hidden_regime.simulator.algorithm import PortfolioTarget, QCAlgorithm
from hidden_regime.simulator.loop.engine import Engine, Run
from hidden_regime.simulator.run import run_file

__all__ = ["Engine", "PortfolioTarget", "QCAlgorithm", "Run", "run_file"]
