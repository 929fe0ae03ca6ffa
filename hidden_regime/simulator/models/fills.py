"""Fill models: at what price orders fill. The rules of equities are in `orders/kinds`, by kind of order."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from hidden_regime.simulator.enums import OrderStatus
from hidden_regime.simulator.managed import OURS, Managed
from hidden_regime.simulator.models import general_fills
from hidden_regime.simulator.orders.events import OrderEvent
from hidden_regime.simulator.orders.kinds import KINDS
from hidden_regime.simulator.spelling import pascal

if TYPE_CHECKING:
    from hidden_regime.simulator.account.security import Security
    from hidden_regime.simulator.orders.order import Fill, Order


class FillModel(metaclass=Managed):
    """Base of fill models. Override one of its functions: `market_fill(asset, order)`, `limit_fill`, `stop_market_fill`,
    `stop_limit_fill`, `trailing_stop_fill`, `limit_if_touched_fill`, `market_on_open_fill`, `market_on_close_fill`.

    Each gives an `OrderEvent`; one without `fill_quantity` is no fill. What isn't overridden is as in LEAN's base model; the
    rules of equities are those of `EquityFillModel`.
    """


class EquityFillModel(FillModel):
    """What LEAN uses for equities: the rules of `orders/kinds`."""


class ImmediateFillModel(FillModel):
    """The rules of the base."""


class LatestPriceFillModel(ImmediateFillModel):
    """The same: of equities a quote that has just come is as late as the trade beside it."""


def attempt(model: Any, order: Order, security: Security, now: datetime) -> Fill | None:
    """The fill that a built-in model finds in the market of this moment, if any."""
    if isinstance(model, EquityFillModel):
        return order.attempt(security, now)
    return general_fills.attempt(order, security, now)


def _rule(name: str) -> Callable[[FillModel, Security, Order], OrderEvent]:
    def fill(self: FillModel, asset: Security, order: Order) -> OrderEvent:
        event = OrderEvent(order, order.utc, order.status)
        found = attempt(self, order, asset, asset.now)
        if found is not None:
            event.status, event.fill_price, event.message = OrderStatus.FILLED, found.price, found.message
            event.fill_quantity = order.quantity - order.quantity_filled
        return event

    fill.__name__ = name
    fill.__doc__ = f"Fill of a {name.removesuffix('_fill').replace('_', ' ')} order, if this moment's market gives one."
    return fill


RULES = {kind: f"{kind.name.lower()}_fill" for kind in KINDS}
for _name in RULES.values():
    _function = _rule(_name)
    type.__setattr__(FillModel, _name, _function)
    type.__setattr__(FillModel, pascal(_name), _function)


def is_ours(model: Any) -> bool:
    """Whether a model keeps to the built-in rules."""
    return FillModel in type(model).__mro__ and type(model).__module__.startswith(OURS)


def ask(model: Any, security: Security, order: Order) -> OrderEvent:
    """Answer of a user's model. It may reckon with numpy, whose numbers go no further."""
    event: OrderEvent = getattr(model, RULES[order.type])(security, order)
    event.fill_price, event.fill_quantity = float(event.fill_price), float(event.fill_quantity)
    return event
