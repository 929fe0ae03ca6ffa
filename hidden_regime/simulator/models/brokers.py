"""Brokers by their names.

Those of equities beside Interactive Brokers: what they charge and lend. Orders that they refuse aren't refused here.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any, ClassVar

from hidden_regime.exceptions import ParameterError, RegimeWarning, UnsupportedError
from hidden_regime.simulator.enums import AccountType, BrokerageName
from hidden_regime.simulator.managed import Managed
from hidden_regime.simulator.models.binance import BinanceBrokerageModel
from hidden_regime.simulator.models.brokerages import BrokerageModel, DefaultBrokerageModel, InteractiveBrokersBrokerageModel
from hidden_regime.simulator.models.bybit import BybitBrokerageModel
from hidden_regime.simulator.models.coinbase import CoinbaseBrokerageModel, GDAXBrokerageModel
from hidden_regime.simulator.models.fees import CashAmount, FeeModel, InteractiveBrokersFeeModel, OrderFee, OrderFeeParameters
from hidden_regime.simulator.models.oanda import OandaBrokerageModel
from hidden_regime.simulator.models.settlement import ImmediateSettlementModel

if TYPE_CHECKING:
    from hidden_regime.simulator.account.security import Security
    from hidden_regime.simulator.orders.order import Order

FEES_ONLY = (
    "hidden_regime: set_brokerage_model({name}): the embedded engine has this broker's fees and leverage for US equities; orders "
    "that it refuses are taken here."
)
AS_DEFAULT = (
    "hidden_regime: set_brokerage_model({name}): the embedded engine doesn't have this broker: fees and leverage are those of "
    "BrokerageName.DEFAULT. Run the strategy in LEAN for its own."
)


class _PerShare(FeeModel):
    """So much a share."""

    def __init__(self, fees_per_share: float) -> None:
        self._rate = float(fees_per_share)

    def get_order_fee(self, parameters: OrderFeeParameters) -> OrderFee:
        """Fee of an order."""
        return OrderFee(CashAmount(self._rate * abs(parameters.order.quantity)))


class AxosFeeModel(_PerShare):
    """$0.0035 a share, unless told otherwise."""

    def __init__(self, fees_per_share: float | None = None) -> None:
        self._rate = 0.0035 if fees_per_share is None else float(fees_per_share)


class ExanteFeeModel(_PerShare):
    """$0.02 a share."""

    def __init__(self, forex_commission_rate: float = 0.25) -> None:
        self._rate = 0.02


class AlpacaFeeModel(FeeModel):
    """Free of charge."""


class AlphaStreamsFeeModel(InteractiveBrokersFeeModel):
    """Interactive Brokers' for equities."""


class AlphaStreamsSlippageModel(metaclass=Managed):
    """A hundredth of a percent of the last value."""

    def get_slippage_approximation(self, asset: Security, order: Order) -> float:
        """Dollars a share."""
        last = asset.get_last_data()
        return 0.0001 * float(last.value) if last is not None else 0.0


class _Broker(DefaultBrokerageModel):
    """A broker whose fees LEAN knows."""

    fees: ClassVar[type] = FeeModel

    def get_fee_model(self, security: Any) -> Any:
        """Fee model of a security."""
        return self.fees()


class AlpacaBrokerageModel(_Broker):
    """Alpaca: free of charge."""


class TradierBrokerageModel(_Broker):
    """Tradier: free of charge."""


class TDAmeritradeBrokerageModel(_Broker):
    """TD Ameritrade: free of charge."""


class CharlesSchwabBrokerageModel(_Broker):
    """Charles Schwab: free of charge."""


class TradeStationBrokerageModel(_Broker):
    """TradeStation: free of charge."""


class TastytradeBrokerageModel(_Broker):
    """Tastytrade: free of charge."""


class EzeBrokerageModel(_Broker):
    """Eze: free of charge."""


class RBIBrokerageModel(_Broker):
    """RBI: free of charge, because LEAN's engine calls its base's function for fees."""


