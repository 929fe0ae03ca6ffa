"""Splits in time that let no label of a training know anything of a test."""

from hidden_regime.learning.splits.base import Split
from hidden_regime.learning.splits.combinatorial import CombinatorialPurgedCV
from hidden_regime.learning.splits.purged import PurgedKFold
from hidden_regime.learning.splits.walk_forward import CalendarWalkForward

__all__ = ["CalendarWalkForward", "CombinatorialPurgedCV", "PurgedKFold", "Split"]
