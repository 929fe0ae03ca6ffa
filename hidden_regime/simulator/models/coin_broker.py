"""What brokers of coins with cash and margin accounts have in common."""

from __future__ import annotations

from typing import Any, ClassVar

from hidden_regime.simulator.enums import AccountType, SecurityType
from hidden_regime.simulator.models.brokerages import DefaultBrokerageModel


class CoinBrokerageModel(DefaultBrokerageModel):
    """A cash account without leverage, unless a margin account is asked for; open every day."""

    borrows: ClassVar[float] = 1.0
    """Leverage of a margin account."""
    trading_days = 365

    def __init__(self, account_type: AccountType = AccountType.CASH) -> None:
        super().__init__(account_type)

    def get_leverage(self, security: Any) -> float:
        """Leverage of a security."""
        if self.account_type == AccountType.CASH or security.type == SecurityType.BASE or getattr(security, "is_internal", False):
            return 1.0
        return self.borrows
