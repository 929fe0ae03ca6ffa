"""Labels: what came after a bar, with the bar at which it was known."""

from hidden_regime.learning.labels.checking import check_label_function
from hidden_regime.learning.labels.labelling import label
from hidden_regime.learning.labels.labels import Labels
from hidden_regime.learning.labels.uniqueness import concurrency, uniqueness

__all__ = ["Labels", "check_label_function", "concurrency", "label", "uniqueness"]
