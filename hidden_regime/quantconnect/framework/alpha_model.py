"""Regimes in LEAN's framework: insights."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from hidden_regime.detection.schedule import Frequency
from hidden_regime.exceptions import ParameterError
from hidden_regime.quantconnect._lean import AlphaModel, Insight, InsightDirection, Resolution
from hidden_regime.quantconnect.framework.following import Follower
from hidden_regime.quantconnect.options import detector_options
from hidden_regime.quantconnect.tracking import Tracked, Tracker
from hidden_regime.regimes.palette import score_of
from hidden_regime.signals.signal import check_probability


class HiddenRegimeAlphaModel(AlphaModel):
    """An insight for each security, by its regime: up in Bull, down in Bear and Crisis, flat in Sideways.

    An insight is emitted when the direction changes, and again when the last one runs out, so that a position is held
    for as long as its regime. Its confidence and its weight are the regime's probability. Below `confidence_threshold`
    none is emitted, and what is open runs out.

    Parameters
    ----------
    n_states : int
    lookback_days : int
        Trading days in the training window.
    confidence_threshold : float
        Least probability of a regime that is believed.
    insight_period_days : int
        Days that an insight holds; LEAN counts trading days.
    resolution : Resolution, optional
        Regimes are those of daily bars; None or `Resolution.DAILY` says so. The securities may be subscribed finer.
    retrain_frequency : str, int or callable
        As in `HiddenRegimeAlgorithm.initialize_regime_detection`.
    long_only : bool
        Flat where it would be down.
    **options
        Further options of `RegimeDetector`.

    Examples
    --------
    >>> from hidden_regime.quantconnect import HiddenRegimeAlphaModel
    >>> HiddenRegimeAlphaModel(n_states=3, confidence_threshold=0.7).insight_period.days
    5
    """

    insight_period: timedelta
    _hr: Tracker
    _follower: Follower
    _open: dict[str, tuple[Any, int]]

    def __init__(self, n_states: int = 3, lookback_days: int = 252, confidence_threshold: float = 0.6,
                 insight_period_days: int = 5, resolution: Any = None, *, retrain_frequency: Frequency = "weekly",
                 long_only: bool = False, **options: Any) -> None:  # fmt: skip
        self.confidence_threshold = check_probability("confidence_threshold", confidence_threshold)
        if isinstance(insight_period_days, bool) or not isinstance(insight_period_days, int) or insight_period_days < 1:
            raise ParameterError("insight_period_days", insight_period_days, "a number of days of at least 1")
        if resolution is not None and resolution != Resolution.DAILY:
            raise ParameterError(
                "resolution", resolution, "None or Resolution.DAILY: regimes are those of daily bars",
                "Subscribe the securities at the resolution that you trade at; that changes no regime.")  # fmt: skip
        self.long_only = long_only
        self.insight_period = timedelta(days=insight_period_days)
        typed = {"n_states": n_states, "lookback_days": lookback_days, "retrain_frequency": retrain_frequency}
        self._follower = Follower(detector_options(options, **typed))
        self._hr, self._open = self._follower.tracker, {}

    def update(self, algorithm: Any, data: Any) -> list[Insight]:
        """Insights of a moment."""
        found = []
        for tracked in self._follower.follow(algorithm, data):
            insight = self._insight(tracked)
            if insight is not None:
                found.append(insight)
        return found

    def _insight(self, tracked: Tracked) -> Insight | None:
        state = tracked.detector.state
        if state is None or state.confidence < self.confidence_threshold:
            return None
        direction, bars = self._direction(state.regime), len(tracked.states)
        known, since = self._open.get(tracked.ticker, (None, bars))
        if direction == known and bars - since < self.insight_period.days:
            return None
        self._open[tracked.ticker] = direction, bars
        return Insight.price(
            tracked.symbol, self.insight_period, direction, None, state.confidence, "HiddenRegime", state.confidence
        )

    def _direction(self, regime: str) -> InsightDirection:
        score = score_of(regime)
        if score < 0.0:
            return InsightDirection.FLAT if self.long_only else InsightDirection.DOWN
        return InsightDirection.UP if score > 0.0 else InsightDirection.FLAT

    def on_securities_changed(self, algorithm: Any, changes: Any) -> None:
        """Watch who came, and leave who went."""
        self._follower.change(algorithm, changes)
        for security in changes.removed_securities:
            self._open.pop(str(security.symbol.value), None)
