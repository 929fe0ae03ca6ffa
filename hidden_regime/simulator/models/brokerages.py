"""Brokerage models: which models a broker's securities get."""

from __future__ import annotations

from typing import Any

from hidden_regime.simulator.enums import AccountType
from hidden_regime.simulator.managed import Managed
from hidden_regime.simulator.models.buying_power import SecurityMarginModel
from hidden_regime.simulator.models.fees import InteractiveBrokersFeeModel
from hidden_regime.simulator.models.fills import EquityFillModel
from hidden_regime.simulator.models.interest import NullMarginInterestRateModel
from hidden_regime.simulator.models.settlement import DelayedSettlementModel, ImmediateSettlementModel
from hidden_regime.simulator.models.shortable import NullShortableProvider
from hidden_regime.simulator.models.slippage import NullSlippageModel

LEVERAGE = {AccountType.MARGIN: 2.0, AccountType.CASH: 1.0}


class BrokerageModel(metaclass=Managed):
    """What a broker does: Interactive Brokers' fees and leverage, unless a class says otherwise."""

    has_benchmark = True

    def __init__(self, account_type: AccountType = AccountType.MARGIN) -> None:
        self.account_type = AccountType(account_type)

    def get_leverage(self, security: Any) -> float:
        """Leverage of a security."""
        return LEVERAGE[self.account_type]

    def get_fee_model(self, security: Any) -> Any:
        """Fee model of a security."""
        return InteractiveBrokersFeeModel()

    def get_fill_model(self, security: Any) -> Any:
        """Fill model of a security."""
        return EquityFillModel()

    def get_slippage_model(self, security: Any) -> Any:
        """Slippage model of a security."""
        return NullSlippageModel()

    def get_settlement_model(self, security: Any) -> Any:
        """Settlement model of a security."""
        return DelayedSettlementModel() if self.account_type == AccountType.CASH else ImmediateSettlementModel()

    def get_shortable_provider(self, security: Any) -> Any:
        """Shortable provider of a security."""
        return NullShortableProvider()

    def get_margin_interest_rate_model(self, security: Any) -> Any:
        """Model of a security's interest."""
        return NullMarginInterestRateModel()

    def get_buying_power_model(self, security: Any) -> Any:
        """Buying power model of a security."""
        return SecurityMarginModel(self.get_leverage(security))


class DefaultBrokerageModel(BrokerageModel):
    """What LEAN uses unless told otherwise; it charges Interactive Brokers' fees."""


class InteractiveBrokersBrokerageModel(DefaultBrokerageModel):
    """Interactive Brokers. Without `set_benchmark` there is no benchmark, as in LEAN."""

    has_benchmark = False
