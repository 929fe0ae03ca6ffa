"""Classes of .NET's and LEAN's that strategies calculate with."""

from hidden_regime.simulator.helpers.collections import CircularQueue, Dictionary, HashSet, List
from hidden_regime.simulator.helpers.dotnet import DateTime, Math, TimeSpan
from hidden_regime.simulator.helpers.expiry import Expiry
from hidden_regime.simulator.helpers.extensions import Extensions
from hidden_regime.simulator.helpers.lean_data import Compression, LeanData
from hidden_regime.simulator.helpers.margin import BuyingPowerModelExtensions
from hidden_regime.simulator.helpers.random import Random
from hidden_regime.simulator.helpers.sizing import OrderSizing
from hidden_regime.simulator.helpers.time import Time

__all__ = [
    "BuyingPowerModelExtensions", "CircularQueue", "Compression", "DateTime", "Dictionary", "Expiry", "Extensions", "HashSet",
    "LeanData", "List", "Math", "OrderSizing", "Random", "Time", "TimeSpan",
]  # fmt: skip
