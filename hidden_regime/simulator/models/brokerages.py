"""Brokerage models: which models a broker's securities get."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hidden_regime.exceptions import UnsupportedError
from hidden_regime.simulator.enums import AccountType, SecurityType
from hidden_regime.simulator.failures import KeyNotFoundException
from hidden_regime.simulator.managed import Managed
from hidden_regime.simulator.models.buying_power import SecurityMarginModel
from hidden_regime.simulator.models.cash_buying_power import CashBuyingPowerModel
from hidden_regime.simulator.models.fees import ConstantFeeModel, InteractiveBrokersFeeModel
from hidden_regime.simulator.models.fills import EquityFillModel, ImmediateFillModel
from hidden_regime.simulator.models.interest import NullMarginInterestRateModel
from hidden_regime.simulator.models.settlement import DelayedSettlementModel, ImmediateSettlementModel
from hidden_regime.simulator.models.shortable import NullShortableProvider
from hidden_regime.simulator.models.slippage import NullSlippageModel

LEVERAGE = {AccountType.MARGIN: 2.0, AccountType.CASH: 1.0}
OF_KIND = {SecurityType.FOREX: 50.0, SecurityType.CRYPTO: 1.0, SecurityType.BASE: 1.0}
PAIRS = (SecurityType.FOREX, SecurityType.CRYPTO)
ELSEWHERE = {
    SecurityType.BASE: "usa", SecurityType.EQUITY: "usa", SecurityType.OPTION: "usa", SecurityType.FUTURE: "cme",
    SecurityType.CFD: "oanda", SecurityType.INDEX: "usa",
}  # fmt: skip
FREE = (*PAIRS, SecurityType.BASE)


class BrokerageModel(metaclass=Managed):
    """What a broker does: Interactive Brokers' fees and leverage, unless a class says otherwise.

    Pairs and custom data are free of charge.
    """

    has_benchmark = True
    default_benchmark: tuple[str, SecurityType, str] | None = None
    """Ticker, kind and market of what a run is measured against; None: what the data say."""
    crypto_market, forex_market = "coinbase", "oanda"
    """Where pairs are traded that are added without a market."""
    trading_days = 252
    """Days a year in statistics."""

    def __init__(self, account_type: AccountType = AccountType.MARGIN) -> None:
        self.account_type = AccountType(account_type)

    @property
    def default_markets(self) -> Mapping[SecurityType, str]:
        """Where securities of a kind are traded that are added without a market."""
        return ELSEWHERE | {SecurityType.FOREX: self.forex_market, SecurityType.CRYPTO: self.crypto_market}

    def get_leverage(self, security: Any) -> float:
        """Leverage of a security."""
        return LEVERAGE[self.account_type] if self.account_type == AccountType.CASH else OF_KIND.get(security.type, 2.0)

    def get_fee_model(self, security: Any) -> Any:
        """Fee model of a security."""
        return ConstantFeeModel(0.0) if security.type in FREE else InteractiveBrokersFeeModel()

    def get_fill_model(self, security: Any) -> Any:
        """Fill model of a security."""
        return ImmediateFillModel() if security.type in FREE else EquityFillModel()

    def get_slippage_model(self, security: Any) -> Any:
        """Slippage model of a security."""
        return NullSlippageModel()

    def get_settlement_model(self, security: Any) -> Any:
        """Settlement model of a security."""
        waits = self.account_type == AccountType.CASH and security.type not in FREE
        return DelayedSettlementModel() if waits else ImmediateSettlementModel()

    def get_shortable_provider(self, security: Any) -> Any:
        """Shortable provider of a security."""
        return NullShortableProvider()

    def get_margin_interest_rate_model(self, security: Any) -> Any:
        """Model of a security's interest."""
        return NullMarginInterestRateModel()

    def get_buying_power_model(self, security: Any) -> Any:
        """Buying power model of a security."""
        if self.account_type == AccountType.CASH and security.type in PAIRS:
            return CashBuyingPowerModel()
        return SecurityMarginModel(self.get_leverage(security))


def markets_of(model: Any) -> Mapping[SecurityType, str]:
    """Markets by kind, of a model of the strategy's own too."""
    found = getattr(model, "default_markets", None)
    return DefaultBrokerageModel().default_markets if found is None else found


def market_of(model: Any, kind: SecurityType) -> str:
    """Where pairs of a kind are traded that a strategy adds without a market.

    Raises
    ------
    KeyNotFoundException
        A model of the strategy's own doesn't say.
    """
    found = markets_of(model).get(kind)
    if found is None:
        raise KeyNotFoundException(f"No default market set for security type: {kind.to_string()}")
    return found


class DefaultBrokerageModel(BrokerageModel):
    """What LEAN uses unless told otherwise; it charges Interactive Brokers' fees."""


class InteractiveBrokersBrokerageModel(DefaultBrokerageModel):
    """Interactive Brokers. Without `set_benchmark` there is no benchmark, as in LEAN."""

    has_benchmark = False

    def get_fee_model(self, security: Any) -> Any:
        """Fee model of a security."""
        if security.type in PAIRS:
            raise UnsupportedError(
                f"{security.symbol} at Interactive Brokers: its fees of currencies and coins exist in LEAN only. Use the default "
                "broker, OANDA, Coinbase or Binance, or run the strategy in LEAN."
            )
        return super().get_fee_model(security)
