"""What LEAN's own optimiser launched, one backtest at a time, and the configs that it was given."""

from __future__ import annotations

import json
from pathlib import Path

HERE = Path(__file__).parent
STRATEGIES = "QuantConnect.Optimizer.Strategies"
SETTINGS = {"$type": f"{STRATEGIES}.StepBaseOptimizationStrategySettings, QuantConnect.Optimizer", "default-segment-amount": 4}
LAUNCHED = json.loads((HERE / "launched.json").read_text(encoding="utf-8"))


def _range(name, low, high, step=None, min_step=None):
    told = {"name": name, "min": low, "max": high, "step": step, "min-step": min_step}
    return {key: value for key, value in told.items() if value is not None}


def _config(strategy, parameters, target, extremum="max", value=None, constraints=()):
    limits = [{"target": name, "operator": operator, "target-value": limit} for name, operator, limit in constraints]
    criterion = {"target": target, "extremum": extremum, **({} if value is None else {"target-value": value})}
    return {
        "optimization-strategy": f"{STRATEGIES}.{strategy}OptimizationStrategy",
        "optimization-strategy-settings": SETTINGS,
        "optimization-criterion": criterion,
        "constraints": limits,
        "parameters": parameters,
    }


FAST, SLOW = _range("fast", 5, 15, 5), _range("slow", 30, 50, 20)
CONFIGS = {
    "grid": _config("GridSearch", [FAST, SLOW], "Statistics.Sharpe Ratio"),
    "grid_target": _config(
        "GridSearch", [FAST, SLOW], "Statistics.Sharpe Ratio", value=0.15, constraints=[("Drawdown", "lessOrEqual", 0.2)]
    ),
    "grid_min": _config(
        "GridSearch",
        [_range("fast", 5, 15, 10), SLOW, _range("share", 0.4, 0.8, 0.4)],
        "Drawdown",
        "min",
        constraints=[("Statistics.Net Profit", "greaterOrEqual", 0.05), ("Total Orders", "greater", 2)],
    ),
    "euler": _config("EulerSearch", [_range("fast", 5, 25, 10, 2), _range("slow", 30, 60, 15, 5)], "Statistics.Sharpe Ratio"),
    "euler_float": _config(
        "EulerSearch",
        [_range("share", 0.3, 0.9, min_step=0.05)],
        "Statistics.Compounding Annual Return",
        constraints=[("Drawdown", "less", 0.14)],
    ),
}
"""As the reference's table has them."""


def parameters_of(text):
    """The set that a launch names: fast:5,slow:30."""
    return dict(part.split(":") for part in text.split(","))
