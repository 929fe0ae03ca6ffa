"""The kinds of orders, one file each.

A new kind is a new file and a name in `KINDS`; where LEAN's enumerations grow with it, a line in `enums`: its type in
`OrderType`, and in `OrderField` a price that no other kind has. The algorithm's method, requests, events, results and fill
models follow. That a ticket changes a new price by a method of its own is a method of `OrderTicket`.
"""

from hidden_regime.simulator.orders.kinds.limit import LimitOrder
from hidden_regime.simulator.orders.kinds.limit_if_touched import LimitIfTouchedOrder
from hidden_regime.simulator.orders.kinds.market import MarketOrder
from hidden_regime.simulator.orders.kinds.market_on_close import MarketOnCloseOrder
from hidden_regime.simulator.orders.kinds.market_on_open import MarketOnOpenOrder
from hidden_regime.simulator.orders.kinds.stop_limit import StopLimitOrder
from hidden_regime.simulator.orders.kinds.stop_market import StopMarketOrder
from hidden_regime.simulator.orders.kinds.trailing_stop import TrailingStopOrder

KINDS = {
    kind.type: kind
    for kind in (
        MarketOrder, LimitOrder, StopMarketOrder, StopLimitOrder, MarketOnOpenOrder, MarketOnCloseOrder, LimitIfTouchedOrder,
        TrailingStopOrder,
    )
}  # fmt: skip

__all__ = [
    "KINDS", "LimitIfTouchedOrder", "LimitOrder", "MarketOnCloseOrder", "MarketOnOpenOrder", "MarketOrder", "StopLimitOrder",
    "StopMarketOrder", "TrailingStopOrder",
]  # fmt: skip
