"""Models of other libraries behind one door, calibrated, and switched by regimes."""

from hidden_regime.learning.models.doors import DOORS, Door, door_of
from hidden_regime.learning.models.fitting import Recipe, fit
from hidden_regime.quantconnect.learned.predictor import RegimeSwitchingModel

__all__ = ["DOORS", "Door", "Recipe", "RegimeSwitchingModel", "door_of", "fit"]
