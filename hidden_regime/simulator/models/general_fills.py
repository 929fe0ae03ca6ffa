"""Fills by LEAN's base model, which a strategy's own `FillModel` and `ImmediateFillModel` keep to.

It looks at the last bar of asks or bids for every kind of order, where the model of equities looks at trades for most. It knows
no gaps at the open, and a market order of hours or days that was there before a bar fills at the bar's open.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from hidden_regime.simulator.enums import Resolution
from hidden_regime.simulator.models.slippage import slippage_of
from hidden_regime.simulator.orders.kinds import (
    LimitIfTouchedOrder,
    LimitOrder,
    MarketOnCloseOrder,
    MarketOnOpenOrder,
    MarketOrder,
    StopMarketOrder,
)
from hidden_regime.simulator.orders.kinds.market import is_waited_for
from hidden_regime.simulator.orders.order import Fill, Order
from hidden_regime.simulator.orders.prices import Range, last_range

if TYPE_CHECKING:
    from hidden_regime.simulator.account.security import Security

STALE = "Warning: fill at stale price ({:%m/%d/%Y %H:%M:%S} {})"
COARSE = (Resolution.HOUR, Resolution.DAILY)


def _slipped(price: float, order: Order, security: Security) -> float:
    slip = slippage_of(security, order)
    return price + (slip if order.quantity > 0 else -slip)


def _market(order: Order, security: Security, now: datetime) -> Fill | None:
    found = last_range(security, buys=order.quantity > 0)
    if found is None or not security.fills_at(now):
        return None
    message = ""
    if order.sent - found.end_time > security.stale_after:
        if is_waited_for(order, security, found.end_time):
            return None
        message = STALE.format(found.end_time, security.exchange.time_zone)
    rested = security.resolution in COARSE and order.sent <= found.time
    return Fill(_slipped(found.open if rested else found.close, order, security), message)


def _limit(order: LimitOrder, security: Security, now: datetime) -> Fill | None:
    found = order.fresh_range(security, now)
    if found is None:
        return None
    if order.quantity > 0:
        return Fill(min(found.high, order.limit_price)) if found.low < order.limit_price else None
    return Fill(max(found.low, order.limit_price)) if found.high > order.limit_price else None


def _stop_market(order: StopMarketOrder, security: Security, now: datetime) -> Fill | None:
    found = order.fresh_range(security, now)
    if found is None:
        return None
    price = _slipped(found.close, order, security)
    if order.quantity > 0:
        return Fill(max(order.stop_price, price)) if found.high > order.stop_price else None
    return Fill(min(order.stop_price, price)) if found.low < order.stop_price else None


def _limit_if_touched(order: LimitIfTouchedOrder, security: Security, now: datetime) -> Fill | None:
    bar, quote = order.fresh_bar(security, now), security.quote
    if bar is None:
        return None
    buys = order.quantity > 0
    reached = bar.low <= order.trigger_price if buys else bar.high >= order.trigger_price
    order.trigger_touched = order.trigger_touched or reached
    price = bar.close
    if quote is not None:
        side = quote.bid if buys else quote.ask  # of the other side than in the model of equities, as LEAN has it
        price = quote.close if side is None else side.close
    allowed = price <= order.limit_price if buys else price >= order.limit_price
    return Fill(order.limit_price) if order.trigger_touched and allowed else None


def _market_on_open(order: Order, security: Security, now: datetime) -> Fill | None:
    bar, hours = security.latest, security.exchange
    if bar is None or order.sent >= bar.end_time or not security.fills_at(now):
        return None
    if hours.open_at(order.sent) and order.sent.date() == now.date():
        return None
    found = last_range(security, buys=order.quantity > 0)
    return None if found is None else Fill(_slipped(found.open, order, security))


def _market_on_close(order: Order, security: Security, now: datetime) -> Fill | None:
    found: Range | None = last_range(security, buys=order.quantity > 0)
    if found is None or now < security.exchange.next_close(order.sent):
        return None
    if security.is_valued and not security.fills_at(now):
        return None
    return Fill(_slipped(found.close, order, security))


RULES: dict[type[Order], Callable[..., Fill | None]] = {
    MarketOrder: _market, LimitOrder: _limit, StopMarketOrder: _stop_market, LimitIfTouchedOrder: _limit_if_touched,
    MarketOnOpenOrder: _market_on_open, MarketOnCloseOrder: _market_on_close,
}  # fmt: skip


def attempt(order: Order, security: Security, now: datetime) -> Fill | None:
    """The fill that the market of this moment gives, if any. Stop limits and trailing stops are those of equities."""
    rule = RULES.get(type(order))
    return order.attempt(security, now) if rule is None else rule(order, security, now)
