"""Security initialisers: what happens to each security as it is added."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hidden_regime.simulator.managed import Managed


class BrokerageModelSecurityInitializer(metaclass=Managed):
    """Gives a security its broker's models, and perhaps a first price.

    Parameters
    ----------
    brokerage_model : BrokerageModel
    security_seeder : FuncSecuritySeeder or callable, optional
        Finds a first price.
    """

    def __init__(self, brokerage_model: Any, security_seeder: Any = None) -> None:
        self._model, self._seeder = brokerage_model, security_seeder

    def initialize(self, security: Any) -> None:
        """Give a security its models."""
        model = self._model
        security.fill_model = model.get_fill_model(security)
        security.fee_model = model.get_fee_model(security)
        security.slippage_model = model.get_slippage_model(security)
        security.settlement_model = model.get_settlement_model(security)
        security.buying_power_model = model.get_buying_power_model(security)
        for name in ("shortable_provider", "margin_interest_rate_model"):
            found = getattr(model, f"get_{name}", None)
            if found is not None:
                setattr(security, name, found(security))
        seed = getattr(self._seeder, "seed_security", self._seeder)
        if seed is not None:
            seed(security)


class FuncSecuritySeeder(metaclass=Managed):
    """Finds a first price with a function of the security that gives data, or a list of them."""

    def __init__(self, function: Callable[[Any], Any]) -> None:
        self._function = function

    def seed_security(self, security: Any) -> bool:
        """Set the price, if the function finds one."""
        found = self._function(security)
        data = list(found) if isinstance(found, (list, tuple)) else [found]
        known = [item for item in data if item is not None]
        for item in known:
            security.set_market_price(item)
        return bool(known)


class FuncSecurityInitializer(metaclass=Managed):
    """Calls a function with each security. Its broker's models are then not applied, as in LEAN."""

    def __init__(self, function: Callable[[Any], Any]) -> None:
        self._function = function

    def initialize(self, security: Any) -> None:
        """Call the function."""
        self._function(security)


class CompositeSecurityInitializer(metaclass=Managed):
    """Several, one after the other."""

    def __init__(self, *initializers: Any) -> None:
        self._initializers = list(initializers)

    def begin_with(self, broker: BrokerageModelSecurityInitializer) -> None:
        """Give securities another broker's models, first of all."""
        place = next((i for i, known in enumerate(self._initializers) if isinstance(known, type(broker))), None)
        self._initializers[slice(0, 0) if place is None else slice(place, place + 1)] = [broker]

    def add_security_initializer(self, initializer: Any) -> None:
        """Run another, last."""
        self._initializers.append(initializer)

    def initialize(self, security: Any) -> None:
        """Run each."""
        for item in self._initializers:
            (getattr(item, "initialize", None) or item.Initialize)(security)
