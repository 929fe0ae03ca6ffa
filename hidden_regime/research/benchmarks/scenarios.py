"""What is measured: assets, days, windows, schedules, and which of the library's levers are used."""

from __future__ import annotations

from typing import NamedTuple

MODES = ("none", "caching", "batching", "both")
"""none: a detector for each asset. caching: the same, a second time, with the models that the first time has kept in a folder.
batching: all assets in one call. both: that, a second time."""


class Scenario(NamedTuple):
    """One measurement. `days` are those after the first window is full."""

    assets: int
    days: int
    lookback: int
    retrain: str | int
    mode: str

    @property
    def name(self) -> str:
        """Short and unique."""
        return f"{self.assets} x {self.days}, window {self.lookback}, {self.retrain}, {self.mode}"


def _levers(assets: int, days: int, lookback: int, retrain: str) -> list[Scenario]:
    return [Scenario(assets, days, lookback, retrain, mode) for mode in MODES]


FULL = [
    *_levers(1, 1000, 252, "monthly"),
    *(s for retrain in ("daily", "weekly", "monthly") for s in _levers(6, 1000, 252, retrain)),
    *(Scenario(n, 1000, 252, "monthly", mode) for n in (3, 10, 20) for mode in ("none", "batching")),
    *(Scenario(n, 250, 252, "monthly", mode) for n in (100, 500) for mode in MODES),
    *(Scenario(6, 1000, lookback, "weekly", mode) for lookback in (63, 1008) for mode in MODES),
]
QUICK = [
    *_levers(6, 250, 252, "daily"),
    *(Scenario(6, 250, 252, retrain, mode) for retrain in ("weekly", "monthly") for mode in ("none", "batching")),
    *(Scenario(n, 120, 126, "monthly", mode) for n in (1, 20, 100) for mode in ("none", "batching")),
]
