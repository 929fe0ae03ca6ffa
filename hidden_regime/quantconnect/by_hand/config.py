"""Settings of a strategy in one place. Every field does something."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from hidden_regime.detection.schedule import Schedule
from hidden_regime.exceptions import ParameterError, RegimeNameError
from hidden_regime.quantconnect._lean import Resolution
from hidden_regime.quantconnect.by_hand.signal_adapter import MultiAssetSignalAdapter, standard_allocations
from hidden_regime.quantconnect.tracking import trackers_of
from hidden_regime.regimes.naming import regime_names
from hidden_regime.signals.signal import TradingSignal, check_probability, check_shares
from hidden_regime.signals.weights import weigh


def _share(name: str, value: Any, high: float = 1.0) -> None:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0.0 <= value <= high:
        raise ParameterError(name, value, f"a number from 0 to {high:g}")


@dataclass
class QuantConnectConfig:
    """How regimes are detected.

    Attributes
    ----------
    lookback_days : int
        Trading days in the training window.
    retrain_frequency : str, int or callable
        As in `HiddenRegimeAlgorithm.initialize_regime_detection`.
    warmup_days : int
        Trading days that the algorithm is warmed up for its own indicators; regimes need none. 0: no warm-up.
    use_cache : bool
        Cache trainings, where the algorithm is a `HiddenRegimeAlgorithmOptimized`.
    log_regime_changes : bool
        A line in the log for each change.
    min_confidence : float
        Below this confidence hold nothing.
    """

    lookback_days: int = 252
    retrain_frequency: Any = "weekly"
    warmup_days: int = 252
    use_cache: bool = True
    log_regime_changes: bool = True
    min_confidence: float = 0.0

    def __post_init__(self) -> None:
        for name, least in (("lookback_days", 2), ("warmup_days", 0)):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int) or value < least:
                raise ParameterError(name, value, f"a number of days of at least {least}")
        Schedule(self.retrain_frequency)
        check_probability("min_confidence", self.min_confidence)

    def apply(self, algorithm: Any, *tickers: Any, trading: RegimeTradingConfig | None = None, n_states: int = 3,
              **options: Any) -> None:  # fmt: skip
        """Set an algorithm up, in its `initialize`, and watch the regimes of assets that it has subscribed.

        Parameters
        ----------
        algorithm : HiddenRegimeAlgorithm
        *tickers : str or Symbol
        trading : RegimeTradingConfig, optional
            Whose allocations the signals have.
        n_states : int
        **options
            Further ones of `initialize_regime_detection`.
        """
        if not tickers:
            raise ParameterError("tickers", tickers, "at least one asset, such as config.apply(self, 'SPY')")
        if self.warmup_days:
            algorithm.set_warm_up(self.warmup_days, Resolution.DAILY)
        statistics = getattr(algorithm, "get_cache_stats", None)
        if self.use_cache and statistics is not None and statistics() is None:  # one set up already stays
            algorithm.enable_caching()
        if self.log_regime_changes:
            for tracker in trackers_of(algorithm):
                tracker.log_changes(algorithm.log)
        allocations = None if trading is None else trading.allocations_for(n_states)
        for ticker in tickers:
            algorithm.initialize_regime_detection(
                ticker, n_states, self.lookback_days, self.retrain_frequency, allocations, self.min_confidence, **options
            )


@dataclass
class RegimeTradingConfig:
    """What to hold in which regime.

    Attributes
    ----------
    regime_allocations : dict of regime to share
        Default: Bull 1, Bear 0, Sideways 0.5, Crisis 0.
    rebalance_threshold : float
        Least change of an asset's share that is traded.
    use_risk_parity : bool
        Share the portfolio among assets by inverse volatility instead of equally.
    max_leverage : float
        Largest sum of absolute shares; what exceeds it is scaled down.
    cash_regime : str or None
        Regime in which an asset is held in cash, whatever `regime_allocations` says.
    """

    regime_allocations: dict[str, float] = field(default_factory=standard_allocations)
    rebalance_threshold: float = 0.1
    use_risk_parity: bool = False
    max_leverage: float = 1.0
    cash_regime: str | None = "Bear"

    def __post_init__(self) -> None:
        check_shares(self.regime_allocations)
        if self.cash_regime is not None and self.cash_regime not in self.regime_allocations:
            raise RegimeNameError("cash_regime", self.cash_regime, f"one of {list(self.regime_allocations)}, or None")
        _share("rebalance_threshold", self.rebalance_threshold)
        _share("max_leverage", self.max_leverage, 100.0)

    def get_allocation(self, regime_name: str) -> float:
        """Share wished in a regime.

        Raises
        ------
        RegimeNameError
            A regime without a share: it is never taken for zero.
        """
        if regime_name not in self.regime_allocations:
            raise RegimeNameError("regime_name", regime_name, f"one of {list(self.regime_allocations)}", "Add it.")
        return 0.0 if regime_name == self.cash_regime else float(self.regime_allocations[regime_name])

    def allocations_for(self, n_states: int) -> dict[str, float]:
        """Shares of the regimes that `n_states` states can be, as `initialize_regime_detection` takes them."""
        return {name: self.get_allocation(name) for name in regime_names(n_states)}

    def target_weights(self, signals: Mapping[str, TradingSignal], current: Mapping[str, float] | None = None,
                       volatilities: Mapping[str, float] | None = None) -> dict[str, float]:  # fmt: skip
        """Shares to trade to: only those that differ from the present ones by more than the threshold.

        Parameters
        ----------
        signals : mapping of ticker to TradingSignal
        current : mapping of ticker to float, optional
            Present shares; 0 where one is missing.
        volatilities : mapping of ticker to float, optional
            For risk parity; default: `expected_volatility` in the signals' metadata.
        """
        parts = weigh(signals, "risk_parity" if self.use_risk_parity else "equal_weight", volatilities)
        wished = {ticker: parts[ticker] * self.get_allocation(signal.regime_name) for ticker, signal in signals.items()}
        gross = sum(abs(share) for share in wished.values())
        scale = min(1.0, self.max_leverage / gross) if gross > 0.0 else 1.0
        now = current or {}
        return {t: w * scale for t, w in wished.items() if abs(w * scale - now.get(t, 0.0)) > self.rebalance_threshold}

    @classmethod
    def create_conservative(cls) -> RegimeTradingConfig:
        """Bull 0.6, Sideways 0.3, else cash; trades changes above 0.15."""
        return cls({"Bull": 0.6, "Bear": 0.0, "Sideways": 0.3, "Crisis": 0.0}, rebalance_threshold=0.15)

    @classmethod
    def create_aggressive(cls) -> RegimeTradingConfig:
        """Bull 1, Sideways 0.8, Bear 0.2, Crisis cash; trades changes above 0.05."""
        return cls({"Bull": 1.0, "Bear": 0.2, "Sideways": 0.8, "Crisis": 0.0}, rebalance_threshold=0.05, cash_regime=None)

    @classmethod
    def create_market_neutral(cls) -> RegimeTradingConfig:
        """Bull 0.5, Bear -0.5, else cash."""
        return cls({"Bull": 0.5, "Bear": -0.5, "Sideways": 0.0, "Crisis": 0.0}, max_leverage=1.5, cash_regime=None)


@dataclass
class MultiAssetRegimeConfig:
    """How a portfolio is shared among assets.

    Attributes
    ----------
    assets : dict of ticker to dict, or sequence of str
        Options of `initialize_regime_detection` for each asset.
    equal_weight : bool
        Equal shares; else by confidence, or by inverse volatility where `risk_parity` is set.
    concentration_limit : float
        Largest share of one asset.
    rebalance_frequency : str, int or callable
        When `is_due` says so: a period such as "weekly", or a callable of (now, then).
    risk_parity : bool
        Share by inverse volatility.
    """

    assets: Mapping[str, Mapping[str, Any]] | Sequence[str] = field(default_factory=dict)
    equal_weight: bool = True
    concentration_limit: float = 0.5
    rebalance_frequency: Any = "weekly"
    risk_parity: bool = False

    def __post_init__(self) -> None:
        if isinstance(self.assets, str):
            raise ParameterError("assets", self.assets, "tickers such as ['SPY', 'TLT']")
        if not isinstance(self.assets, Mapping):
            self.assets = {ticker: {} for ticker in self.assets}
        self._adapter = MultiAssetSignalAdapter(
            self.equal_weight, self.concentration_limit, method="risk_parity" if self.risk_parity else None
        )
        self._schedule = Schedule(self.rebalance_frequency)

    def apply(self, algorithm: Any) -> None:
        """Watch the regimes of all assets, in an algorithm's `initialize`; it has subscribed them."""
        assert isinstance(self.assets, Mapping)
        for ticker, options in self.assets.items():
            algorithm.initialize_regime_detection(ticker, **options)

    def is_due(self, now: datetime, last: datetime | None) -> bool:
        """Whether to rebalance at a bar that ends at `now`, having done so at `last`."""
        return last is None or self._schedule.is_due(now, last, 1)

    def target_weights(self, signals: Mapping[str, TradingSignal], preferred_regimes: Sequence[str] | None = None,
                       volatilities: Mapping[str, float] | None = None) -> dict[str, float]:  # fmt: skip
        """Share of each asset, as `MultiAssetSignalAdapter` gives it."""
        self._adapter.clear()
        for ticker, signal in signals.items():
            self._adapter.add_asset_signal(ticker, signal)
        return self._adapter.calculate_portfolio_allocations(preferred_regimes, volatilities)

    @classmethod
    def create_risk_parity(cls, tickers: Sequence[str]) -> MultiAssetRegimeConfig:
        """Shares by inverse volatility, at most 0.4 each."""
        return cls(tickers, equal_weight=False, concentration_limit=0.4, risk_parity=True)
