"""Every option of the detector that might be another, one at a time, and what the kinds of markets need."""

from __future__ import annotations

from typing import Any

EVERYTHING = 5000
"""A lookback as long as the longest series."""

DEFAULTS = "defaults"

VARIANTS: dict[str, dict[str, Any]] = {
    DEFAULTS: {},
    "filter_degrees None": {"filter_degrees": None},
    "filter_degrees 4": {"filter_degrees": 4.0},
    "filter_degrees 10": {"filter_degrees": 10.0},
    "emission student_t": {"emission": "student_t"},
    "covariance_type full": {"covariance_type": "full"},
    "hysteresis 0": {"hysteresis": 0.0},
    "hysteresis 0.4": {"hysteresis": 0.4},
    "hysteresis 0.6": {"hysteresis": 0.6},
    "memory 0": {"memory": 0.0},
    "memory 2000": {"memory": 2000.0},
    "lookback 504": {"lookback": 504, "min_bars": 252},
    "lookback 1008": {"lookback": 1008, "min_bars": 252},
    "all history": {"lookback": EVERYTHING, "min_bars": 252},
    "stay_weight 0": {"stay_weight": 0.0},
    "challengers ()": {"challengers": ()},
    "retrain daily": {"retrain": "daily"},
    "retrain adaptive": {"retrain": "adaptive"},
    "returns only": {"features": ("log_return",)},
}
"""Options by name. Longer windows begin with 252 bars as the defaults do, and grow."""

QUICK = (DEFAULTS, "memory 0", "filter_degrees None", "hysteresis 0")

KIND_OPTIONS: dict[str, dict[str, Any]] = {"hourly, U-shaped day": {"time_of_day": True}}
"""What the docs tell a user of such bars to set, whatever else is measured."""
