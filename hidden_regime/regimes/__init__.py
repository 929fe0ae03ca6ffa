"""States as regimes: names, identity across trainings, what is known after a bar, what may come."""

from hidden_regime.regimes.bar_paths import BarPaths
from hidden_regime.regimes.density import ReturnForecast
from hidden_regime.regimes.naming import NamingRule, StateMoments, name_states, regime_names
from hidden_regime.regimes.state import RegimeModel, RegimeState

__all__ = [
    "BarPaths",
    "NamingRule",
    "RegimeModel",
    "RegimeState",
    "ReturnForecast",
    "StateMoments",
    "name_states",
    "regime_names",
]