class WolverineBrokerageModel(_Broker):
    """Wolverine: free of charge, for the same reason."""


class AxosClearingBrokerageModel(_Broker):
    """Axos. Without `set_benchmark` there is no benchmark, as in LEAN."""

    has_benchmark = False
    fees = AxosFeeModel


class ExanteBrokerageModel(_Broker):
    """Exante, with a leverage of 1.2."""

    fees = ExanteFeeModel

    def get_leverage(self, security: Any) -> float:
        """Leverage of a security."""
        return 1.0 if self.account_type == AccountType.CASH else 1.2


class AlphaStreamsBrokerageModel(_Broker):
    """AlphaStreams: no leverage, and some slippage."""

    fees = AlphaStreamsFeeModel

    def __init__(self, account_type: AccountType = AccountType.MARGIN) -> None:
        super().__init__(account_type)
        if self.account_type == AccountType.CASH:
            raise ParameterError("account_type", account_type, "AccountType.MARGIN: AlphaStreams has no other")

    def get_slippage_model(self, security: Any) -> Any:
        """Slippage model of a security."""
        return AlphaStreamsSlippageModel()

    def get_leverage(self, security: Any) -> float:
        """Leverage of a security."""
        return 1.0

    def get_settlement_model(self, security: Any) -> Any:
        """Settlement model of a security."""
        return ImmediateSettlementModel()


QUIET = {
    BrokerageName.DEFAULT: DefaultBrokerageModel,
    BrokerageName.INTERACTIVE_BROKERS_BROKERAGE: InteractiveBrokersBrokerageModel,
    BrokerageName.INTERACTIVE_BROKERS_FIX: InteractiveBrokersBrokerageModel,
    BrokerageName.OANDA_BROKERAGE: OandaBrokerageModel, BrokerageName.COINBASE: CoinbaseBrokerageModel,
    BrokerageName.BINANCE: BinanceBrokerageModel, BrokerageName.GDAX: GDAXBrokerageModel,
    BrokerageName.BYBIT: BybitBrokerageModel,
}  # fmt: skip
KNOWN: dict[BrokerageName, type[_Broker]] = {
    BrokerageName.ALPACA: AlpacaBrokerageModel, BrokerageName.ALPHA_STREAMS: AlphaStreamsBrokerageModel,
    BrokerageName.AXOS: AxosClearingBrokerageModel, BrokerageName.CHARLES_SCHWAB: CharlesSchwabBrokerageModel,
    BrokerageName.EXANTE: ExanteBrokerageModel, BrokerageName.EZE: EzeBrokerageModel, BrokerageName.RBI: RBIBrokerageModel,
    BrokerageName.TASTYTRADE: TastytradeBrokerageModel, BrokerageName.TD_AMERITRADE: TDAmeritradeBrokerageModel,
    BrokerageName.TRADE_STATION: TradeStationBrokerageModel, BrokerageName.TRADIER_BROKERAGE: TradierBrokerageModel,
    BrokerageName.WOLVERINE: WolverineBrokerageModel,
}  # fmt: skip


def make(model: Any, account_type: AccountType = AccountType.MARGIN) -> BrokerageModel:
    """A brokerage model of a name, with a warning of what it lacks, or the one given."""
    if not isinstance(model, BrokerageName):
        if hasattr(model, "get_fee_model"):
            return model  # type: ignore[no-any-return]
        raise UnsupportedError(f"set_brokerage_model({model!r}): expected a BrokerageName, or a model of a broker.")
    if model in QUIET:
        return QUIET[model](account_type)
    kind: type[DefaultBrokerageModel] = KNOWN.get(model, DefaultBrokerageModel)
    text = FEES_ONLY if model in KNOWN else AS_DEFAULT
    warnings.warn(RegimeWarning(text.format(name=f"BrokerageName.{model.name}")), stacklevel=3)
    return kind(account_type)
