"""What brokers of coins know of an order."""

from __future__ import annotations

from typing import Any

from hidden_regime.simulator.enums import OrderType
from hidden_regime.simulator.orders.properties import OrderProperties


class CoinbaseOrderProperties(OrderProperties):
    """What Coinbase knows of an order. One that is `post_only` pays the maker's fee, if it is a limit order."""

    def __init__(self) -> None:
        super().__init__()
        self.post_only = self.self_trade_prevention_id = False


class GDAXOrderProperties(CoinbaseOrderProperties):
    """Coinbase's under its former name."""


class BinanceOrderProperties(OrderProperties):
    """What Binance knows of an order: `post_only` as at Coinbase."""

    def __init__(self) -> None:
        super().__init__()
        self.post_only = False


class BybitOrderProperties(OrderProperties):
    """What Bybit knows of an order: `post_only` as at Coinbase; `reduce_only` matters in live trading only."""

    def __init__(self) -> None:
        super().__init__()
        self.post_only = False
        self.reduce_only: bool | None = None


def rests(order: Any, kind: type[OrderProperties]) -> bool:
    """Whether an order waits in a broker's book: a limit away from the market, or one that the broker's properties say it of."""
    if order.type != OrderType.LIMIT:
        return False
    told = isinstance(order.properties, kind) and getattr(order.properties, "post_only", False)
    return bool(told or not order.is_marketable)
