"""Regimes as indicators: registered, warmed up and charted like any of LEAN's."""

from __future__ import annotations

from typing import Any

from hidden_regime.detection.detector import RegimeDetector
from hidden_regime.detection.schedule import Frequency
from hidden_regime.exceptions import ParameterError
from hidden_regime.guards import Turns
from hidden_regime.quantconnect._lean import PythonIndicator, Resolution
from hidden_regime.quantconnect.bars_from_lean import observed
from hidden_regime.quantconnect.options import detector_options
from hidden_regime.regimes.palette import score_of
from hidden_regime.regimes.state import RegimeState


class RegimeIndicator(PythonIndicator):
    """The present regime as a number: Bull 1, Sideways 0, Bear -1, Crisis -2 (Weak Bull 0.5, Weak Bear -0.5).

    Parameters
    ----------
    name : str
    window_size : int
        Observations in the training window.
    retrain_frequency : str, int or callable
        As in `HiddenRegimeAlgorithm.initialize_regime_detection`.
    **options
        Further options of `RegimeDetector`; n_states is 3 by default.

    Attributes
    ----------
    state : RegimeState or None
        Everything known of the latest bar.
    regime : str or None
    confidence : float

    Notes
    -----
    `indicator.attach(self, symbol)` registers it for daily bars and warms it up from history. With `register_indicator` alone
    it becomes ready after `window_size` + 1 bars; `warm_up_indicator` and `settings.automatic_indicator_warm_up` work too.
    Feed it from adjusted prices: an indicator isn't told of splits.

    Examples
    --------
    >>> from hidden_regime.quantconnect.indicators import RegimeIndicator
    >>> indicator = RegimeIndicator("regime", 252)
    >>> indicator.warm_up_period, indicator.is_ready
    (253, False)
    """

    state: RegimeState | None
    _detector: RegimeDetector
    _latest: Any

    def __init__(
        self, name: str = "Regime", window_size: int = 252, *, retrain_frequency: Frequency = "monthly", **options: Any
    ) -> None:
        if isinstance(options.get("stagger"), bool):
            raise ParameterError("stagger", options["stagger"], "the name of the asset: an indicator doesn't know whose it is")
        self.name = name
        self.value = 0.0
        self.warm_up_period = int(window_size) + 1
        self.window_size = window_size
        self._detector = RegimeDetector(**detector_options(options, window_size=window_size, retrain_frequency=retrain_frequency))
        self._latest, self.state = None, None
        self._turn = Turns()

    def update(self, input: Any) -> bool:
        """Take a bar, or a data point whose value is a price; whether the regime is known."""
        with self._turn:
            end = input.end_time
            bar = observed(input, self._detector) if self._latest is None or end > self._latest else None
            if bar is not None:
                self._latest = end
                self.state = self._detector.update(bar) or self.state
                if self.state is not None:
                    self.value = self._measure(self.state)
            return self.state is not None

    def reset(self) -> None:
        """Forget every bar: LEAN resets an indicator before it shows its history."""
        self._detector.reset()
        self._latest, self.state = None, None
        self.value = 0.0
        super().reset()

    def _measure(self, state: RegimeState) -> float:
        return score_of(state.regime)

    @property
    def regime(self) -> str | None:
        """Name of the regime; None until it is known."""
        return None if self.state is None else self.state.regime

    @property
    def confidence(self) -> float:
        """Probability of the regime; 0 until it is known."""
        return 0.0 if self.state is None else self.state.confidence

    def attach(self, algorithm: Any, symbol: Any, resolution: Any = None) -> Any:
        """Register it with an algorithm and fill it from history; gives the indicator back.

        Parameters
        ----------
        algorithm : QCAlgorithm
        symbol : Symbol or str
        resolution : Resolution, optional
            Of the bars; by default daily.
        """
        chosen = Resolution.DAILY if resolution is None else resolution
        algorithm.warm_up_indicator(symbol, self, chosen)
        algorithm.register_indicator(symbol, self, chosen)
        return self


class RegimeConfidenceIndicator(RegimeIndicator):
    """Probability of the present regime, 0 to 1.

    Takes bars as `RegimeIndicator` does, and its parameters; or data points, whose value then is a confidence; or
    `set_confidence`.
    """

    def __init__(self, name: str = "RegimeConfidence", window_size: int = 252, **options: Any) -> None:
        super().__init__(name, window_size, **options)

    def update(self, input: Any) -> bool:
        """Take a bar, or a data point whose value is a confidence; whether a confidence is known."""
        if hasattr(input, "close"):
            return super().update(input)
        self.set_confidence(float(input.value))
        return True

    def set_confidence(self, confidence: float) -> None:
        """Set the value by hand."""
        if not 0.0 <= confidence <= 1.0:
            raise ParameterError("confidence", confidence, "a probability from 0 to 1")
        self.value = float(confidence)

    def _measure(self, state: RegimeState) -> float:
        return state.confidence


class RegimeStrengthIndicator(RegimeIndicator):
    """Share of the latest bars that were in the present regime, 0 to 1: how settled it is.

    Takes bars as `RegimeIndicator` does; or data points, whose value then is a regime as a number, such as a
    `RegimeIndicator` gives.

    Parameters
    ----------
    name : str
    lookback : int
        Bars looked back on.
    window_size : int
        Observations in the training window.
    **options
        As for `RegimeIndicator`.
    """

    _past: list[float]

    def __init__(self, name: str = "RegimeStrength", lookback: int = 20, window_size: int = 252, **options: Any) -> None:
        super().__init__(name, window_size, **options)
        if isinstance(lookback, bool) or not isinstance(lookback, int) or lookback < 1:
            raise ParameterError("lookback", lookback, "a number of bars of at least 1")
        self.lookback = lookback
        self._past = []
        self.warm_up_period = int(window_size) + lookback

    def update(self, input: Any) -> bool:
        """Take a bar, or a data point whose value is a regime; whether `lookback` regimes are known."""
        with self._turn:
            if hasattr(input, "close"):
                super().update(input)
            else:
                self.value = self._share(float(input.value))
            return len(self._past) == self.lookback

    def reset(self) -> None:
        """Forget every bar."""
        self._past = []
        super().reset()

    def _measure(self, state: RegimeState) -> float:
        return self._share(score_of(state.regime))

    def _share(self, now: float) -> float:
        self._past = [*self._past, now][-self.lookback :]
        return sum(1 for value in self._past if value == now) / len(self._past)


def create_regime_indicator(name: str = "Regime", window_size: int = 252) -> RegimeIndicator:
    """A `RegimeIndicator`."""
    return RegimeIndicator(name, window_size)


def create_confidence_indicator(name: str = "RegimeConfidence") -> RegimeConfidenceIndicator:
    """A `RegimeConfidenceIndicator`."""
    return RegimeConfidenceIndicator(name)


def create_strength_indicator(name: str = "RegimeStrength", lookback: int = 20) -> RegimeStrengthIndicator:
    """A `RegimeStrengthIndicator`."""
    return RegimeStrengthIndicator(name, lookback)
