"""Binance: coins, in a cash or a margin account."""

from __future__ import annotations

from typing import Any, ClassVar

from hidden_regime.simulator.enums import OrderType, SecurityType
from hidden_regime.simulator.models.coin_broker import CoinBrokerageModel
from hidden_regime.simulator.models.fees import CashAmount, FeeModel, OrderFee, OrderFeeParameters
from hidden_regime.simulator.models.refusals import NO_UPDATE, TAKEN, Answer, no_kind, no_type, refused, too_small
from hidden_regime.simulator.orders.coin_properties import BinanceOrderProperties, rests
from hidden_regime.simulator.orders.properties import OrderProperties

SHARE = 0.001
NAMED = (OrderType.STOP_MARKET, OrderType.STOP_LIMIT, OrderType.MARKET, OrderType.LIMIT)
NO_STOPS = (
    "StopMarket orders are not supported for this symbol. Please check 'https://api.binance.com/api/v3/exchangeInfo?symbol={}' "
    "to see supported order types."
)
NO_DATA = (
    "There is no data for this symbol yet, please check the security.HasData flag to ensure there is at least one data point."
)


class BinanceFeeModel(FeeModel):
    """A thousandth: of what is bought in its own currency, of what is sold in quote currency."""

    properties: ClassVar[type[OrderProperties]] = BinanceOrderProperties
    """Those that can say that an order is to wait in the book."""

    def __init__(self, m_fee: float = SHARE, t_fee: float = SHARE) -> None:
        self._maker, self._taker = float(m_fee), float(t_fee)

    def get_order_fee(self, parameters: OrderFeeParameters) -> OrderFee:
        """Fee of an order."""
        order, security = parameters.order, parameters.security
        share = self._maker if rests(order, self.properties) else self._taker
        if order.quantity > 0:
            base = getattr(security, "base_cash", security.quote_cash)
            return OrderFee(CashAmount(abs(order.quantity) * share, base.symbol))
        price = order.limit_price if order.type == OrderType.LIMIT else security.bid_price
        return OrderFee(CashAmount(price * abs(order.quantity) * share, security.quote_cash.symbol))


class BinanceBrokerageModel(CoinBrokerageModel):
    """Binance: without leverage in a cash account, with 3 in a margin account. Orders can't be changed."""

    default_benchmark = ("BTCUSDC", SecurityType.CRYPTO, "binance")
    crypto_market = "binance"
    borrows = 3.0

    def get_fee_model(self, security: Any) -> Any:
        """Fee model of a security."""
        return BinanceFeeModel()

    def can_submit_order(self, security: Any, order: Any, message: Any = None) -> Answer:
        """Whether it takes an order, and what it says otherwise."""
        prices = self._prices(security, order)
        if not isinstance(prices, list):
            return prices
        least = security.symbol_properties.minimum_order_size
        small = [price for price in prices if least is not None and not abs(order.quantity) * price > least]
        if small:
            return too_small(security, order.quantity * small[0])
        return TAKEN if security.type == SecurityType.CRYPTO else no_kind(self, security)

    def _prices(self, security: Any, order: Any) -> list[float] | Answer:
        """Prices at which an order must be large enough, or why it isn't taken whatever its size."""
        if order.type == OrderType.LIMIT:
            return [order.limit_price]
        if order.type == OrderType.MARKET:
            if not security.has_data:
                return refused(NO_DATA)
            return [security.ask_price if order.quantity > 0 else security.bid_price]
        if order.type == OrderType.STOP_LIMIT:
            return [order.limit_price, order.stop_price]
        if order.type == OrderType.STOP_MARKET:
            return refused(NO_STOPS.format(security.symbol_properties.market_ticker))
        return no_type(self, order, NAMED)

    def can_update_order(self, security: Any, order: Any, request: Any, message: Any = None) -> Answer:
        """It never does."""
        return False, NO_UPDATE
