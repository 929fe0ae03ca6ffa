"""What is searched: the parameters of a strategy and the values that each may have."""

from hidden_regime.experiments.space.parameter import Choice, Parameter, Range
from hidden_regime.experiments.space.space import Space

__all__ = ["Choice", "Parameter", "Range", "Space"]
