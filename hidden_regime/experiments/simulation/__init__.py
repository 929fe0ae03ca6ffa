"""What might have come instead: days, trades or parameters drawn again, and paths that a market's regimes might bring."""

from hidden_regime.experiments.simulation.folder import read_simulation
from hidden_regime.experiments.simulation.perturbation import Moved, Perturbation
from hidden_regime.experiments.simulation.simulating import monte_carlo
from hidden_regime.experiments.simulation.simulation import Simulation
from hidden_regime.experiments.simulation.summary import Fan, Figure, Probability

__all__ = [
    "Fan",
    "Figure",
    "Moved",
    "Perturbation",
    "Probability",
    "Simulation",
    "monte_carlo",
    "read_simulation",
]
