"""Regimes in LEAN's framework: risk."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from hidden_regime.detection.schedule import Frequency
from hidden_regime.exceptions import ParameterError, RegimeNameError
from hidden_regime.quantconnect._lean import PortfolioTarget, RiskManagementModel
from hidden_regime.quantconnect.framework.following import Follower
from hidden_regime.quantconnect.options import detector_options, usual_names_only
from hidden_regime.quantconnect.tracking import Tracker, ticker_of
from hidden_regime.regimes.naming import regime_names
from hidden_regime.regimes.palette import MIDDLE, PALETTE
from hidden_regime.signals.signal import check_probability


class RegimeRiskManagementModel(RiskManagementModel):
    """Scales what portfolio construction wants by the regime, and again whenever the regime changes.

    Parameters
    ----------
    scales : mapping of regime to share, optional
        Default: Bull 1, Sideways 0.75, Bear 0.5, Crisis 0.
    market : str, optional
        Ticker whose regime serves all; it must be in the universe. Default: each security by its own.
    n_states, lookback_days, retrain_frequency
        As in `HiddenRegimeAlgorithm.initialize_regime_detection`.
    min_confidence : float
        Below this confidence a regime changes nothing: the scale stays what it was.
    **options
        Further options of `RegimeDetector`.
    """

    _hr: Tracker
    _follower: Follower
    _wanted: dict[str, tuple[Any, float]]
    _scale: dict[str, float]

    def __init__(self, scales: Mapping[str, float] | None = None, market: str | None = None, *, n_states: int = 3,
                 lookback_days: int = 252, retrain_frequency: Frequency = "weekly", min_confidence: float = 0.0,
                 **options: Any) -> None:  # fmt: skip
        possible = regime_names(n_states)
        self.scales = {name: PALETTE.get(name, MIDDLE).scale for name in possible} if scales is None else dict(scales)
        unknown = [name for name in [*self.scales, *possible] if name not in possible or name not in self.scales]
        if unknown:
            raise RegimeNameError(
                "scales", unknown[0], f"exactly the names {list(possible)}, the regimes of n_states = {n_states}"
            )
        for name, scale in self.scales.items():
            if isinstance(scale, bool) or not 0.0 <= float(scale) < 1e6:
                raise ParameterError(f"scales[{name!r}]", scale, "a factor of at least 0")
        self.market = None if market is None else ticker_of(market)
        self.min_confidence = check_probability("min_confidence", min_confidence)
        typed = {"n_states": n_states, "lookback_days": lookback_days, "retrain_frequency": retrain_frequency}
        self._follower = Follower(detector_options(usual_names_only(options), **typed), self.market)
        self._hr, self._wanted, self._scale = self._follower.tracker, {}, {}

    def manage_risk(self, algorithm: Any, targets: list[PortfolioTarget]) -> list[PortfolioTarget]:
        """Targets scaled by the regime of now."""
        follower = self._follower
        known = {t.ticker: t.detector.state for t in follower.follow(algorithm, algorithm.current_slice)}
        for target in targets:
            self._wanted[ticker_of(target.symbol)] = target.symbol, float(target.quantity)
        told = {ticker_of(target.symbol) for target in targets}
        out = []
        for name, (symbol, quantity) in self._wanted.items():
            state = known.get(name if self.market is None else self.market)
            before = self._scale.get(name, 1.0)
            sure = state is not None and state.confidence >= self.min_confidence
            scale = self.scales[state.regime] if sure and state is not None else before
            self._scale[name] = scale
            if scale != before or (name in told and scale != 1.0):
                out.append(PortfolioTarget(symbol, self._lots(algorithm, symbol, quantity * scale)))
        return out

    @staticmethod
    def _lots(algorithm: Any, symbol: Any, quantity: float) -> float:
        """Whole lots, towards zero: shares are traded one by one, coins in small fractions."""
        lot = float(algorithm.securities[symbol].symbol_properties.lot_size)
        return math.trunc(round(quantity / lot, 9)) * lot if lot > 0.0 else quantity

    def on_securities_changed(self, algorithm: Any, changes: Any) -> None:
        """Watch who came, and leave who went."""
        self._follower.change(algorithm, changes)
        for security in changes.removed_securities:
            self._wanted.pop(ticker_of(security.symbol), None)
            self._scale.pop(ticker_of(security.symbol), None)
