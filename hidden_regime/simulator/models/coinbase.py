"""Coinbase: a cash account for coins."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from hidden_regime.simulator.enums import AccountType, OrderStatus, OrderType, SecurityType
from hidden_regime.simulator.failures import ArgumentException
from hidden_regime.simulator.models.brokerages import DefaultBrokerageModel
from hidden_regime.simulator.models.cash_buying_power import CashBuyingPowerModel
from hidden_regime.simulator.models.fees import CashAmount, FeeModel, OrderFee, OrderFeeParameters
from hidden_regime.simulator.models.refusals import TAKEN, Answer, no_kind, no_type, refused, too_few
from hidden_regime.simulator.orders.coin_properties import CoinbaseOrderProperties, rests
from hidden_regime.simulator.orders.properties import TimeInForce

TAKES = (OrderType.LIMIT, OrderType.MARKET, OrderType.STOP_LIMIT, OrderType.STOP_MARKET)
STOPS_END = datetime(2019, 3, 23, 1)
CASH_ONLY = "The Coinbase brokerage does not currently support Margin trading. (Parameter 'accountType')"
NO_STOPS = "Stop Market orders are no longer supported since 03/23/2019 01:00:00."
ONLY_LIMITS = "Order with type {} can't be modified, only LIMIT."
NOT_FOR_EVER = "Order's parameter 'TimeInForce' is not instance of Good Til Cancelled class."
NOT_NOW = "Order with status {} can't be modified"
CHANGEABLE = (OrderStatus.NEW, OrderStatus.PARTIALLY_FILLED, OrderStatus.SUBMITTED, OrderStatus.UPDATE_SUBMITTED)
STABLE = frozenset({
    "DAIUSDC", "DAIUSD", "GYENUSD", "PAXUSD", "PAXUSDT", "MUSDUSD", "USDCEUR", "USDCGBP", "USDTEUR", "USDTGBP", "USDTUSD",
    "USDTUSDC", "USTEUR", "USTUSD", "USTUSDT", "WBTCBTC",
})  # fmt: skip
"""Pairs of coins that are worth the same, which are charged less."""
UNTIL = ((datetime(2019, 3, 23, 1, 30), (0.0, 0.003)), (datetime(2019, 10, 8, 0, 30), (0.0015, 0.0025)))
"""Until when (UTC) which shares were charged to makers and takers."""


def shares(utc: datetime, *, stable: bool, latest: tuple[float, float]) -> tuple[float, float]:
    """What makers and takers were charged at a time, as shares of an order's value."""
    if stable:
        return (0.0, 0.001) if utc < datetime(2022, 6, 1) else (0.0, 0.00001)
    return next((charged for end, charged in UNTIL if utc < end), latest)


class CoinbaseFeeModel(FeeModel):
    """A share of the order's value at the market's bid or ask, in quote currency, as Coinbase charged it at the time."""

    def __init__(self, maker_fee: float = 0.006, taker_fee: float = 0.008) -> None:
        self._latest = float(maker_fee), float(taker_fee)

    def get_order_fee(self, parameters: OrderFeeParameters) -> OrderFee:
        """Fee of an order."""
        order, security = parameters.order, parameters.security
        maker, taker = shares(order.utc, stable=security.symbol.value in STABLE, latest=self._latest)
        price = security.ask_price if order.quantity > 0 else security.bid_price
        return OrderFee(
            CashAmount(
                price * abs(order.quantity) * (maker if rests(order, CoinbaseOrderProperties) else taker),
                security.quote_cash.symbol,
            )
        )


class GDAXFeeModel(CoinbaseFeeModel):
    """Coinbase's under its former name."""


class CoinbaseBrokerageModel(DefaultBrokerageModel):
    """Coinbase: coins for cash, without leverage."""

    default_benchmark = ("BTCUSD", SecurityType.CRYPTO, "coinbase")
    trading_days = 365

    def __init__(self, account_type: AccountType = AccountType.CASH) -> None:
        super().__init__(account_type)
        if self.account_type == AccountType.MARGIN:
            raise ArgumentException(CASH_ONLY)

    def get_leverage(self, security: Any) -> float:
        """Leverage of a security."""
        return 1.0

    def get_fee_model(self, security: Any) -> Any:
        """Fee model of a security."""
        return CoinbaseFeeModel()

    def get_buying_power_model(self, security: Any) -> Any:
        """Buying power model of a security."""
        return CashBuyingPowerModel()

    def can_submit_order(self, security: Any, order: Any, message: Any = None) -> Answer:
        """Whether it takes an order, and what it says otherwise."""
        least = security.symbol_properties.minimum_order_size
        if least is not None and abs(order.quantity) < least:
            return too_few(security, order.quantity)
        if security.type != SecurityType.CRYPTO:
            return no_kind(self, security)
        if order.type not in TAKES:
            return no_type(self, order, TAKES)
        if order.type == OrderType.STOP_MARKET and order.utc >= STOPS_END:
            return refused(NO_STOPS)
        return TAKEN

    def can_update_order(self, security: Any, order: Any, request: Any, message: Any = None) -> Answer:
        """Whether it changes an order, and what it says otherwise."""
        if order.type != OrderType.LIMIT:
            return refused(ONLY_LIMITS.format(order.type.to_string()))
        if order.time_in_force is not TimeInForce.GOOD_TIL_CANCELED:
            return refused(NOT_FOR_EVER)
        if order.status not in CHANGEABLE:
            return refused(NOT_NOW.format(order.status.to_string()))
        least = security.symbol_properties.minimum_order_size
        if request.quantity is not None and least is not None and abs(request.quantity) < least:
            return too_few(security, request.quantity)
        return TAKEN


class GDAXBrokerageModel(CoinbaseBrokerageModel):
    """Coinbase under its former name."""
