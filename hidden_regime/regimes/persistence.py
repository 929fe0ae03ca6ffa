"""Regimes that don't flip at every breath: a lead that a new regime must have, and a time that one must last."""

from __future__ import annotations

from collections.abc import Mapping

from hidden_regime.exceptions import ParameterError


class Persistence:
    """Decides bar by bar whether to leave the regime; it looks at nothing but the bars so far.

    Parameters
    ----------
    hysteresis : float
        Lead in probability, 0 to 1, that another regime must have over the present one.
    min_duration : int
        Bars that a regime lasts at least.
    """

    def __init__(self, hysteresis: float = 0.0, min_duration: int = 1) -> None:
        hysteresis = hysteresis.item() if hasattr(hysteresis, "item") else hysteresis
        min_duration = min_duration.item() if hasattr(min_duration, "item") else min_duration
        if isinstance(hysteresis, bool) or not isinstance(hysteresis, (int, float)) or not 0.0 <= hysteresis < 1.0:
            raise ParameterError("hysteresis", hysteresis, "a lead in probability from 0 to below 1")
        if isinstance(min_duration, bool) or not isinstance(min_duration, int) or min_duration < 1:
            raise ParameterError("min_duration", min_duration, "a number of bars of at least 1")
        self.hysteresis, self.min_duration = hysteresis, min_duration
        self.is_idle = hysteresis == 0.0 and min_duration == 1

    def choose(self, probabilities: Mapping[str, float], present: str | None, duration: int) -> str:
        """Regime after a bar.

        Parameters
        ----------
        probabilities : mapping
            Filtered probability of each regime.
        present : str or None
            Regime at the bar before, None at the first.
        duration : int
            Bars that it has lasted.
        """
        best = max(probabilities, key=lambda name: probabilities[name])
        if present is None or present not in probabilities:
            return best
        if duration < self.min_duration or probabilities[best] - probabilities[present] <= self.hysteresis:
            return present
        return best
