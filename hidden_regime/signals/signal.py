"""From a regime to a wish: direction, strength and share of the portfolio. Orders are the strategy's business."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any

from hidden_regime.exceptions import ParameterError, RegimeNameError
from hidden_regime.regimes.naming import regime_names
from hidden_regime.regimes.palette import MIDDLE, PALETTE
from hidden_regime.regimes.state import RegimeState


class SignalDirection(Enum):
    """Side of the market."""

    LONG = 1
    NEUTRAL = 0
    SHORT = -1


class SignalStrength(Enum):
    """How sure the regime is: STRONG from a confidence of 0.8, MODERATE from 0.6, WEAK from 0.4, VERY_WEAK (or NONE) below."""

    STRONG = 3
    MODERATE = 2
    WEAK = 1
    VERY_WEAK = 0
    NONE = 0

    @classmethod
    def of(cls, confidence: float) -> SignalStrength:
        """Strength of a confidence."""
        for bound, strength in ((0.8, cls.STRONG), (0.6, cls.MODERATE), (0.4, cls.WEAK)):
            if confidence >= bound:
                return strength
        return cls.VERY_WEAK


@dataclass(frozen=True)
class TradingSignal:
    """What to hold of one asset. `allocation` is a share of the portfolio: 1 all of it, negative short."""

    direction: SignalDirection
    strength: SignalStrength
    allocation: float
    confidence: float
    regime_name: str
    regime_state: int
    timestamp: datetime
    metadata: Mapping[str, Any] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        if not 0.0 <= self.confidence <= 1.0:
            raise ParameterError("confidence", self.confidence, "a probability from 0 to 1")
        if not abs(self.allocation) < float("inf"):
            raise ParameterError("allocation", self.allocation, "a finite share of the portfolio")

    @property
    def time(self) -> datetime:
        """Market time of the signal."""
        return self.timestamp

    def is_actionable(self, min_confidence: float = 0.0) -> bool:
        """Whether the regime is sure enough."""
        return self.confidence >= min_confidence

    def should_rebalance(self, current_allocation: float, threshold: float = 0.1) -> bool:
        """Whether the present allocation is further than `threshold` from the one wished."""
        return abs(self.allocation - current_allocation) > threshold


def check_allocations(
    allocations: Mapping[str, float] | None, n_states: int, names: tuple[str, ...] | None = None
) -> dict[str, float]:
    """Allocations that name each regime which can occur and no other.

    Parameters
    ----------
    allocations : mapping of regime to share, optional
        None for the default: Bull 1, Sideways 0.5, Bear and Crisis 0.
    n_states : int
        Decides which names can occur.
    names : tuple of str, optional
        Names of the user's own rule.

    Raises
    ------
    RegimeNameError
        A name that can't occur, or one that can and is missing: a silent zero would be a trade nobody asked for.
    """
    possible = names or regime_names(n_states)
    if allocations is None:
        return {name: PALETTE.get(name, MIDDLE).allocation for name in possible}
    unknown = [name for name in allocations if name not in possible]
    if unknown:
        raise RegimeNameError(
            "regime_allocations", unknown[0], f"one of {list(possible)}, the regimes of n_states = {n_states}",
            "Correct the name, or change n_states.")  # fmt: skip
    missing = [name for name in possible if name not in allocations]
    if missing:
        raise RegimeNameError(
            "regime_allocations", dict(allocations), f"an entry for {missing[0]!r}, which n_states = {n_states} can produce",
            "Add it; 0.0 means to hold nothing.")  # fmt: skip
    check_shares(allocations)
    return {name: float(share) for name, share in allocations.items()}


def check_shares(allocations: Mapping[str, float]) -> None:
    """Raise `ParameterError` for the first share that isn't a finite number."""
    for name, share in allocations.items():
        if not isinstance(share, (int, float)) or not abs(share) < float("inf"):
            raise ParameterError(f"regime_allocations[{name!r}]", share, "a finite share of the portfolio such as 0.5")


def check_probability(name: str, value: Any) -> float:
    """The limit to a confidence that a parameter holds."""
    try:
        found = math.nan if isinstance(value, bool) else float(value)
    except (TypeError, ValueError):
        found = math.nan
    if not 0.0 <= found <= 1.0:
        raise ParameterError(name, value, "a probability from 0 to 1")
    return found


def make_signal(
    state: RegimeState, allocations: Mapping[str, float], min_confidence: float = 0.0, facts: Mapping[str, Any] | None = None
) -> TradingSignal:
    """Signal of a regime. Below `min_confidence` it wishes to hold nothing and is NEUTRAL. `facts` become metadata."""
    if state.regime not in allocations:
        raise RegimeNameError(
            "regime_allocations", dict(allocations), f"an entry for {state.regime!r}, which occurred", "Add it."
        )
    known = {"duration": state.duration, "expected_duration": state.expected_duration, "trained_at": state.trained_at}
    return signal_of(
        state.regime, state.state, state.confidence, state.time,
        allocation=allocations[state.regime], min_confidence=min_confidence, metadata=known | dict(facts or {}),
    )  # fmt: skip


def signal_of(regime: str, state: int, confidence: float, time: datetime, *, allocation: float, min_confidence: float,
              metadata: Mapping[str, Any]) -> TradingSignal:  # fmt: skip
    """Signal that wishes for an allocation, and for none below `min_confidence`: its metadata then say "suppressed"."""
    believed = confidence >= min_confidence
    share = allocation if believed else 0.0
    direction = SignalDirection((share > 0) - (share < 0))
    said = dict(metadata) if believed else {**metadata, "suppressed": True}
    return TradingSignal(direction, SignalStrength.of(confidence), share, confidence, regime, state, time, said)
