"""What brokers say of orders that they don't take, in LEAN's words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hidden_regime.simulator.enums import OrderType
from hidden_regime.simulator.rounding import exact, plain

WARNING = "Warning - Code: NotSupported - {}"
NO_CHANGE = "Brokerage does not support update. You must cancel and re-create instead."
NO_UPDATE = f"Warning - Code: 0 - {NO_CHANGE}"
NO_TYPE = "The {} does not support {} order type. Only supports [{}]"
NO_KIND = "The {} does not support {} security type."
NO_FORCE = "The {} does not support {} time in force."
TOO_FEW = "The minimum order size (in quote currency) for {} is {}. Order quantity was {}."
TOO_SMALL = "The minimum order size (in quote currency) for {} is {}. Order size was {}."
Answer = tuple[bool, str]
TAKEN: Answer = (True, "")


def refused(text: str) -> Answer:
    """An order isn't taken."""
    return False, WARNING.format(text)


def no_type(broker: Any, order: Any, taken: Sequence[OrderType]) -> Answer:
    """Not this kind of order."""
    return refused(NO_TYPE.format(type(broker).__name__, order.type.to_string(), ",".join(t.to_string() for t in taken)))


def no_kind(broker: Any, security: Any) -> Answer:
    """Not this kind of asset."""
    return refused(NO_KIND.format(type(broker).__name__, security.type.to_string()))


def no_force(broker: Any, order: Any) -> Answer:
    """Not with this time in force."""
    return refused(NO_FORCE.format(type(broker).__name__, type(order.time_in_force).__name__))


def too_few(security: Any, quantity: float) -> Answer:
    """Fewer than the least order."""
    least = security.symbol_properties.minimum_order_size
    return refused(TOO_FEW.format(security.symbol.value, exact(least), exact(quantity)))


def too_small(security: Any, size: float) -> Answer:
    """Worth less than the least order."""
    least = security.symbol_properties.minimum_order_size
    return refused(TOO_SMALL.format(security.symbol.value, exact(least), plain(size, 16)))
