"""Guards over a strategy: what it may lose, hold and order. The same in a backtest, in paper trading and in LEAN."""

from hidden_regime.quantconnect.guards.guard import Guard, GuardEvent, guard
from hidden_regime.quantconnect.guards.rules import REDUCE, STOP, WARN, Rule, Rules

__all__ = ["REDUCE", "STOP", "WARN", "Guard", "GuardEvent", "Rule", "Rules", "guard"]
