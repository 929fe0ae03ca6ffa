"""Fill models: at what price orders fill. The rules of each kind of order are in `orders/kinds`."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from hidden_regime.simulator.enums import OrderStatus
from hidden_regime.simulator.managed import OURS, Managed
from hidden_regime.simulator.orders.events import OrderEvent
from hidden_regime.simulator.orders.kinds import KINDS
from hidden_regime.simulator.spelling import pascal

if TYPE_CHECKING:
    from hidden_regime.simulator.account.security import Security
    from hidden_regime.simulator.orders.order import Order


class FillModel(metaclass=Managed):
    """Base of fill models. Override one of its functions: `market_fill(asset, order)`, `limit_fill`, `stop_market_fill`,
    `stop_limit_fill`, `trailing_stop_fill`, `limit_if_touched_fill`, `market_on_open_fill`, `market_on_close_fill`.

    Each gives an `OrderEvent`; one whose status isn't FILLED is no fill.
    """


class EquityFillModel(FillModel):
    """What LEAN uses for equities."""


class ImmediateFillModel(FillModel):
    """The same rules."""


class LatestPriceFillModel(ImmediateFillModel):
    """The same rules: with trades only, the latest price is the last close."""


def _rule(name: str) -> Callable[[FillModel, Security, Order], OrderEvent]:
    def fill(self: FillModel, asset: Security, order: Order) -> OrderEvent:
        event = OrderEvent(order, order.utc, order.status)
        found = order.attempt(asset, asset.now)
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
    """Answer of a user's model."""
    return getattr(model, RULES[order.type])(security, order)  # type: ignore[no-any-return]
