"""How well an insight did, as a function of the user's judges it."""

from __future__ import annotations

from datetime import datetime

from hidden_regime.simulator.enums import InsightScoreType
from hidden_regime.simulator.spelling import TwoSpellings


class InsightScore(TwoSpellings):
    """Scores of direction and magnitude, from 0 to 1, until they are final."""

    def __init__(self, direction: float = 0.0, magnitude: float = 0.0, updated_time_utc: datetime = datetime.min) -> None:
        self.direction, self.magnitude, self.updated_time_utc = direction, magnitude, updated_time_utc
        self.is_final_score = False

    def set_score(self, type: InsightScoreType, value: float, algorithm_utc_time: datetime) -> None:
        """Set a score, unless it is final."""
        if self.is_final_score:
            return
        self.updated_time_utc = algorithm_utc_time
        kept = max(0.0, min(1.0, float(value)))
        if InsightScoreType(type) == InsightScoreType.DIRECTION:
            self.direction = kept
        else:
            self.magnitude = kept

    def get_score(self, type: InsightScoreType) -> float:
        """A score."""
        return self.direction if InsightScoreType(type) == InsightScoreType.DIRECTION else self.magnitude

    def finalize(self, algorithm_utc_time: datetime) -> None:
        """Let nothing change it any more."""
        self.is_final_score, self.updated_time_utc = True, algorithm_utc_time
