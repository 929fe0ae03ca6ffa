"""What happens at a bar, for one detector or for many at once: the same arithmetic, with a leading axis of detectors.

`prepare` makes the trainings that are due, `accept` takes their results into use, `advance` filters the bar and names the
regime. A detector's numbers depend on no other detector in the call.
"""

from hidden_regime.steps.accept import accept
from hidden_regime.steps.advance import advance, filter_bar, name_regimes
from hidden_regime.steps.prepare import prepare

__all__ = ["accept", "advance", "filter_bar", "name_regimes", "prepare"]
