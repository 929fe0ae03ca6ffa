"""Fee models: what an order costs."""

from __future__ import annotations

from typing import Protocol

from hidden_regime.simulator.spelling import TwoSpellings


class FeeModel(Protocol):
    """What a fee model answers."""

    def fee(self, quantity: float, price: float) -> float:
        """Fee in dollars of an order."""


class InteractiveBrokersFeeModel(TwoSpellings):
    """$0.005 a share, at least $1; above that at most 0.5% of the order's value."""

    def fee(self, quantity: float, price: float) -> float:
        """Fee in dollars of an order."""
        shares = abs(quantity)
        by_share = 0.005 * shares
        if by_share < 1.0:
            return 1.0
        return min(by_share, 0.005 * shares * price)


class ConstantFeeModel(TwoSpellings):
    """The same fee for each order."""

    def __init__(self, fee: float, currency: str = "USD") -> None:
        self._fee = abs(float(fee))

    def fee(self, quantity: float, price: float) -> float:
        """Fee in dollars of an order."""
        return self._fee
