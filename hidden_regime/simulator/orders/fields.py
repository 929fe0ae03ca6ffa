"""The prices that orders may have, once. LEAN's `OrderField` names them; whatever shows an order's prices shows these."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from hidden_regime.simulator.enums import OrderField

T = TypeVar("T", bound=type)
FLAGS = ("trailing_as_percentage",)
"""Fields that are no prices."""
PRICES = tuple(name for name in (field.name.lower() for field in OrderField) if name not in FLAGS)


def each_price(member: Callable[[str], Any]) -> Callable[[T], T]:
    """Class decorator: a member for each price, under its name."""

    def shown(cls: T) -> T:
        for name in PRICES:
            setattr(cls, name, member(name))
        return cls

    return shown
