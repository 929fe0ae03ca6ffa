"""States as regimes: names, identity across trainings, what is known after a bar."""

from hidden_regime.regimes.naming import NamingRule, StateMoments, name_states, regime_names
from hidden_regime.regimes.state import RegimeModel, RegimeState

__all__ = ["NamingRule", "RegimeModel", "RegimeState", "StateMoments", "name_states", "regime_names"]
