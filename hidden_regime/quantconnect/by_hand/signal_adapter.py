"""Signals by hand: for strategies that keep the regimes themselves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from hidden_regime.exceptions import DataError, MissingColumnError, ParameterError, RegimeNameError
from hidden_regime.regimes.palette import PALETTE
from hidden_regime.signals.signal import (
    SignalDirection,
    SignalStrength,
    TradingSignal,
    check_probability,
    check_shares,
    signal_of,
)
from hidden_regime.signals.weights import WEIGHTINGS, weigh

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["MultiAssetSignalAdapter", "RegimeSignalAdapter", "SignalDirection", "SignalStrength", "TradingSignal"]

STANDARD = ("Bull", "Bear", "Sideways", "Crisis")
FACTS = (
    "regime_type", "days_in_regime", "expected_return", "expected_volatility", "expected_duration", "win_rate",
)  # fmt: skip


def standard_allocations() -> dict[str, float]:
    """What to hold in each of the four regimes of old."""
    return {name: PALETTE[name].allocation for name in STANDARD}


class RegimeSignalAdapter:
    """Turns the regimes of one asset into signals, and remembers the last two.

    Parameters
    ----------
    regime_allocations : mapping of regime to share, optional
        Default: Bull 1, Bear 0, Sideways 0.5, Crisis 0.
    min_confidence : float
        Below this confidence a signal wishes to hold nothing.

    Examples
    --------
    >>> from datetime import datetime
    >>> from hidden_regime.quantconnect import RegimeSignalAdapter
    >>> signal = RegimeSignalAdapter().generate_signal("Sideways", 1, 0.7, datetime(2020, 1, 2, 16))
    >>> signal.allocation, signal.strength.name
    (0.5, 'MODERATE')
    """

    def __init__(self, regime_allocations: Mapping[str, float] | None = None, min_confidence: float = 0.0) -> None:
        given = standard_allocations() if regime_allocations is None else regime_allocations
        check_shares(given)
        if not given:
            raise ParameterError("regime_allocations", dict(given), "a share for each regime")
        self.min_confidence = check_probability("min_confidence", min_confidence)
        self.regime_allocations = {name: float(share) for name, share in given.items()}
        self._signals: list[TradingSignal] = []

    def generate_signal(self, regime_name: str, regime_state: int, confidence: float, timestamp: datetime,
                        **metadata: Any) -> TradingSignal:  # fmt: skip
        """Signal of a regime; what else is given becomes its metadata.

        Raises
        ------
        RegimeNameError
            A regime that has no allocation: it is never taken for zero.
        """
        if regime_name not in self.regime_allocations:
            raise RegimeNameError(
                "regime_name", regime_name, f"one of {list(self.regime_allocations)}", "Add it to regime_allocations."
            )
        signal = signal_of(
            regime_name, regime_state, confidence, timestamp,
            allocation=self.regime_allocations[regime_name], min_confidence=self.min_confidence, metadata=metadata,
        )  # fmt: skip
        self._signals = [*self._signals, signal][-2:]
        return signal

    def from_pipeline_result(self, result_df: pd.DataFrame) -> TradingSignal:
        """Signal of the last row of what `create_financial_pipeline(...).update()` or `RegimeDetector.run` gave."""
        if result_df is None or result_df.empty:
            raise DataError("from_pipeline_result: an empty frame: expected a row for each bar.")
        row = result_df.iloc[-1]
        pairs = (("regime_label", "predicted_state"), ("regime", "state"), ("regime_name", "regime_state"))
        name, state = next((pair for pair in pairs if set(pair) <= set(result_df.columns)), ("", ""))
        if not name or "confidence" not in result_df:
            columns = list(result_df.columns)
            raise MissingColumnError(f"from_pipeline_result: columns {columns}: expected those of pipeline.update().")
        if not isinstance(row[name], str):
            raise DataError("from_pipeline_result: the last bar has no regime yet: its window wasn't full. Give more bars.")
        facts = {fact: row[fact] for fact in FACTS if fact in result_df}
        return self.generate_signal(row[name], int(row[state]), float(row["confidence"]), result_df.index[-1], **facts)

    def _before(self, new_signal: TradingSignal) -> TradingSignal | None:
        """The signal before: the one that was just generated is not compared with itself."""
        earlier = [signal for signal in self._signals if signal is not new_signal]
        return earlier[-1] if earlier else None

    def has_regime_changed(self, new_signal: TradingSignal) -> bool:
        """Whether a signal's regime differs from that of the signal before; True for the first."""
        before = self._before(new_signal)
        return before is None or before.regime_name != new_signal.regime_name

    def get_allocation_change(self, new_signal: TradingSignal) -> float:
        """Allocation less that of the signal before; the whole of it for the first."""
        before = self._before(new_signal)
        return new_signal.allocation - (0.0 if before is None else before.allocation)

    @property
    def last_signal(self) -> TradingSignal | None:
        """The latest signal generated."""
        return self._signals[-1] if self._signals else None


class MultiAssetSignalAdapter:
    """Shares of a portfolio from the signals of its assets.

    Parameters
    ----------
    equal_weight : bool
        True: equal shares for the assets in preferred regimes. False: in proportion to their confidence, or as `method` says.
    concentration_limit : float
        Largest share of one asset; what it leaves stays in cash.
    method : str, optional
        "equal_weight", "confidence", "regime_score" (confidence times the regime's allocation) or "risk_parity" (by inverse
        volatility), instead of what `equal_weight` says.
    """

    def __init__(self, equal_weight: bool = True, concentration_limit: float = 0.5, *, method: str | None = None) -> None:
        if isinstance(concentration_limit, bool) or not 0.0 < float(concentration_limit) <= 1.0:
            raise ParameterError("concentration_limit", concentration_limit, "a share above 0, up to 1")
        if method is not None and method not in WEIGHTINGS:
            raise ParameterError("method", method, f"one of {list(WEIGHTINGS)}")
        self.equal_weight, self.concentration_limit = equal_weight, float(concentration_limit)
        self.method = method or ("equal_weight" if equal_weight else "confidence")
        self._signals: dict[str, TradingSignal] = {}

    def add_asset_signal(self, ticker: str, signal: TradingSignal) -> None:
        """Add an asset's signal, or replace it."""
        self._signals[ticker] = signal

    def get_asset_signal(self, ticker: str) -> TradingSignal | None:
        """An asset's signal."""
        return self._signals.get(ticker)

    def calculate_portfolio_allocations(self, preferred_regimes: Iterable[str] | None = None,
                                        volatilities: Mapping[str, float] | None = None) -> dict[str, float]:  # fmt: skip
        """Share of each asset; 0 for those outside the preferred regimes.

        Parameters
        ----------
        preferred_regimes : iterable of str, optional
            Default: Bull and Sideways.
        volatilities : mapping of ticker to float, optional
            Annual or daily, for "risk_parity"; default: `expected_volatility` in the signals' metadata.
        """
        given = ("Bull", "Sideways") if preferred_regimes is None else preferred_regimes
        preferred = (given,) if isinstance(given, str) else tuple(given)
        chosen = {t: s for t, s in self._signals.items() if s.regime_name in preferred}
        shares = weigh(chosen, self.method, volatilities)
        return {ticker: min(shares.get(ticker, 0.0), self.concentration_limit) for ticker in self._signals}

    def get_regime_summary(self) -> dict[str, int]:
        """How many assets are in each regime."""
        out: dict[str, int] = {}
        for signal in self._signals.values():
            out[signal.regime_name] = out.get(signal.regime_name, 0) + 1
        return out

    def clear(self) -> None:
        """Forget all signals."""
        self._signals.clear()
